"""The whole job, rows inserted and a tenth of them updated, beside the Python script that does it with faker
and one commit a row (bench/baseline_faker.py). Each does as much as takes it a few seconds."""

import sys
import tempfile

from . import postgres, programs
from .turns import Turn

PYTHON_ROWS = 2000


def run(writer, args):
    rows = args.rows or 500_000
    with postgres.Server() as server:
        writer.take_turns({
            "python_faker": lambda: by_python(server),
            "cdcbench_2": lambda: by_cdcbench(server, rows),
        }, args.rounds, [("cdcbench_2", "python_faker", 200)])


def by_python(server):
    postgres.fresh_table()
    postgres.settle()
    before = server.cpu_s()
    used = programs.Used(sys.executable, programs.ROOT / "bench/baseline_faker.py", PYTHON_ROWS,
                         PYTHON_ROWS // 10)
    return Turn(rows=PYTHON_ROWS, seconds=sum(map(float, used.output.split())),
                client_cpu_s=used.cpu_s, server_cpu_s=server.cpu_s() - before,
                client_peak_bytes=used.peak_bytes)


def by_cdcbench(server, rows):
    programs.output(programs.CDCBENCH, "clean", "--dsn", "", "--quiet")
    postgres.settle()
    with tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        before = server.cpu_s()
        used = programs.Used(
            programs.CDCBENCH, "run", "--dsn", "", "--taps", "none", "--quiet", "--out",
            f"{folder}/run", "-c", 2, "-j", 2, "--rows", rows, "--rows-per-txn", 10_000,
            "--insert-rate", "off", "--update-rate", "max", "--updates", rows // 10,
            "--update-rows-per-txn", 1000)
        server_cpu = server.cpu_s() - before
        seconds = sum(float(row["seconds"]) for row in programs.read_csv(f"{folder}/run/summary.csv"))
    return Turn(rows=rows, seconds=seconds, client_cpu_s=used.cpu_s, server_cpu_s=server_cpu,
                client_peak_bytes=used.peak_bytes)
