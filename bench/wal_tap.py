#!/usr/bin/env python3
"""The wal tap, every event verified, beside pg_recvlogical into /dev/null, over the same WAL.

A slot is made, a workload is written, and then that WAL is decoded again and again: each contender gets
a copy of the slot, so that the server does the same work for each. They take turns, the order turning
too; what counts is the ratio within a round. Workloads: inserts and updates in transactions of 1,000
and of 10,000 rows, and one transaction of all rows, which the server spills to its disk.

    cmake --preset bench && cmake --build --preset bench
    bench/wal_tap.py --out results/reference/wal-tap

needs build/bench/cdcbench and build/bench/wal_tap, pg_recvlogical; starts and removes a server of its
own. Contenders: recvlogical; frames (our connection, nothing decoded); unverified (the tap, every event
decoded and its stages recorded, its content not looked at); tap.
"""
import argparse
import csv
import json
import os
import pathlib
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CDCBENCH = ROOT / "build/bench/cdcbench"
WAL_TAP = ROOT / "build/bench/wal_tap"
BASE, COPY, PUBLICATION = "bench_base", "bench_copy", "cdcbench_transactions"
AGAINST = "recvlogical"


def command(words, **kwargs):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, **kwargs)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\nexit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def psql(sql):
    return command(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-At", "-c", sql]).strip()


def start_server():
    environment = command([CDCBENCH, "server", "start"])
    for name, value in re.findall(r"^export (\w+)=(.*)$", environment, re.M):
        os.environ[name] = value
    for setting in ("autovacuum = off", "max_slot_wal_keep_size = -1"):
        psql(f"ALTER SYSTEM SET {setting}")
    psql("SELECT pg_reload_conf()")


def drop_base():
    psql(f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{BASE}'")


def write_workload(inserts, updates, rows_per_txn):
    """A fresh table, a slot, and the changes behind it; the log's end."""
    drop_base()
    command([CDCBENCH, "clean", "--dsn", "", "--quiet"])
    command([CDCBENCH, "init", "--dsn", "", "--quiet"])
    psql(f"SELECT pg_create_logical_replication_slot('{BASE}', 'pgoutput')")
    with tempfile.TemporaryDirectory() as folder:
        command([CDCBENCH, "run", "--dsn", "", "--taps", "none", "--quiet", "--out", f"{folder}/run",
                 "--rows", inserts, "--rows-per-txn", rows_per_txn, "-c", 1, "--insert-rate", "off",
                 *(["--update-rate", "max", "--updates", updates, "--update-rows-per-txn",
                    min(rows_per_txn, updates)] if updates else ["--update-rate", "off"])])
    psql("CHECKPOINT")
    return psql("SELECT pg_current_wal_insert_lsn()")


def with_copy(contender):
    """A slot of its own for one turn, made before the clock runs."""
    psql(f"SELECT pg_copy_logical_replication_slot('{BASE}', '{COPY}')")
    figures = contender()
    while psql(f"SELECT active FROM pg_replication_slots WHERE slot_name = '{COPY}'") == "t":
        time.sleep(0.05)
    psql(f"SELECT pg_drop_replication_slot('{COPY}')")
    return figures


def by_recvlogical(end):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command(["pg_recvlogical", "-d", os.environ.get("PGDATABASE", "postgres"), "--slot", COPY, "--start",
             "-f", "/dev/null", "--no-loop", "--endpos", end, "-o", "proto_version=1",
             "-o", f"publication_names={PUBLICATION}"])
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_us(mode, events, rows):
    shown = command([WAL_TAP, mode, "", COPY, PUBLICATION, events, rows])
    seen, seconds, cpu_s, _, faults = shown.split()
    if int(seen) != events or faults != "0":
        sys.exit(f"{mode}: {seen} of {events} events, {faults} faults")
    return float(seconds), float(cpu_s)


def measure(name, inserts, updates, rows_per_txn, repeats, write):
    end = write_workload(inserts, updates, rows_per_txn)
    events = inserts + updates
    contenders = {AGAINST: lambda: by_recvlogical(end),
                  "frames": lambda: by_us("frames", events, inserts),
                  "unverified": lambda: by_us("unverified", events, inserts),
                  "tap": lambda: by_us("tap", events, inserts)}
    names, rates, cpu = list(contenders), {n: [] for n in contenders}, {n: [] for n in contenders}
    for contender in names:
        with_copy(contenders[contender])  # the WAL comes into the page cache
    for repeat in range(repeats):
        for contender in names[repeat % len(names):] + names[:repeat % len(names)]:
            seconds, cpu_s = with_copy(contenders[contender])
            rates[contender].append(events / seconds)
            cpu[contender].append(cpu_s * 1e6 / events)
            write({"workload": name, "contender": contender, "repeat": repeat, "events": events,
                   "events_per_s": round(events / seconds),
                   "client_cpu_us_per_event": round(cpu[contender][-1], 3)})
    for contender in names:
        ratios = sorted(a / b for a, b in zip(rates[contender], rates[AGAINST]))
        write({"workload": name, "contender": contender, "repeat": "median", "events": events,
               "events_per_s": round(statistics.median(rates[contender])),
               "client_cpu_us_per_event": round(statistics.median(cpu[contender]), 3),
               "ratio": round(statistics.median(ratios), 3), "ratio_min": round(ratios[0], 3),
               "ratio_max": round(ratios[-1], 3)})


def cpu_model():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    found = re.search(r"^model name\s*: (.*)$", text, re.M)
    return found.group(1) if found else platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--inserts", type=int, default=300_000)
    parser.add_argument("--updates", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=6)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    columns = ["workload", "contender", "repeat", "events", "events_per_s", "client_cpu_us_per_event",
               "ratio", "ratio_min", "ratio_max"]
    start_server()
    try:
        with open(args.out / "wal_tap.csv", "w", newline="", encoding="ascii") as file:
            rows = csv.DictWriter(file, columns, lineterminator="\n")
            rows.writeheader()

            def write(row):
                rows.writerow(row)
                if row["repeat"] == "median":
                    print(row, flush=True)

            for per_txn in (1_000, 10_000):
                measure(f"{per_txn} rows a transaction", args.inserts, args.updates, per_txn,
                        args.repeats, write)
            measure("one transaction", args.inserts, 0, args.inserts, args.repeats, write)
        (args.out / "manifest.json").write_text(json.dumps({
            "command": " ".join(["bench/wal_tap.py", *sys.argv[1:]]),
            "cdcbench": command([CDCBENCH, "--version"]).strip(),
            "server": psql("SHOW server_version"),
            "pg_recvlogical": command(["pg_recvlogical", "--version"]).strip(),
            "cpu": cpu_model(), "cores": os.cpu_count(), "kernel": platform.release(), "seed": 42,
        }, indent=2) + "\n", encoding="ascii")
        drop_base()
    finally:
        command([CDCBENCH, "server", "stop", os.environ["CDCBENCH_SERVER"]])


if __name__ == "__main__":
    main()
