#!/usr/bin/env python3
"""The reference runs with Kafka and Debezium.

1. Steady: 2,000 rows/s and 1,000 updates/s for 60 s, with poll.interval.ms 500 (Debezium's default)
   and with 10: what changes shows in lag.csv, by stage.
2. Drain: 500,000 events (300,000 inserts, 200,000 updates) loaded as fast as it goes, then waited for,
   with schemas (the default of Connect's JsonConverter) and without.

    bench/kafka_reference.py --out results/reference

needs build/release/cdcbench; brings the stack of scripts/stack up and takes it down again. The kafka
tap's own speed is a part of bench/all.py."""

import argparse
import os
import pathlib
import sys

from measure import programs
from measure.stack import FORMS, Stack

CDCBENCH = "build/release/cdcbench"  # from the root, so that no manifest holds this machine's paths


def steady(out, stack):
    for poll_ms in (500, 10):
        name = f"kafka-poll-{poll_ms}"
        print(stack.run(CDCBENCH, out / name, "--name", name, "--rows", "10k", "-T", "60s", "-R", "2k",
                        "--update-rate", "1k", "--burst", "0",
                        "--connector", f"poll.interval.ms={poll_ms}"), flush=True)


def drain(out, stack):
    for form in FORMS:
        name = f"kafka-drain-{form}"
        print(stack.fill(CDCBENCH, out / name, form, 300_000, 200_000, "--name", name), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", choices=["steady", "drain"])
    args = parser.parse_args()
    os.chdir(programs.ROOT)
    with Stack() as stack:
        if args.only != "drain":
            steady(args.out, stack)
        if args.only != "steady":
            drain(args.out, stack)


if __name__ == "__main__":
    sys.exit(main())
