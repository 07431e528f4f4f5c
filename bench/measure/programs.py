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
TIME = "/usr/bin/time"  # GNU time, not the shell's


def output(*words, stdin=None):
    done = subprocess.run([str(w) for w in words], input=stdin, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Used:
    """What one program took: seconds by the clock, CPU seconds, the most memory it had.

    GNU time stands between: what a process has at most is counted from before its exec, so that a small
    program's would be that of the Python which started it."""

    def __init__(self, *words, stdin=""):
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told, \
                tempfile.NamedTemporaryFile() as peak:
            told.write(stdin.encode())
            told.seek(0)
            start = time.monotonic()
            process = subprocess.Popen([TIME, "--output", peak.name, "--format", "%M",
                                        *(str(w) for w in words)], stdin=told, stdout=said,
                                       stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            self.output = said.read().decode()
            if process.returncode != 0:
                sys.exit(f"{' '.join(map(str, words))}: exit code {process.returncode}\n{self.output}")
            self.peak_bytes = int(peak.read()) * 1024
        self.cpu_s = usage.ru_utime + usage.ru_stime


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def phase_cpu_s(folder, phase, who):
    """CPU seconds in the seconds of one phase, as the run itself saw them (timeline.csv)."""
    seconds = [float(row["interval_s"]) * float(row[f"{who}_cpu_percent"]) / 100
               for row in read_csv(f"{folder}/timeline.csv")
               if row["phase"] == phase and row[f"{who}_cpu_percent"]]
    return sum(seconds) if seconds else None


def cdcbench_run(server, *options, phase, operation, taps="none"):
    """`cdcbench run`: a Turn of one phase and operation. Its CPU is the whole process's, start and end
    included, where that phase is the only one, else what the run itself saw; memory the process's."""
    with tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        before = server.cpu_s()
        used = Used(CDCBENCH, "run", "--dsn", "", "--taps", taps, "--quiet", "--out", f"{folder}/run",
                    *options)
        server_cpu = server.cpu_s() - before
        rows = {(r["phase"], r["operation"]): r for r in read_csv(f"{folder}/run/summary.csv")}
        alone = {name for name, _ in rows} == {phase}
        found = rows[(phase, operation)]
        return Turn(
            rows=int(found["rows"]), seconds=float(found["seconds"]),
            client_cpu_s=used.cpu_s if alone else phase_cpu_s(f"{folder}/run", phase, "client"),
            server_cpu_s=server_cpu if alone else phase_cpu_s(f"{folder}/run", phase, "server"),
            client_peak_bytes=used.peak_bytes)
