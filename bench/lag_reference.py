#!/usr/bin/env python3
"""Lag that can be believed: what must move the figures moves them, and what must not does not.

Three conditions, at 200 and at 20,000 inserted rows a second, over a Unix socket:
  plain    as it is
  delayed  the wal tap's replication connection goes through a TCP proxy that hands everything on 50 ms
           later (--tap-dsn): send_to_receipt and the whole move by 50 ms, the clock's offset does not
  wrong    the server's clock is 3 s ahead (libfaketime): the offset says so, and no stage moves

`runs` makes one run of each with both taps (poll.interval.ms 10, no schemas) and keeps its folder, after
two that it does not keep (a Connect that has just started compiles its code for the first half million events,
and falls seconds behind), and has an independent consumer (tests/kafka/witness.py) read the topic of the
plain one at 200 rows/s.
`moves` takes the wal tap alone through the three conditions in turns, some rounds, and compares medians.

    build/venv/bin/python bench/lag_reference.py runs --rate 200 --out results/reference
    build/venv/bin/python bench/lag_reference.py moves --out results/reference

needs build/release/cdcbench, PostgreSQL, faketime and, for `runs`, the stack of scripts/stack; starts
and removes a server (and a stack) of its own.
"""
import argparse
import contextlib
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory

ROOT = pathlib.Path(__file__).resolve().parent.parent
for folder in ("e2e", "stack", "kafka"):
    sys.path.insert(0, str(ROOT / "tests" / folder))
os.environ.setdefault("CDCBENCH", str(ROOT / "build/release/cdcbench"))

import server as servers  # noqa: E402
from measure.stack import JSON  # noqa: E402
from proxy import DelayProxy  # noqa: E402

CDCBENCH = "build/release/cdcbench"
SOCKET = "@cdcbench-lag"  # in the abstract namespace: it has no path, and needs no cleaning
CONDITIONS = ("plain", "delayed", "wrong")
DELAY_MS, WRONG = 50, "+3s"
WARM_UPS = 2
RATES = {"200": ["-R", "200", "--insert-rows-per-txn", "1"],
         "20k": ["-R", "20k", "--insert-rows-per-txn", "100"]}
CONNECTOR = {"poll.interval.ms": "10", "key.converter": JSON, "value.converter": JSON,
             "key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"}
# What a person looks at again from the CSV files, and no diff is of use for.
NOT_KEPT = ("report.html", "*.hlog")


@contextlib.contextmanager
def server(condition):
    """A server in that condition, and the options that say how it is reached."""
    made = servers.Server.make()
    try:
        made.start(clock=WRONG if condition == "wrong" else None, fsync="on",
                   unix_socket_directories=SOCKET, max_wal_senders=8, max_replication_slots=8)
        yield made
    finally:
        made.remove()


@contextlib.contextmanager
def reached(made, condition):
    dsn = f"host={SOCKET} port={made.port} user=postgres dbname=postgres"
    with contextlib.ExitStack() as stack:
        words = ["--dsn", dsn]
        if condition == "delayed":
            proxy = stack.enter_context(DelayProxy(("127.0.0.1", made.port), DELAY_MS))
            words += ["--tap-dsn", f"host=127.0.0.1 port={proxy.port} user=postgres dbname=postgres"]
        yield words, {"PGPASSWORD": made.password}


def run(words, environment, out):
    """Its folder must not be there yet; returns lag.csv over everything, and run.json."""
    words = [CDCBENCH, "run", "--quiet", "--rows", "0", "--update-rate", "off", *words,
             "--out", os.path.relpath(out, ROOT)]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    print(done.stdout, flush=True)
    for pattern in NOT_KEPT:
        for file in out.glob(pattern):
            file.unlink()
    with open(out / "lag.csv", newline="", encoding="utf-8") as file:
        lag = {(row["tap"], row["stage"]): row for row in csv.DictReader(file)
               if row["phase"] == row["operation"] == "all"}
    return lag, json.loads((out / "run.json").read_text(encoding="utf-8"))


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def manifest(folder, words):
    folder.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([CDCBENCH, "--version"], cwd=ROOT, capture_output=True, text=True,
                             check=True).stdout.strip()
    (folder / "manifest.json").write_text(json.dumps({
        "command": " ".join(["bench/lag_reference.py", *words]), "cdcbench": version,
        "cores": os.cpu_count(), "delay_ms": DELAY_MS, "clock": WRONG, "seed": 42}, indent=2) + "\n",
        encoding="utf-8")


# --- both taps, once each, kept ---

def witnessed(topic, lag):
    """The program's figures and the witness's, side by side."""
    from witness import figures
    rows = []
    for stage in ("commit_to_debezium", "debezium_to_produce", "produce_to_receipt",
                  "commit_to_receipt"):
        found = figures(topic.stage(stage))
        rows += [{"stage": stage, "figure": name, "cdcbench": lag["kafka", stage][name],
                  "witness": round(found[name], 1)}
                 for name in ("count", "min_us", "mean_us", "p50_us", "p99_us", "p999_us", "max_us")]
    return rows


