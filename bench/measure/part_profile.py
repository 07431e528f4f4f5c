"""Where the time goes of what misses its reach: the whole machine, sampled by perf while cdcbench updates rows
over four connections as fast as it can; and the loader alone at 100,000 rows a second. By process and by what
of it (program, library, kernel), and the functions that take most of the client's. No turns: a profile says
where, not how fast. Needs perf (Debian: linux-perf) and leave to sample the kernel (root)."""

import pathlib
import shutil
import sys
import tempfile

from . import part_growth, part_update, postgres, programs

ROWS, UPDATES = 50_000, 500_000
FUNCTIONS = 30  # of the client, the most costly
COLUMNS = ["part", "process", "object", "function", "percent"]


def run(writer, args):
    if shutil.which("perf") is None:
        sys.exit("part profile needs perf: apt-get install linux-perf")
    with postgres.Server(), tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        for part, record in (("updates_4", record_updates), ("loader", record_loader)):
            data = f"{folder}/{part}.data"
            record(folder, ["perf", "record", "--quiet", "--freq", "2000", "--output", data])
            for row in by_object(part, data) + client_functions(part, data):
                writer.write(COLUMNS, row)


def run_under(perf, options):
    """A run over no table of an earlier one, its taps off."""
    programs.output(programs.CDCBENCH, "clean", "--dsn", "", "--quiet")
    postgres.settle()
    with tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as out:
        programs.output(*perf, programs.CDCBENCH, "run", "--dsn", "", "--taps", "none", "--quiet",
                        "--out", f"{out}/run", *options)


def record_updates(folder, perf):
    """Its load is a tenth of a second of five."""
    scenario = pathlib.Path(folder) / "updates.yaml"
    scenario.write_text(part_update.SCENARIO.format(rows=ROWS, updates=UPDATES, connections=4,
                                                    batch=part_update.BATCH, mode="pipeline",
                                                    rest_s=1),
                        encoding="ascii")
    run_under([*perf, "--all-cpus", "--"], [scenario, "-j", 2])


def record_loader(_, perf):
    run_under([*perf, "--"], part_growth.LOADER)


def report(data, fields):
    """[[percent, field…]…], the most costly first."""
    shown = programs.output("perf", "report", "--input", data, "--stdio", "--no-children", "--fields",
                            f"overhead,{fields}", "--field-separator", ";")
    for line in shown.splitlines():
        if line.strip() and not line.startswith("#"):
            percent, *rest = (word.strip() for word in line.split(";", fields.count(",") + 1))
            yield float(percent.rstrip("%")), *rest


def by_object(part, data):
    """All of it: what is too small to stand alone is a process's `other`."""
    sums = {}
    for percent, process, shared in report(data, "comm,dso"):
        shared = shared if percent >= 0.05 else "other"
        sums[process, shared] = sums.get((process, shared), 0) + percent
    return [{"part": part, "process": process, "object": shared, "percent": round(percent, 2)}
            for (process, shared), percent in sums.items() if percent >= 0.05]


def client_functions(part, data):
    """perf's own filter (--comms) adds up functions of all processes before it filters: ours is here."""
    found = [row for row in report(data, "comm,dso,sym") if row[1].startswith("cdcbench")]
    return [{"part": part, "process": process, "object": shared, "function": function, "percent": percent}
            for percent, process, shared, function in found[:FUNCTIONS]]
