"""Pipelined single-row UPDATEs beside pgbench's pipeline, and array mode beside one server-side UPDATE; both
triggers, REPLICA IDENTITY FULL.

Everybody's table is filled just before and vacuumed, with no checkpoint in between: a page that is changed for
the first time after one costs eight kilobytes of log, and would cost only those who had it. One server-side UPDATE comes
in two orders: that of the table, and a random one, which is what cdcbench's keys are."""

import os
import pathlib
import re
import tempfile
import threading
import time

from . import postgres, programs
from .turns import Turn

BATCH = 100  # updates in a transaction
REST_S = 3  # between a load and its updates
TWIN = "bench_twin"  # pgbench's table: keys that its arithmetic can make, all else alike
TWIN_KEY = "'00000000-0000-4000-8000-' || "
TWIN_FIRST = 100_000_000_000


def run(writer, args):
    rows = args.rows or 100_000
    with postgres.Server() as server, tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        contenders = {}
        for c in (1, 4):
            contenders[f"pgbench_pipeline_{c}"] = \
                lambda c=c: by_pgbench(server, folder, rows, c)
            contenders[f"cdcbench_pipeline_{c}"] = \
                lambda c=c: by_cdcbench(server, folder, rows, c, "pipeline")
        contenders["pgbench_pipeline_4_async"] = \
            lambda: without_waiting(lambda: by_pgbench(server, folder, rows, 4))
        contenders["cdcbench_pipeline_4_async"] = \
            lambda: without_waiting(lambda: by_cdcbench(server, folder, rows, 4, "pipeline"))
        contenders["server_update_in_table_order"] = lambda: by_server(server, rows)
        contenders["server_update_in_random_order"] = lambda: by_server_at_random(server, rows)
        contenders["cdcbench_array_1"] = lambda: by_cdcbench(server, folder, rows, 1, "array", rows)
        writer.take_turns(contenders, args.rounds, [
            ("cdcbench_pipeline_1", "pgbench_pipeline_1", 1.0),
            ("cdcbench_pipeline_4", "pgbench_pipeline_4", 1.2),
            ("cdcbench_pipeline_4_async", "pgbench_pipeline_4_async", None),
            ("cdcbench_array_1", "server_update_in_random_order", 0.95),
            ("cdcbench_array_1", "server_update_in_table_order", None)])


def without_waiting(work):
    """With synchronous_commit off: what is left when nobody waits for the disk."""
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"
    try:
        return work()
    finally:
        del os.environ["PGOPTIONS"]


def drop_twin():
    """Before cdcbench's own objects: its triggers are on their functions."""
    postgres.psql(f"SET client_min_messages = warning; DROP TABLE IF EXISTS {TWIN}")


def load(rows):
    """A table as cdcbench fills it, in a state of rest."""
    drop_twin()
    postgres.fresh_table()
    postgres.settle()
    postgres.psql(f"\\copy transactions ({postgres.COLUMNS}) from program "
                  f"'{programs.CDCBENCH} gen --quiet --rows {rows}'")


def make_twin(rows):
    load(rows)
    postgres.psql(
        f"CREATE TABLE {TWIN} (LIKE transactions INCLUDING ALL);"
        f"INSERT INTO {TWIN} SELECT {TWIN_KEY} ({TWIN_FIRST} + row_number() OVER () - 1)::text, "
        "user_id, timestamp, amount, currency, city, country, merchant_name, payment_method, "
        "ip_address, voucher_code, affiliateId FROM transactions;"
        f"CREATE TRIGGER trigger_record_user_update BEFORE UPDATE ON {TWIN} "
        "FOR EACH ROW EXECUTE FUNCTION record_change_user();"
        f"CREATE TRIGGER trigger_record_change_info BEFORE UPDATE ON {TWIN} "
        "FOR EACH ROW EXECUTE FUNCTION record_change_columns();"
        f"ALTER TABLE {TWIN} REPLICA IDENTITY FULL")
    postgres.psql(f"VACUUM ANALYZE {TWIN}")


