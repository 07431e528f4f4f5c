"""Scenarios whose streams delete, mix, roll back, fall behind, warm up, drain and repeat: what the
program claims of them, checked in SQL."""

import re
import time

import psycopg
import pytest

import cdc
from server import asleep

ROWS = 20000

# Every kind of stream at once; a tenth of each is rolled back, another goes through a savepoint.
MIXED = """
name: mixed-load
seed: 7
connections: 3
phases:
  - name: load
    insert: {{rows: 20k, rows_per_txn: 500}}
  - name: work
    insert: {{rows: 1k, rows_per_txn: 5, rollback: 10%, savepoint: 10%}}
    update: {{rows: 3k, rows_per_txn: 10, mode: {mode}, rollback: 10%, savepoint: 10%}}
    delete: {{rows: 500, rows_per_txn: 2, mode: {mode}, rollback: 10%, savepoint: 10%}}
    transaction: {{transactions: 200, insert: 5, update_own: 3, update: 4, delete: 1, mode: {mode},
                  rollback: 10%, savepoint: 10%}}
  - name: drain
    until: caught-up
    at_most: 60s
"""

# 2,000 one-row inserts a second, by the clock.
STEADY = """
name: steady-load
connections: 2
phases:
  - name: steady
    duration: {seconds}s
    insert: {{rate: 2k, rows_per_txn: 1}}
  - name: drain
    until: caught-up
    at_most: 60s
"""


def operations(done, phase):
    _, rows = done.csv("summary.csv")
    return {row["operation"]: row for row in rows if row["phase"] == phase}


def count(row, column):
    return int(row[column])


@pytest.mark.main_job
@pytest.mark.parametrize("mode", ["pipeline", "array"])
def test_what_a_mixed_load_claims_is_what_the_table_holds(database, out, scenario, mode):
    done = cdc.run("run", scenario(MIXED, mode=mode), dsn=database.dsn, out=out)
    work = operations(done, "work")
    assert set(work) == {"insert", "update", "delete", "transaction"}
    planned = {"insert": (200, 5), "update": (300, 10), "delete": (250, 2), "transaction": (200, 13)}
    changes = ROWS
    for name, (transactions, rows) in planned.items():
        row = work[name]
        assert count(row, "errors") == count(row, "retries") == 0
        assert 0 < count(row, "rolled_back") < transactions / 4
        assert count(row, "transactions") + count(row, "rolled_back") == transactions
        assert count(row, "rows") == count(row, "transactions") * rows
        changes += count(row, "rows")
    done.expect_verified(changes)
    assert "rolled back as the scenario asks" in done.stdout
    mixes = count(work["transaction"], "transactions")
    assert database.rows("SELECT count(*), count(DISTINCT transaction_id) FROM transactions") == [
        (left := ROWS + count(work["insert"], "rows") + 5 * mixes - count(work["delete"], "rows")
         - mixes, left)]
    assert database.value("SELECT count(*) FROM transactions WHERE amount >= 2000") == 0


def test_the_same_seed_mixes_the_same_table_whatever_the_mode(database, tmp_path, scenario):
    digests = set()
    for number, (mode, connections) in enumerate([("pipeline", 1), ("array", 1), ("pipeline", 4)]):
        # Deletes race with updates of the same rows: which comes first is the clock's to say.
        text = MIXED.replace("    delete:", "    #").replace(", delete: 1", ", delete: 0")
        cdc.run("run", scenario(text, mode=mode), "-c", str(connections), dsn=database.dsn,
                out=tmp_path / str(number)).expect(0)
        digests.add(database.value("SELECT md5(string_agg(concat_ws('|', transaction_id, amount),"
                                   " ',' ORDER BY transaction_id)) FROM transactions"))
    assert len(digests) == 1


