#!/usr/bin/env python3
"""A budget of instructions: what a row costs the generator, and an event the taps' decoders, counted by
valgrind --tool=callgrind, against the figures recorded in tests/budget/budget.csv.

Times on a shared machine cannot be a test; instructions can: they are the same every time, and differ
between compilers by a few per cent. A count above the recorded one by more than TOLERANCE fails. One
below it by as much is said aloud: record it, so that what was won is kept.

    tests/budget/check_budget.py [--build build/release]     checks
    tests/budget/check_budget.py --record                    writes the figures of this machine's kind
"""
import argparse
import csv
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUDGET = pathlib.Path(__file__).with_name("budget.csv")
COLUMNS = ["machine", "what", "per", "instructions"]
TOLERANCE = 0.15

ROWS = 8000  # enough that the first call's table look-ups count for nothing
EVENTS = 4000

# what: (per, function whose instructions count, words, how many of it)
WORK = {
    **{f"{form}, {path}": ("row", "counted*", ["generator", form, path, ROWS], ROWS)
       for form in ("text", "csv", "binary") for path in ("avx2", "portable")},
    **{f"debezium, {kind}": ("message", "counted*", ["generator", word, "portable", ROWS], ROWS)
       for kind, word in (("insert", "debezium"), ("update", "update"), ("delete", "delete"))},
    "pgoutput decoded and verified":
        ("event", "replay_round*", ["tap_replay", "wal", EVENTS, EVENTS, 1], 2 * EVENTS),
    "envelope decoded and verified":
        ("event", "replay_round*", ["tap_replay", "kafka", EVENTS, EVENTS, 1], 2 * EVENTS),
    "envelope with schema decoded and verified":
        ("event", "replay_round*", ["tap_replay", "kafka-schema", EVENTS, EVENTS, 1], 2 * EVENTS),
}


def count(build, function, words):
    """Instructions within the function, callees included."""
    program, *arguments = words
    with tempfile.NamedTemporaryFile(prefix="cdcbench-callgrind-") as file:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--toggle-collect={function}",
             f"--callgrind-out-file={file.name}", build / program, *map(str, arguments)],
            capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found or found.group(1) == "0":
        sys.exit(f"{' '.join(map(str, words))}: nothing was counted\n{done.stdout}{done.stderr}")
    return int(found.group(1))


def read_budget():
    with open(BUDGET, newline="", encoding="ascii") as file:
        return list(csv.DictReader(file))


def write_budget(machine, counted):
    kept = [row for row in read_budget() if row["machine"] != machine] if BUDGET.exists() else []
    with open(BUDGET, "w", newline="", encoding="ascii") as file:
        out = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows(kept + [{"machine": machine, "what": what, "per": WORK[what][0],
                               "instructions": figure} for what, figure in counted.items()])


def judge(what, figure, recorded):
    """A line about it, and whether it is within its budget."""
    if recorded is None:
        return f"{what}: {figure}, and nothing is recorded: see --record", False
    ratio = figure / recorded
    line = f"{what}: {figure} instructions a {WORK[what][0]}, {recorded} recorded ({ratio:.3f})"
    if ratio > 1 + TOLERANCE:
        return line + ": OVER ITS BUDGET", False
    return line + (": better; record it" if ratio < 1 - TOLERANCE else ""), True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    machine, start_s = platform.machine(), time.monotonic()
    counted = {what: round(count(args.build, function, words) / number)
               for what, (_, function, words, number) in WORK.items()}
    if args.record:
        write_budget(machine, counted)
    recorded = {row["what"]: int(row["instructions"]) for row in read_budget()
                if row["machine"] == machine}
    failed = 0
    for what, figure in counted.items():
        line, within = judge(what, figure, recorded.get(what))
        failed += not within
        print(line)
    print(f"{len(counted) - failed} passed, {failed} failed in {time.monotonic() - start_s:.1f}s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
