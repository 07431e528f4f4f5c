"""^C where one phase ends and the next begins: what ran is whole and proven, the rest was not begun."""

import contextlib
import json
import time

import psycopg
import pytest

import cdc
from server import asleep

FIRST, SECOND = 3000, 2

# As many transactions in the second phase as there are connections: when all of them wait for one lock
# there is nothing more in it to take.
SCENARIO = """
name: edges
connections: 2
phases:
  - name: first
    insert: {{rows: 3k, rate: 1500, rows_per_txn: 10}}
  - name: settle
    until: caught-up
  - name: second
    insert: {{rows: 2, rows_per_txn: 1}}
  - name: third
    insert: {{rows: 60k, rate: 1k, rows_per_txn: 1}}
  - name: drain
    until: caught-up
    at_most: 60s
"""
WAITING = ("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'transactions'::regclass "
           "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")


@pytest.fixture
def running(database, out, scenario, started):
    """A run in its first phase."""
    running = started(cdc.start("run", scenario(SCENARIO), "--json", dsn=database.dsn, out=out))
    cdc.await_true(lambda: not running.is_running() or database.count_rows() > 0, "it inserts")
    return running


@contextlib.contextmanager
def settling(database):
    """The first phase is over, and the wait after it goes on: the walsender sleeps."""
    with asleep(database.walsender()):
        cdc.await_true(lambda: database.count_rows() == FIRST, "the first phase is whole")
        yield


def expect_whole(done, database, phases, rows):
    """Of an interrupted run: all its files, and in each of them the phases that ran and nothing else."""
    done.expect(130)
    assert {path.name for path in done.folder.iterdir()} >= {
        "run.json", "summary.csv", "timeline.csv", "lag.csv", "verify.csv", "report.html"}
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["verdict"] == "incomplete" and lines[-1]["exit_code"] == 130
    assert lines[-1]["acknowledged"] == done.json["acknowledged"] == rows == database.count_rows()
    assert done.json["interrupted"] is True and done.json["verdict"] == "incomplete"
    begun = [phase["name"] for phase in done.json["phases"] if phase["start_s"] is not None]
    assert begun == [*phases, "drain"]
    assert all(phase["end_s"] is not None for phase in done.json["phases"] if phase["name"] in begun)
    tap, = done.json["taps"]
    assert tap["complete"] is True
    _, (verify,) = done.csv("verify.csv")
    assert verify["expected"] == verify["delivered"] == str(rows)
    assert all(verify[column] == "0" for column in cdc.VERIFY_FAULTS)
    _, timeline = done.csv("timeline.csv")
    assert sum(int(row["insert_acked_rows"]) for row in timeline) == rows
    assert len(timeline) == len(lines) - 1
    assert {row["phase"] for row in timeline} <= set(begun)
    assert database.slots() == [] and database.backends() == []


def rows_by_phase(done):
    return {row["phase"]: int(row["rows"]) for row in done.csv("summary.csv")[1]}


def test_an_interrupt_while_a_phase_is_waited_for_begins_no_other(database, running):
    with settling(database):
        running.signal()
        time.sleep(0.3)
        assert running.is_running()
    done = running.end()
    expect_whole(done, database, ["first", "settle"], FIRST)
    assert rows_by_phase(done) == {"first": FIRST}


def test_an_interrupt_at_the_end_of_a_phase_leaves_it_whole(database, running):
    """All of the phase has been sent, and none of it acknowledged, when the interrupt comes."""
    with psycopg.connect(database.dsn) as lock:
        with settling(database):
            lock.execute("LOCK TABLE transactions IN EXCLUSIVE MODE")
        cdc.await_true(lambda: database.value(WAITING) == SECOND, "the second phase waits")
        running.signal()
        cdc.await_true(lambda: database.value(WAITING) == SECOND, "it waits still")
        lock.rollback()
    done = running.end()
    expect_whole(done, database, ["first", "settle", "second"], FIRST + SECOND)
    assert rows_by_phase(done) == {"first": FIRST, "second": SECOND}


def test_two_interrupts_before_the_drain_find_nothing_missing(database, running):
    """What an earlier wait had seen says nothing of what came after it: changes of the third phase
    are acknowledged, and on their way, when the run is stopped at once."""
    beyond = FIRST + SECOND
    cdc.await_true(lambda: database.count_rows() > beyond + 100, "the third phase goes on")
    with psycopg.connect(database.dsn) as lock, asleep(database.walsender()):
        seen = database.count_rows()
        cdc.await_true(lambda: database.count_rows() > seen + 100, "the tap lacks something")
        lock.execute("LOCK TABLE transactions IN EXCLUSIVE MODE")
        running.signal()
        time.sleep(0.3)
        running.signal()
        done = running.end().expect(130)
        lock.rollback()
    assert done.json["verdict"] == "incomplete" and done.json["interrupted"] is True
    tap, = done.json["taps"]
    assert tap["complete"] is False
    _, (verify,) = done.csv("verify.csv")
    assert int(verify["expected"]) - int(verify["delivered"]) == int(verify["missing"]) > 0
    cdc.await_true(lambda: database.slots() == [], "the slot is gone")
