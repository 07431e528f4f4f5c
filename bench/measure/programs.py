"""Running programs, and what they used of the machine."""

import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from .turns import Turn

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
CDCBENCH = BUILD / "cdcbench"


def output(*words, stdin=None):
    done = subprocess.run([str(w) for w in words], input=stdin, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Used:
    """What one program took: seconds by the clock, CPU seconds, the most memory it had."""

    def __init__(self, *words, stdin=""):
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told:
            told.write(stdin.encode())
            told.seek(0)
            start = time.monotonic()
            process = subprocess.Popen([str(w) for w in words], stdin=told, stdout=said,
                                       stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            self.output = said.read().decode()
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, words))}: exit code {process.returncode}\n{self.output}")
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.peak_bytes = usage.ru_maxrss * 1024


def cdcbench_run(server, *options, phase, operation, taps="none"):
    """`cdcbench run`: a Turn of one phase and operation. CPU and memory are the whole process's."""
    with tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        before = server.cpu_s()
        used = Used(CDCBENCH, "run", "--dsn", "", "--taps", taps, "--quiet", "--out", f"{folder}/run",
                    *options)
        server_cpu = server.cpu_s() - before
        with open(f"{folder}/run/summary.csv", newline="", encoding="utf-8") as file:
            rows = {(r["phase"], r["operation"]): r for r in csv.DictReader(file)}
    found = rows[(phase, operation)]
    return Turn(rows=int(found["rows"]), seconds=float(found["seconds"]), client_cpu_s=used.cpu_s,
                server_cpu_s=server_cpu, client_peak_bytes=used.peak_bytes)
