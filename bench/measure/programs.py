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


def cdcbench_cpu_s():
    """Of the cdcbench that Used has under way."""
    for time_pid in children(os.getpid()):
        for pid in children(time_pid):
            name, own_s, _ = cpu_s(pid)
            if name == CDCBENCH.name:
                return own_s
    raise SystemExit("cdcbench does not run")


def cpu_s(pid):
    """A process's name, its own CPU seconds, and those of its children that it has buried."""
    before, _, behind = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")
    ticks = [int(number) for number in behind.split()[11:15]]
    per_s = os.sysconf("SC_CLK_TCK")
    return before.partition("(")[2], sum(ticks[:2]) / per_s, sum(ticks[2:]) / per_s


def children(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def cdcbench_run(server, *options, phase, operation, taps="none", used_before=None):
    """`cdcbench run`: a Turn of one phase and operation. Memory is the process's; CPU too, start and end
    included, and the server's as long: less what used_before() says, asked after the run, of the (client,
    server) CPU seconds that went before the phase. A run of several phases needs it."""
    with tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        server_before = server.cpu_s()
        used = Used(CDCBENCH, "run", "--dsn", "", "--taps", taps, "--quiet", "--out", f"{folder}/run",
                    *options)
        server_after = server.cpu_s()
        rows = {(r["phase"], r["operation"]): r for r in read_csv(f"{folder}/run/summary.csv")}
    assert used_before or {name for name, _ in rows} == {phase}
    client_before, server_before = used_before() if used_before else (0, server_before)
    found = rows[(phase, operation)]
    return Turn(rows=int(found["rows"]), seconds=float(found["seconds"]),
                client_cpu_s=used.cpu_s - client_before, server_cpu_s=server_after - server_before,
                client_peak_bytes=used.peak_bytes)
