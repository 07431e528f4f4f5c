#!/usr/bin/env python3
"""Every benchmark of the tool's own speed, side by side, in one folder: CSV, a manifest, one plot.

    python3 -m venv build/bench-venv
    build/bench-venv/bin/pip install -r bench/requirements.txt
    CC=gcc cmake --preset release -DCDCBENCH_BENCH=ON && cmake --build --preset release
    build/bench-venv/bin/python bench/all.py --out results/reference/speed

Contenders take turns, --rounds times (at least five for anything that is to be cited); what counts is the
ratio within a round. --only runs some of the parts, and leaves what the others wrote: all of them take
half an hour. It needs psql, pgbench, pg_recvlogical, GNU time and perf (Debian: time, linux-perf), and starts
and removes servers and, for kafka-tap and produce, a stack (scripts/stack) of its own.

<part>.csv has a line a turn, <part>_ratios.csv a line a comparison with a 95 % interval (bootstrap),
generator_fields.csv the cost of each field of a row, profile.csv where the time goes of what misses its reach,
manifest.json the commands and the machine, and speed.svg is drawn of all that is there."""

import argparse
import json
import os
import pathlib
import sys
import time

from measure import machine, programs
from measure import part_baseline, part_copy, part_generator, part_growth, part_kafka_tap, part_pieces
from measure import part_produce, part_profile, part_update, part_wal_tap
from measure import turns as side_by_side

PARTS = {
    "generator": part_generator.run,
    "baseline": part_baseline.run,
    "copy": part_copy.run,
    "pieces": part_pieces.run,
    "update": part_update.run,
    "growth-rows": part_growth.rows,
    "growth-connections": part_growth.connections,
    "growth-transactions": part_growth.transactions,
    "loader": part_growth.loader,
    "memory": part_growth.memory,
    "wal-tap": part_wal_tap.run,
    "kafka-tap": part_kafka_tap.run,
    "produce": part_produce.run,
    "profile": part_profile.run,
}


def note_part(folder, part, args, seconds):
    """The manifest grows by a part: each may have been run at another time."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    words = ["bench/all.py", "--out", os.path.relpath(folder, programs.ROOT), "--only", part,
             "--rounds", str(args.rounds)]
    manifest[part] = {
        "command": " ".join(words + (["--rows", str(args.rows)] if args.rows else [])),
        "began_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds)),
        "seconds": round(seconds),
        "cdcbench": programs.output(programs.CDCBENCH, "--version").strip(),
        "server": programs.output("psql", "--version").strip().replace("psql (PostgreSQL)",
                                                                       "PostgreSQL"),
    } | machine.facts()
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS),
                        help=f"parts, with commas between: {','.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, help="instead of each part's own number")
    parser.add_argument("--no-plot", action="store_true")
    args = parser.parse_args()
    for part in args.only:
        if part not in PARTS:
            parser.error(f"there is no part '{part}': {', '.join(PARTS)} are")
    args.out.mkdir(parents=True, exist_ok=True)
    for part in args.only:
        start = time.monotonic()
        writer = side_by_side.Writer(args.out, part)
        PARTS[part](writer, args)
        writer.close()
        note_part(args.out.resolve(), part, args, time.monotonic() - start)
    if not args.no_plot:
        from measure import plot  # the one that needs more than Python itself
        plot.draw(args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
