"""report.html, looked at in Chromium: of a run just made, and of a reference run."""

import csv
import pathlib
import re
import shutil

import pytest

import cdc
from browser import browser, console, open_page

REFERENCE = cdc.ROOT / "results/reference/page"

# Of every canvas: its name, and whether anything is drawn on it in a colour, which grids are not.
CANVASES = """
return [...document.querySelectorAll('canvas')].map(canvas => {
  const {width, height} = canvas;
  const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  let coloured = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const [r, g, b, a] = pixels.slice(i, i + 4);
    if (a > 128 && Math.max(r, g, b) - Math.min(r, g, b) > 40) coloured++;
  }
  return [canvas.getAttribute('aria-label'), coloured];
})"""

TABLES = """
return [...document.querySelectorAll('table')].map(table => ({
  caption: table.caption.textContent,
  rows: [...table.tBodies[0].rows].map(row => [...row.cells].map(cell =>
    [cell.dataset.value, cell.textContent]))}))"""


def reported(source, folder):
    """A copy of a run's files alone, and its page drawn from them."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("report.html", "sizing.*"))
    done = cdc.run("report", str(folder)).expect(0)
    page = folder / "report.html"
    assert done.stdout == f"{page}\n"
    return page


@pytest.fixture(scope="module")
def page(module_database, tmp_path_factory):
    """Of a run just made: drawn at its end, and named in the last line of its summary."""
    folder = tmp_path_factory.mktemp("page") / "run"
    done = cdc.run("run", "--rows", "3k", "-T", "3s", "-R", "1k", dsn=module_database.dsn,
                   out=folder).expect(0)
    assert done.stdout.splitlines()[-1] == str(folder / "report.html")
    return folder / "report.html"


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return reported(REFERENCE, tmp_path_factory.mktemp("reference") / "run")


def rows_of(folder, name):
    with open(folder / name, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def test_every_chart_is_drawn_and_nothing_is_complained_of(page):
    with browser() as driver:
        open_page(driver, page.as_uri())
        canvases = driver.execute_script(CANVASES)
        names = " ".join(name for name, _ in canvases)
        for expected in ("inserts", "updates", "seen by the taps", "lag on wal", "stages on wal",
                         "latency of inserts", "lag by percentile", "operations by percentile", "backlog",
                         "replication slots", "CPU", "memory"):
            assert expected in names
        for name, coloured in canvases:
            assert coloured > 50, f"nothing is drawn in '{name}'"
        assert console(driver) == []


def test_tables_hold_what_the_csv_files_hold(reference):
    with browser() as driver:
        open_page(driver, reference.as_uri())
        tables = driver.execute_script(TABLES)
    held = {}
    for table in tables:
        name = re.search(r"(\w+\.csv)", table["caption"]).group(1)
        held.setdefault(name, []).extend([value for value, _ in row] for row in table["rows"])
    assert set(held) == {"summary.csv", "lag.csv", "lag_transactions.csv", "verify.csv"}
    for name, rows in held.items():
        assert rows == rows_of(reference.parent, name)
    for table in tables:
        for value, text in (cell for row in table["rows"] for cell in row):
            assert (value == "") == (text == "–")
            if re.fullmatch(r"\d{4,}", value) and "s" not in text and "B" not in text:
                assert text == f"{int(value):,}"


def test_the_answer_is_the_main_phase_s(reference):
    lag = [row for row in rows_of(reference.parent, "lag.csv")
           if row[:4] == ["mixed", "kafka", "all", "commit_to_receipt"]]
    assert lag
    with browser() as driver:
        open_page(driver, reference.as_uri())
        answer = driver.find_element("id", "answer").text
    assert "VERIFIED" in answer and "230,000 changes, each seen once" in answer
    assert "528 ms" in answer and lag[0][8].startswith("52")
    assert "Of the mean, 43 % is debezium → produce" in answer


def test_crosshair_and_legend_work_by_keyboard(reference):
    with browser() as driver:
        open_page(driver, reference.as_uri())
        press = """
            const frame = document.querySelector('.frame');
            frame.dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0], bubbles: true}));"""
        for key in ("End", "ArrowLeft"):
            driver.execute_script(press, key)
        values = driver.execute_async_script("""
            const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() =>
              done([...document.querySelectorAll('.key output')].map(o => o.textContent))))""")
        shown = [value for value in values if value]
        assert len(shown) > 20, "the crosshair is in every plot over time"
        assert "acknowledged" in driver.execute_script(
            "return document.getElementById('spoken').textContent")
        before = driver.execute_script(CANVASES)[0][1]
        driver.execute_script("""
            for (const key of document.querySelectorAll('.plot')[0].querySelectorAll('.key')) key.click();""")
        assert driver.execute_script(
            "return document.querySelector('.key').getAttribute('aria-pressed')") == "false"
        assert driver.execute_script(CANVASES)[0][1] < before
        assert driver.execute_script(
            "return [...document.querySelectorAll('canvas')].every(c => c.getAttribute('role') === 'img')")


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_beyond_the_edge_in_either_scheme(reference, width, scheme):
    with browser(width=width, height=800, scheme=scheme) as driver:
        open_page(driver, reference.as_uri())
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width
        dark = driver.execute_script("""
            const [r] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);
            return Number(r) < 100""")
        assert dark == (scheme == "dark")


def test_an_hour_s_page_is_small_and_keeps_the_extremes(reference, tmp_path):
    """3,600 rows made of the reference run's, over and over, and one value far above all others."""
    folder = tmp_path / "hour"
    shutil.copytree(reference.parent, folder)
    with open(folder / "timeline.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    lag = head.index("kafka_lag_max_us")
    with open(folder / "timeline.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        for second in range(3600):
            row = list(rows[1 + second % (len(rows) - 2)])
            row[head.index("second")] = f"{second + 1}.000"
            if second == 1234:
                row[lag] = "98765432"
            writer.writerow(row)
    cdc.run("report", str(folder)).expect(0)
    page = folder / "report.html"
    assert page.stat().st_size < 2_000_000
    assert "98765432" in page.read_text(encoding="utf-8")
    with browser() as driver:
        open_page(driver, page.as_uri())
        assert "3,600 seconds were measured; a point is of 4" in driver.find_element("id", "throughput").text


def test_the_page_reaches_for_nothing(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["'](https?:)?//""", text)
    assert "default-src 'none'" in text


def test_report_says_what_it_cannot_read(tmp_path):
    done = cdc.run("report", str(tmp_path)).expect(1)
    assert f"cannot read {tmp_path}/run.json" in done.stderr
    assert list(pathlib.Path(tmp_path).iterdir()) == []
    (tmp_path / "run.json").write_text("{")
    assert "cannot read" in cdc.run("report", str(tmp_path)).expect(1).stderr