def both_taps(args, stack, condition, out):
    """A run into `out`; its lines for lag_by_condition.csv."""
    from pipeline import Pipeline
    from witness import TopicWitness
    name = out.name
    with server(condition) as made, reached(made, condition) as (words, environment):
        database = servers.Database(made, "unused")
        pipeline = Pipeline(stack, database)
        pipeline.topic = f"{name}.public.transactions"
        watch = condition == "plain" and args.rate == "200"
        if watch:
            pipeline.make_topic()
            topic = TopicWitness(pipeline.brokers, pipeline.topic)
        connector = CONNECTOR | {"name": name, "topic.prefix": name, "slot.name": f"cdcbench_{args.rate}",
                                 "database.hostname": "127.0.0.1"}
        settings = [word for key, value in connector.items() for word in ("--connector", f"{key}={value}")]
        lag, told = run([*words, "--name", name, "-T", args.time, *RATES[args.rate], "--brokers",
                         pipeline.brokers, "--connect-url", pipeline.connect_url, "--drain-timeout",
                         "3m", *settings], environment, out)
        if watch:
            topic.end(pipeline.end_offset())
            write(out / "witness.csv", witnessed(topic, lag))
    clock = told["clock"]
    return [{"rate": args.rate, "condition": condition, "tap": tap, "stage": stage,
             **{figure: row[figure] for figure in ("count", "negative_count", "min_us", "p50_us",
                                                   "p99_us", "max_us")},
             "clock_offset_us": clock["offset_us"], "clock_uncertainty_us": clock["uncertainty_us"],
             "clock_uncertainty_max_us": clock["uncertainty_max_us"]}
            for (tap, stage), row in lag.items()]


def runs(args):
    from stack import Stack
    stack = Stack()
    folder = args.out / f"lag-{args.rate}"
    try:
        stack.good("up", "--local")
        with TemporaryDirectory(dir=ROOT / "build") as scratch:
            for number in range(WARM_UPS):
                both_taps(args, stack, "plain", pathlib.Path(scratch) / f"warm-{args.rate}-{number}")
        rows = [row for condition in args.conditions for row in
                both_taps(args, stack, condition, args.out / f"lag-{args.rate}-{condition}")]
        write(folder / "lag_by_condition.csv", rows)
        manifest(folder, sys.argv[1:])
    finally:
        stack.run("down")


# --- what moves, in turns ---

def moves(args):
    folder, seen, rows = args.out / "lag-moves", {}, []
    with contextlib.ExitStack() as stack, TemporaryDirectory(dir=ROOT / "build") as scratch:
        plain = stack.enter_context(server("plain"))
        wrong = stack.enter_context(server("wrong"))
        for repeat in range(args.repeats):
            for rate, load in RATES.items():
                for condition in CONDITIONS:
                    made = wrong if condition == "wrong" else plain
                    with reached(made, condition) as (words, environment):
                        lag, told = run([*words, "--taps", "wal", "-T", args.time, *load], environment,
                                        pathlib.Path(scratch) / f"{rate}-{condition}-{repeat}")
                    figures = {f"{stage}_p50_us": int(lag["wal", stage]["p50_us"]) for stage in
                               ("commit_to_send", "send_to_receipt", "commit_to_receipt")}
                    figures |= {f"clock_{name}_us": told["clock"][f"{name}_us"]
                                for name in ("offset", "uncertainty", "uncertainty_max")}
                    seen.setdefault((rate, condition), []).append(figures)
                    rows.append({"rate": rate, "condition": condition, "repeat": repeat, **figures})
    for (rate, condition), all_figures in seen.items():
        medians = {name: statistics.median(f[name] for f in all_figures) for name in all_figures[0]}
        plain_ones = {name: statistics.median(f[name] for f in seen[rate, "plain"]) for name in medians}
        rows.append({"rate": rate, "condition": condition, "repeat": "median", **medians})
        if condition != "plain":
            rows.append({"rate": rate, "condition": condition, "repeat": "median minus plain's",
                         **{name: value - plain_ones[name] for name, value in medians.items()}})
    write(folder / "moves.csv", rows)
    manifest(folder, sys.argv[1:])
    for row in rows:
        if str(row["repeat"]).startswith("median"):
            print(row, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["runs", "moves"])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--rate", choices=RATES, default="200", help="for runs")
    parser.add_argument("--time", default="15s")
    parser.add_argument("--conditions", type=lambda text: text.split(","), default=CONDITIONS)
    parser.add_argument("--repeats", type=int, default=3, help="for moves")
    args = parser.parse_args()
    args.out = args.out.resolve()
    {"runs": runs, "moves": moves}[args.what](args)


if __name__ == "__main__":
    main()
