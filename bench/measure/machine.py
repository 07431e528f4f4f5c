"""What a manifest says of where it was made."""

import os
import pathlib
import platform
import re


def facts():
    return {"cpu": cpu_model(), "cores": os.cpu_count(), "kernel": platform.release()}


def cpu_model():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*: (.*)$", text, re.M)
    return found.group(1) if found else platform.machine()