def pgbench_script(folder, rows, connections):
    """Each client has rows of its own, as cdcbench's connections have: random keys over all would
    deadlock."""
    lines = []
    for i in range(BATCH):
        lines.append(f"\\set i{i} {TWIN_FIRST} + :client_id + {connections} * "
                     f"random(0, {rows // connections - 1})\n\\set a{i} random(1000, 100000)\n")
    lines.append("\\startpipeline\n")
    for i in range(BATCH):
        lines.append(f"UPDATE {TWIN} SET amount = :a{i} / 100.0 "
                     f"WHERE transaction_id = {TWIN_KEY}:i{i};\n")
    lines.append("\\endpipeline\n")
    path = pathlib.Path(folder) / f"updates_{connections}.sql"
    path.write_text("".join(lines), encoding="ascii")
    return path


def by_pgbench(server, folder, rows, connections):
    make_twin(rows)
    script = pgbench_script(folder, rows, connections)
    before = server.cpu_s()
    used = programs.Used("pgbench", "-n", "-M", "prepared", "-c", connections, "-j",
                         min(connections, 2), "-t", rows // (BATCH * connections), "-f", script)
    server_cpu = server.cpu_s() - before
    if "number of failed transactions: 0 " not in used.output:
        raise SystemExit(f"pgbench lost transactions:\n{used.output}")
    tps = float(re.search(r"tps = ([\d.]+) \(without", used.output).group(1))
    done = rows // (BATCH * connections) * BATCH * connections
    return Turn(rows=done, seconds=done / (tps * BATCH), client_cpu_s=used.cpu_s,
                server_cpu_s=server_cpu, client_peak_bytes=used.peak_bytes)


def by_server(server, rows):
    load(rows)
    postgres.psql("VACUUM ANALYZE transactions")
    return postgres.psql_turn(server, "UPDATE transactions SET amount = amount + 1;", rows)


def by_server_at_random(server, rows):
    """The same keys and amounts as an array would bring, from a table in random order, row by row through
    the primary key."""
    load(rows)
    postgres.psql("SET client_min_messages = warning; DROP TABLE IF EXISTS bench_changes; "
                  "CREATE UNLOGGED TABLE bench_changes AS SELECT transaction_id AS key, "
                  "amount + 1 AS amount FROM transactions ORDER BY random()")
    postgres.psql("VACUUM ANALYZE transactions")
    return postgres.psql_turn(
        server, "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off;"
        "UPDATE transactions t SET amount = c.amount FROM bench_changes c "
        "WHERE t.transaction_id = c.key;", rows)


SCENARIO = """name: updates
table: {{key: uuid4, replica_identity: full, triggers: both}}
connections: {connections}
phases:
  - name: load
    insert: {{rows: {rows}, rows_per_txn: 1000}}
  - name: rest
    duration: {rest_s}s
    insert: {{rate: 1, rows_per_txn: 1}}
  - name: mixed
    update: {{rate: max, rows: {updates}, rows_per_txn: {batch}, mode: {mode}}}
"""


class Rest(threading.Thread):
    """The seconds between cdcbench's load and its updates: the table is vacuumed, as the others' are, and
    what client and server have used so far is read."""

    def __init__(self, server, rows):
        super().__init__()
        self.server, self.rows, self.used, self.vacuum_s = server, rows, None, None
        self.start()

    def run(self):
        while postgres.psql("SELECT to_regclass('transactions') IS NOT NULL") != "t" or \
                int(postgres.psql("SELECT count(*) FROM transactions")) < self.rows:
            time.sleep(0.1)
        began = time.monotonic()
        postgres.psql("VACUUM ANALYZE transactions")
        self.vacuum_s = time.monotonic() - began
        self.used = programs.cdcbench_cpu_s(), self.server.cpu_s()

    def used_before(self):
        self.join()
        if self.used is None or self.vacuum_s > REST_S / 2:
            raise SystemExit(f"the vacuum took {self.vacuum_s} s of the {REST_S} s before the updates")
        return self.used


def by_cdcbench(server, folder, rows, connections, mode, batch=BATCH):
    drop_twin()
    programs.output(programs.CDCBENCH, "clean", "--dsn", "", "--quiet")
    postgres.settle()
    scenario = pathlib.Path(folder) / f"{mode}_{connections}.yaml"
    scenario.write_text(SCENARIO.format(connections=connections, rows=rows, updates=rows, batch=batch,
                                        mode=mode, rest_s=REST_S), encoding="ascii")
    rest = Rest(server, rows)
    return programs.cdcbench_run(server, scenario, "-j", min(connections, 2), phase="mixed",
                                 operation="update", used_before=rest.used_before)
