#!/usr/bin/env python3
"""What an event weighs on the wire, by the choices that `cdcbench size` compares: schemas in every
message or not, the producer's compression, and the table's replica identity.

Each is a run of its own against the same stack: the same rows, loaded and updated as fast as it goes, and
read back by the kafka tap, which counts the bytes as they came, compressed. Bytes are what is measured,
not time.

    bench/sizing_factors.py --out results/reference/sizing-factors

needs build/release/cdcbench; brings the stack of scripts/stack up and takes it down again.
"""
import argparse
import csv
import itertools
import json
import pathlib
import sys
import tempfile

from measure import programs
from measure.stack import JSON, Stack

INSERTS, UPDATES = 20_000, 10_000
COLUMNS = ["schemas", "compression", "replica_identity", "wire_bytes_per_event", "events"]


def connector(schemas, compression, name):
    settings = {"topic.prefix": name, "producer.override.compression.type": compression}
    for part in ("key", "value"):
        settings[f"{part}.converter"] = JSON
        settings[f"{part}.converter.schemas.enable"] = str(schemas == "on").lower()
    return [word for key, value in settings.items() for word in ("--connector", f"{key}={value}")]


def measure(stack, schemas, compression, identity):
    name = f"size-{schemas}-{compression}-{identity}"
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "run"
        stack.run(programs.CDCBENCH, out, "--rows", INSERTS, "--insert-rate", "off", "--update-rate", "max",
                  "--updates", UPDATES, "--drain-timeout", "5m", "--replica-identity", identity,
                  *connector(schemas, compression, name))
        taps = json.loads((out / "run.json").read_text(encoding="utf-8"))["taps"]
    tap = next(tap for tap in taps if tap["tap"] == "kafka")
    return {"schemas": schemas, "compression": compression, "replica_identity": identity,
            "wire_bytes_per_event": round(tap["kafka"]["wire_bytes"] / tap["events"], 1),
            "events": tap["events"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with Stack() as stack, open(args.out / "factors.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        rows.writeheader()
        for choice in itertools.product(("on", "off"), ("none", "lz4", "zstd"), ("full", "default")):
            row = measure(stack, *choice)
            rows.writerow(row)
            print(row, flush=True)
    (args.out / "manifest.json").write_text(json.dumps({
        "command": " ".join(["bench/sizing_factors.py", *sys.argv[1:]]),
        "cdcbench": programs.output(programs.CDCBENCH, "--version").strip(), "seed": 42,
        "inserts": INSERTS, "updates": UPDATES}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
