"""The wal tap, every event verified, beside pg_recvlogical into /dev/null, over the same WAL.

A slot is made, a workload is written, and then that WAL is decoded again and again: each turn gets a copy of
the slot, so that the server does the same work for each. Workloads: inserts and updates in transactions of
1,000 and of 10,000 rows, and one transaction of all rows, which the server spills to its disk. Contenders:
recvlogical; frames (our connection, nothing decoded); unverified (the tap, every event decoded and its stages
recorded, its content not looked at); tap. Seconds are each program's whole time."""

import os
import tempfile
import time

from . import postgres, programs
from .turns import Turn

BASE, COPY, PUBLICATION = "bench_base", "bench_copy", "cdcbench_transactions"
MODES = ("frames", "unverified", "tap")


def run(writer, args):
    inserts = args.rows or 240_000
    with postgres.Server() as server:
        for rows_per_txn in (1_000, 10_000):
            take_turns(writer, args, server, f"{rows_per_txn}_rows_per_txn", inserts, inserts * 2 // 3,
                       rows_per_txn)
        take_turns(writer, args, server, "one_txn", inserts, 0, inserts)


def take_turns(writer, args, server, workload, inserts, updates, rows_per_txn):
    end = write_workload(inserts, updates, rows_per_txn)
    events = inserts + updates
    contenders = {f"recvlogical_{workload}": lambda: with_copy(lambda: by_recvlogical(server, events, end))}
    for mode in MODES:
        contenders[f"{mode}_{workload}"] = \
            lambda mode=mode: with_copy(lambda: by_us(server, mode, events, inserts))
    contenders[f"recvlogical_{workload}"]()  # the WAL comes into the page cache
    writer.take_turns(contenders, args.rounds, [
        (f"{mode}_{workload}", f"recvlogical_{workload}", 0.95 if mode == "tap" else None)
        for mode in MODES] + [(f"tap_{workload}", f"unverified_{workload}", None)])
    drop_base()


def write_workload(inserts, updates, rows_per_txn):
    """A fresh table, a slot, and the changes behind it; the log's end."""
    postgres.fresh_table()
    postgres.psql(f"SELECT pg_create_logical_replication_slot('{BASE}', 'pgoutput')")
    then = ["--update-rate", "max", "--updates", updates, "--update-rows-per-txn",
            min(rows_per_txn, updates)] if updates else ["--update-rate", "off"]
    with tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        programs.output(programs.CDCBENCH, "run", "--dsn", "", "--taps", "none", "--quiet", "--out",
                        f"{folder}/run", "--rows", inserts, "--rows-per-txn", rows_per_txn, "-c", 1,
                        "--insert-rate", "off", *then)
    postgres.settle()
    return postgres.psql("SELECT pg_current_wal_insert_lsn()")


def with_copy(contender):
    """A slot of its own for one turn, made before the clock runs."""
    postgres.psql(f"SELECT pg_copy_logical_replication_slot('{BASE}', '{COPY}')")
    turn = contender()
    while postgres.psql(f"SELECT active FROM pg_replication_slots WHERE slot_name = '{COPY}'") == "t":
        time.sleep(0.05)
    postgres.psql(f"SELECT pg_drop_replication_slot('{COPY}')")
    return turn


def drop_base():
    postgres.psql(f"SELECT pg_drop_replication_slot('{BASE}')")


def turn_of(server, before, used, events):
    return Turn(rows=events, seconds=used.seconds, client_cpu_s=used.cpu_s,
                server_cpu_s=server.cpu_s() - before, client_peak_bytes=used.peak_bytes)


def by_recvlogical(server, events, end):
    before = server.cpu_s()
    used = programs.Used("pg_recvlogical", "-d", os.environ["PGDATABASE"], "--slot", COPY, "--start", "-f",
                         "/dev/null", "--no-loop", "--endpos", end, "-o", "proto_version=1", "-o",
                         f"publication_names={PUBLICATION}")
    return turn_of(server, before, used, events)


def by_us(server, mode, events, rows):
    before = server.cpu_s()
    used = programs.Used(programs.BUILD / "wal_tap", mode, "", COPY, PUBLICATION, events, rows)
    seen, _, _, _, faults = used.output.split()
    if int(seen) != events or faults != "0":
        raise SystemExit(f"{mode}: {seen} of {events} events, {faults} faults")
    return turn_of(server, before, used, events)
