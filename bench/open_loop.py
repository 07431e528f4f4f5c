#!/usr/bin/env python3
"""How well the schedule is kept.

lag:   the tool's own lateness (schedule lag: from when a connection was free and a transaction due, to
       its send) at 10,000 one-row transactions a second, over 4 and 16 connections, with
       synchronous_commit off (a server that has little to do) and on. No tap runs: the machine is the
       loader's and the server's alone. In turns, so that a slow minute hits all.
mixed: inserts, updates, deletes and mixed transactions at once, 20,000 rows a second in all, a tenth of
       the transactions rolled back or through a savepoint: what each stream had done when its phase
       ended, against what was due by then.

    bench/open_loop.py lag --out results/reference/schedule-lag
    bench/open_loop.py mixed --out results/reference/mixed-20k              with the wal tap
    bench/open_loop.py mixed --stack --out results/reference/mixed-20k-kafka   with both, on scripts/stack

needs build/release/cdcbench; uses its embedded server, or the stack's.
"""
import argparse
import contextlib
import csv
import json
import os
import pathlib
import statistics
import sys
import tempfile

from measure import machine, programs
from measure.stack import Stack

CDCBENCH = "build/release/cdcbench"  # from ROOT, so that no manifest has this machine's paths

MIXED = """# 20,000 rows a second: every kind of stream at once.
name: mixed-20k
connections: 8
phases:
  - name: load
    insert: {{rows: {load}, rows_per_txn: 1000}}
  - name: settle
    until: caught-up
    at_most: 10m
  - name: mixed
    duration: {seconds}s
    insert: {{rate: 8k, rows_per_txn: 40, rollback: 5%, savepoint: 5%}}
    update: {{rate: 6k, rows_per_txn: 40, rollback: 5%, savepoint: 5%}}
    delete: {{rate: 1k, rows_per_txn: 20}}
    transaction: {{rate: 100, insert: 20, update_own: 10, update: 15, delete: 5, rollback: 5%,
                  savepoint: 5%}}
  - name: drain
    until: caught-up
    at_most: 20m
"""
STREAMS = ("insert", "update", "delete", "transaction")


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def measure_lag(folder, connections, synchronous):
    out = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "run"
    os.environ["PGOPTIONS"] = f"-c synchronous_commit={synchronous}"
    programs.output(CDCBENCH, "run", "--rows", "10k", "-T", "5s", "-R", "10k", "--insert-rows-per-txn", 1,
             "--update-rate", "off", "-c", connections, "-j", min(connections, 2), "--taps", "none",
             "--quiet", "--out", out)
    run = json.loads((out / "run.json").read_text())
    phase = next(phase for phase in run["phases"] if phase["name"] == "mixed")
    insert, = phase["operations"]
    lag = phase["schedule_lag"]
    return {"connections": connections, "synchronous_commit": synchronous,
            "transactions": insert["transactions"],
            "transactions_per_s": round(insert["transactions"] / insert["seconds"], 1),
            "schedule_lag_p50_us": lag["p50_us"], "schedule_lag_p99_us": lag["p99_us"],
            "schedule_lag_p999_us": lag["p999_us"], "schedule_lag_max_us": lag["max_us"],
            "latency_p50_us": insert["latency_p50_us"], "latency_p99_us": insert["latency_p99_us"],
            "service_p50_us": insert["service_p50_us"], "service_p99_us": insert["service_p99_us"]}


def lag(options, manifest):
    rows = []
    variants = [(4, "off"), (16, "off"), (4, "on"), (16, "on")]
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(options.repeats):
            for connections, synchronous in variants:
                rows.append({"repeat": repeat} | measure_lag(folder, connections, synchronous))
                print(rows[-1], flush=True)
    for connections, synchronous in variants:
        own = [row for row in rows if (row["connections"], row["synchronous_commit"])
               == (connections, synchronous) and row["repeat"] != "median"]
        rows.append({"repeat": "median", "connections": connections, "synchronous_commit": synchronous}
                    | {name: statistics.median(row[name] for row in own) for name in own[0]
                       if name not in ("repeat", "connections", "synchronous_commit")})
    with open(options.out / "schedule_lag.csv", "w", newline="", encoding="ascii") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    write_json(options.out / "manifest.json", manifest)


def kept_counts(folder):
    """By stream: what was due in the phase, and what was done of it, committed or rolled back."""
    run = json.loads((folder / "run.json").read_text())
    planned = next(phase for phase in run["scenario"]["phases"] if phase["name"] == "mixed")
    done = next(phase for phase in run["phases"] if phase["name"] == "mixed")
    seconds = done["end_s"] - done["start_s"]
    lines = []
    for operation in done["operations"]:
        due = planned["streams"][operation["operation"]]["transactions"]
        ended = operation["transactions"] + operation["rolled_back"]
        lines.append({"stream": operation["operation"], "due_transactions": due,
                      "committed": operation["transactions"], "rolled_back": operation["rolled_back"],
                      "rows_committed": operation["rows"], "errors": operation["errors"],
                      "kept": round(ended / due, 6), "phase_s": round(seconds, 3)})
    return lines, run


def mixed(options, manifest):
    run = options.out / "run"
    scenario = options.out / "mixed-20k.yaml"
    scenario.write_text(MIXED.format(load=options.load, seconds=options.seconds), encoding="utf-8")
    words = [CDCBENCH, "run", scenario, "--quiet", "--out", run]
    with Stack() if options.stack else contextlib.nullcontext() as stack:
        if stack is not None:
            words += ["-b", stack.brokers, "--connect-url", stack.connect_url]
        print(programs.output(*words), flush=True)
    lines, result = kept_counts(run)
    with open(options.out / "kept.csv", "w", newline="", encoding="ascii") as file:
        table = csv.DictWriter(file, lines[0], lineterminator="\n")
        table.writeheader()
        table.writerows(lines)
    for name in ("report.html", "latency.hlog", "lag.hlog"):
        (run / name).unlink(missing_ok=True)  # large, and made again from the others' data
    write_json(options.out / "manifest.json", manifest | {"verdict": result["verdict"]})
    for line in lines:
        print(line)
    off = [line for line in lines if abs(line["kept"] - 1) > 0.001 or line["errors"]]
    sys.exit(1 if off or {line["stream"] for line in lines} != set(STREAMS) else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["lag", "mixed"])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--load", type=int, default=500_000, help="rows before phase mixed")
    parser.add_argument("--seconds", type=int, default=60, help="of phase mixed")
    parser.add_argument("--stack", action="store_true", help="both taps, on scripts/stack")
    options = parser.parse_args()
    os.chdir(programs.ROOT)
    options.out.mkdir(parents=True, exist_ok=True)
    manifest = {"command": "bench/open_loop.py " + " ".join(sys.argv[1:]), "machine": machine.facts(),
                "cdcbench": programs.output(CDCBENCH, "--version").strip(),
                "commit": programs.output("git", "rev-parse", "HEAD").strip()}
    (lag if options.what == "lag" else mixed)(options, manifest)


if __name__ == "__main__":
    main()
