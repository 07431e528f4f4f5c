#!/usr/bin/env python3
"""The envelope reader beside JSON libraries, on recorded messages.

Each library only parses the messages into its own form (a lower bound of what the tap would pay for
it); cdcbench's reader yields operation, key, source and columns. They take turns; what counts is the
ratio within a round. See docs/decisions/0003-json-reader.md.

    cmake --preset bench && cmake --build --preset bench --target json_reader
    bench/json_reader.py --out results/reference/json-reader
"""
import argparse
import csv
import io
import json
import pathlib
import statistics
import subprocess
import sys

from measure import machine

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/bench/bench/json_reader/json_reader"
OURS = "cdcbench"


def measure(program, rounds):
    done = subprocess.run([program, ROOT / "tests/envelopes", str(rounds)], capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"{program}\n{done.stderr}")
    return list(csv.DictReader(io.StringIO(done.stdout)))


def summarize(rows):
    """One row for each form and reader: medians over the rounds."""
    times = {}
    for row in rows:
        times.setdefault((row["form"], row["reader"]), []).append(float(row["ns_per_message"]))
    for (form, reader), ns in times.items():
        ratios = sorted(a / b for a, b in zip(ns, times[(form, OURS)]))
        yield {"round": "median", "form": form, "reader": reader,
               "ns_per_message": round(statistics.median(ns), 1), "against": OURS,
               "ratio": round(statistics.median(ratios), 2), "ratio_min": round(ratios[0], 2),
               "ratio_max": round(ratios[-1], 2)}


def compiler():
    done = subprocess.run(["cc", "--version"], capture_output=True, text=True)
    return done.stdout.splitlines()[0] if done.returncode == 0 else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    rows = measure(args.program, args.rounds)
    medians = list(summarize(rows))
    args.out.mkdir(parents=True, exist_ok=True)
    with open(args.out / "json_reader.csv", "w", newline="") as file:
        out = csv.DictWriter(file, ["round", "form", "reader", "mean_bytes", "ns_per_message",
                                    "against", "ratio", "ratio_min", "ratio_max"],
                             lineterminator="\n", extrasaction="ignore")
        out.writeheader()
        out.writerows(rows)
        out.writerows(medians)
    manifest = {
        "command": f"bench/json_reader.py --rounds {args.rounds}",
        "readers": {row["reader"]: row["version"] for row in rows},
        "mean_bytes": {row["form"]: int(row["mean_bytes"]) for row in rows},
        "compiler": compiler(),
    } | machine.facts()
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    for row in medians:
        print(f"{row['form']:15} {row['reader']:13} {row['ns_per_message']:9.1f} ns  "
              f"{row['ratio']:5.2f} × {OURS}")


if __name__ == "__main__":
    main()
