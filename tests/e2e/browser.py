"""A headless Chromium that looks at pages: Debian's chromium and chromium-driver, through selenium."""

import contextlib
import os
import shutil
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

# Quiet, on its own, and nothing fetched behind the test's back; without a sandbox only where the user is
# root, for whom Chromium has none.
ARGUMENTS = ["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage"]


def program(name):
    path = shutil.which(name)
    assert path, f"{name} is not installed: apt-get install chromium chromium-driver"
    return path


@contextlib.contextmanager
def browser(width=1280, height=900, scheme="light"):
    """A browser whose console is kept, with a profile of its own that is gone afterwards."""
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium")
    profile = tempfile.mkdtemp(prefix="cdcbench-chromium-")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    for argument in [*ARGUMENTS, *sandbox, f"--user-data-dir={profile}",
                     f"--window-size={width},{height}"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    try:
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def open_page(driver, address):
    """Opens a page of ours, which is drawn when it says so, and must not complain."""
    driver.get(address)
    assert driver.execute_script("return document.body.dataset.drawn") == "yes", console(driver)
    assert console(driver) == []


def console(driver):
    return driver.get_log("browser")