@pytest.mark.main_job
def test_backends_killed_in_mixed_transactions_cost_no_change(database, out, scenario, started):
    text = MIXED.replace("transactions: 200", "transactions: 3000").replace("rows: 3k", "rows: 30k")
    running = started(cdc.start("run", scenario(text, mode="pipeline"), dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_updated() > 50, "it updates")
    killed = 0
    while running.is_running() and killed < 12:
        for pid in database.backends():
            killed += database.value("SELECT pg_terminate_backend(%s)", pid)
        time.sleep(0.1)
    done = running.end()
    assert killed > 3 and done.json["client"]["reconnects"] > 0
    work = operations(done, "work")
    done.expect_verified(ROWS + sum(count(row, "rows") for row in work.values()))
    assert count(work["transaction"], "transactions") + count(work["transaction"],
                                                              "rolled_back") == 3000


def test_a_change_that_was_rolled_back_and_is_seen_names_itself(database, out, scenario, started):
    running = started(cdc.start("run", scenario(STEADY, seconds=60), dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_rows() > 100, "it inserts")
    key = database.value("UPDATE transactions SET amount = 2345.67 WHERE transaction_id = "
                         "(SELECT min(transaction_id) FROM transactions) RETURNING transaction_id")
    running.signal()
    done = running.end().expect(3)
    _, (verify,) = done.csv("verify.csv")
    assert verify["rolled_back"] == "1"
    fault, = (f for f in done.json["taps"][0]["verify"]["faults"] if f["kind"] == "rolled_back")
    assert fault["key"] == key and fault["found"] == "2345.67"


def test_a_row_that_is_gone_is_named(database, out, scenario, started):
    """Somebody else deletes every row; what deletes and updates them then says so."""
    for mode in ("pipeline", "array"):
        text = """
phases:
  - name: load
    insert: {rows: 1k, rows_per_txn: 500}
  - name: settle
    until: caught-up
    at_most: 60s
  - name: work
    duration: 60s
    update: {rate: 100, rows_per_txn: 2, mode: %s}
""" % mode
        where = out / mode
        running = started(cdc.start("run", scenario(text.replace("{", "{{").replace("}", "}}")),
                                    dsn=database.dsn, out=where))
        cdc.await_true(lambda: not running.is_running() or database.count_updated() > 10, "updates")
        database.execute("DELETE FROM transactions")
        cdc.await_true(lambda: not running.is_running() or database.count_rows() == 0, "deleted")
        time.sleep(0.5)
        running.signal()
        done = running.end().expect(3)
        assert "was not there to be updated" in done.stderr, done.output
        assert "transaction_id" in done.stderr and "UPDATE 0: row " in done.stderr
        assert count(operations(done, "work")["update"], "errors") > 0


def test_rows_that_statements_over_arrays_do_not_find_are_named(database, out, scenario, started):
    """Such a statement says how many rows it changed; which ones were not there is asked afterwards."""
    text = """
phases:
  - name: load
    insert: {{rows: 1k, rows_per_txn: 500}}
  - name: work
    duration: 60s
    update: {{rate: 400, rows_per_txn: 40, mode: array}}
  - name: drain
    until: caught-up
"""
    running = started(cdc.start("run", scenario(text), dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_updated() > 40, "it updates")
    gone = {key for key, in database.rows(
        "DELETE FROM transactions WHERE transaction_id IN "
        "(SELECT transaction_id FROM transactions ORDER BY md5(transaction_id) LIMIT 200) "
        "RETURNING transaction_id")}
    time.sleep(1)
    running.signal()
    done = running.end().expect(3)
    told = re.findall(r"update transaction \d+: (\d+) of 40 rows were not there to be changed: (.*)",
                      done.stderr)
    assert told, done.output
    for missed, names in told:
        keys = re.findall(r"row \d+, transaction_id ([-0-9a-f]{36})", names)
        assert len(set(keys)) == len(keys) == min(int(missed), 5) and set(keys) <= gone
        assert names.endswith("and others") == (int(missed) > 5)


def hold_table(database, seconds):
    """Nobody can write to the table for so long."""
    with psycopg.connect(database.dsn) as connection:
        connection.execute("LOCK TABLE transactions IN EXCLUSIVE MODE")
        time.sleep(seconds)


def test_a_backlog_past_its_bound_is_marked_and_counted(database, out, scenario, started):
    running = started(cdc.start("run", scenario(STEADY, seconds=6), "--backlog-max", "1k",
                                "--progress", "1s", dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_rows() > 100, "it inserts")
    hold_table(database, 2)
    done = running.end().expect_verified(12000)
    assert "OVERLOADED: in phase steady the backlog passed its bound" in done.stdout
    assert "STALLED: from second" in done.stdout
    assert "--backlog-max" in done.stderr  # said when it happened
    assert done.json["overloaded"] is True
    phase = done.json["phases"][0]
    # 2 s at 2,000 a second wait, whatever else the machine does; and the bound is passed at 1,000.
    assert phase["backlog"]["peak_rows"] >= 3500 and phase["backlog"]["peak_age_s"] >= 1.8
    assert phase["backlog"]["past_bound_s"] >= 1
    over = sum(int(row["overload_us"]) for row in done.csv("timeline.csv")[1])
    assert abs(over - phase["backlog"]["past_bound_s"] * 1e6) <= len(done.csv("timeline.csv")[1])
    stalls = done.json["stalls"]["kept"]
    assert any(stall["phase"] == "steady" and stall["seconds"] >= 1.8 for stall in stalls)


def test_a_backlog_past_its_bound_ends_the_load_where_that_is_asked_for(database, out, scenario,
                                                                        started):
    running = started(cdc.start("run", scenario(STEADY, seconds=60), "--backlog-max-age", "700ms",
                                "--on-overload", "stop", dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_rows() > 100, "it inserts")
    hold_table(database, 2)
    done = running.end().expect(2)
    assert "--backlog-max-age" in done.json["failure"] and "stop" in done.json["failure"]
    _, (verify,) = done.csv("verify.csv")
    assert verify["expected"] == verify["delivered"] == str(done.json["acknowledged"])


def test_a_warm_up_is_verified_and_measured_by_nobody(database, out, scenario):
    text = """
phases:
  - name: warm
    warm_up: true
    insert: {{rows: 2k, rows_per_txn: 10}}
  - name: work
    insert: {{rows: 1k, rows_per_txn: 10}}
  - name: middle
    until: caught-up
    at_most: 60s
  - name: again
    update: {{rows: 1k, rows_per_txn: 10}}
  - name: drain
    until: caught-up
    at_most: 60s
"""
    done = cdc.run("run", scenario(text), dsn=database.dsn, out=out).expect_verified(4000)
    warm = operations(done, "warm")["insert"]
    assert (warm["rows"], warm["latency_p50_us"], warm["service_max_us"]) == ("2000", "", "")
    assert operations(done, "work")["insert"]["latency_p50_us"] != ""
    _, lag = done.csv("lag.csv")
    assert {row["phase"] for row in lag} == {"work", "again", "all"}
    assert {row["count"] for row in lag if row["phase"] == "all" and row["operation"] == "all"} == {
        "2000"}
    assert "warm-up: the times of phase warm are recorded nowhere" in done.stdout
    phases = {phase["name"]: phase for phase in done.json["phases"]}
    assert phases["warm"]["warm_up"] is True and phases["work"]["warm_up"] is False
    # The drains: one in the middle, one at the end. What the first left to see, the second had not.
    for name in ("middle", "drain"):
        drain, = phases[name]["drain"]
        assert drain["tap"] == "wal" and drain["events"] >= 0
    assert phases["work"]["drain"] == []


def test_repeats_have_a_folder_each_and_stand_side_by_side(database, out, scenario):
    text = """
phases:
  - name: load
    insert: {{rows: 1k, rows_per_txn: 100}}
  - name: drain
    until: caught-up
    at_most: 60s
"""
    for table, left, seeds in (("fresh", 1000, ["9", "9", "9"]), ("same", 3000, ["9", "10", "11"])):
        where = out / table
        done = cdc.run("run", scenario(text), "--seed", "9", "--repeat", "3", "--repeat-table",
                       table, dsn=database.dsn, out=where).expect(0)
        runs = [cdc.Ended(0, "", "", where / f"repeat-{number}", []) for number in (1, 2, 3)]
        assert [run.json["verdict"] for run in runs] == ["verified"] * 3
        assert [run.json["scenario"]["seed"] for run in runs] == seeds
        assert database.count_rows() == left
        lines = done.stdout.splitlines()
        first = lines.index(next(line for line in lines if line.startswith("repeat ")))
        assert [line.split()[:2] for line in lines[first + 1:first + 4]] == [
            [str(number), "verified"] for number in (1, 2, 3)]
        assert [line.split()[0] for line in lines[first + 4:first + 6]] == ["least", "most"]


def test_an_interrupt_ends_the_repeats_too(database, out, scenario, started):
    running = started(cdc.start("run", scenario(STEADY, seconds=60), "--repeat", "5",
                                dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_rows() > 100, "it inserts")
    running.signal()
    done = running.end().expect(130)
    assert sorted(path.name for path in out.iterdir()) == ["repeat-1"]
    first = cdc.Ended(130, "", "", out / "repeat-1", [])
    assert first.json["interrupted"] is True and first.json["acknowledged"] > 0
    assert "repeat " in done.stdout


def test_an_interrupt_in_mixed_transactions_drains_and_leaves_results(database, out, scenario,
                                                                      started):
    text = MIXED.replace("transactions: 200", "transactions: 15k").replace("rows: 3k", "rows: 3M")
    running = started(cdc.start("run", scenario(text, mode="array"), dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_updated() > 50, "it updates")
    running.signal()
    done = running.end().expect(130)
    _, (verify,) = done.csv("verify.csv")
    assert verify["expected"] == verify["delivered"] == str(done.json["acknowledged"])
    assert all(verify[column] == "0" for column in cdc.VERIFY_FAULTS)
    assert count(operations(done, "work")["transaction"], "transactions") > 0


def test_a_second_interrupt_stops_a_drain_at_once(database, out, scenario, started):
    """The walsender sleeps, so the drain would last; two interrupts end it, and leave results."""
    running = started(cdc.start("run", scenario(STEADY, seconds=60), dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_rows() > 100, "it inserts")
    with asleep(database.walsender()):
        seen = database.count_rows()
        cdc.await_true(lambda: database.count_rows() > seen + 500, "there is something to drain")
        running.signal()
        time.sleep(1.5)
        assert running.is_running()
        running.signal()
        done = running.end().expect(130)
    # Awake again, it finds its reader gone, and the temporary slot goes with it.
    cdc.await_true(lambda: database.slots() == [], "the slot is gone")
    assert done.stdout.startswith("INCOMPLETE")
    assert done.json["interrupted"] is True and done.json["acknowledged"] > 0
