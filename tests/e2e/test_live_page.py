"""The page at / of --listen, looked at in Chromium while the run goes on."""

import pytest

import cdc
from browser import browser, console
from server import free_port

DRAWN = """
return [...document.querySelectorAll('canvas')].filter(canvas => {
  const {width, height} = canvas;
  return canvas.getContext('2d').getImageData(0, 0, width, height).data.some(value => value > 0);
}).length"""
EMPTY = """
return [...document.querySelectorAll('section')].filter(section =>
  !section.querySelector('canvas, p, dl, pre, table')).map(section => section.id)"""


@pytest.fixture(scope="module")
def address(module_database, tmp_path_factory):
    """Of a run under way."""
    port = free_port()
    running = cdc.start("run", "--rows", "3k", "-T", "120s", "-R", "1k", "--listen", str(port),
                        dsn=module_database.dsn, out=tmp_path_factory.mktemp("live") / "run")
    try:
        cdc.await_true(lambda: not running.is_running() or module_database.count_updated() > 0,
                       "it updates")
        yield f"http://127.0.0.1:{port}/"
    finally:
        running.signal()
        running.end().expect(130)


def follow(driver, address):
    driver.get(address)
    cdc.await_true(lambda: seconds(driver) > 0, "a second is shown")


def seconds(driver):
    """How long the run has gone on, as the page says it: "0:13 so far, phase mixed"."""
    said = driver.execute_script("const said = document.querySelector('.verdict'); return said && said.textContent")
    if not said or ":" not in said:
        return 0
    minutes, rest = said.split(" so far")[0].removeprefix("● live").split(":")
    return 60 * int(minutes) + int(rest)


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_it_follows_the_run_at_every_width(address, width):
    with browser(width=width) as driver:
        follow(driver, address)
        first = seconds(driver)
        cdc.await_true(lambda: seconds(driver) >= first + 2, "the page moves on")
        assert driver.execute_script(DRAWN) == len(driver.find_elements("css selector", "canvas")) > 5
        assert driver.execute_script(EMPTY) == []
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width
        assert "cdcbench run --rows 3k" in driver.find_element("id", "environment").text
        assert console(driver) == []


def test_a_page_that_is_read_stays_as_it_is(address):
    with browser() as driver:
        follow(driver, address)
        driver.execute_script("document.querySelector('.frame').focus()")
        held = seconds(driver)
        driver.execute_async_script("setTimeout(arguments[0], 2500)")
        assert seconds(driver) == held
        driver.execute_script("document.activeElement.blur()")
        cdc.await_true(lambda: seconds(driver) > held, "it goes on")


def test_a_run_that_has_ended_is_told_of(database, out, started):
    port = free_port()
    running = started(cdc.start("run", "--rows", "3k", "-T", "120s", "-R", "1k", "--listen", str(port),
                                dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_updated() > 0, "it updates")
    with browser() as driver:
        follow(driver, f"http://127.0.0.1:{port}/")
        running.signal()
        running.end().expect(130)
        cdc.await_true(lambda: "does not answer any more" in driver.find_element("id", "foot").text,
                       "the page says so")
        assert driver.execute_script(DRAWN) > 5
