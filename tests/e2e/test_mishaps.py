"""What goes wrong in mid-run: the proof still holds, or the run says what it could not show."""

import resource
import signal
import time

import psycopg
import pytest

import cdc
from server import Database, asleep

# Long enough to be interfered with, at a pace that does not ask much of the machine.
STEADY = ("--rows", "5k", "--duration", "60s", "--insert-rate", "1k", "--update-rate", "1k",
          "--burst", "0")


@pytest.fixture
def steady(database, out, started):
    """A run under way, in the middle of its mixed phase."""
    running = started(cdc.start("run", *STEADY, dsn=database.dsn, out=out))
    await_mixed(running, database)
    return running


def await_mixed(running, database):
    cdc.await_true(lambda: not running.is_running() or database.count_updated() > 100,
                   "the run updates rows")
    if not running.is_running():
        running.end().expect("still running")


@pytest.mark.main_job
def test_killed_backends_cost_reconnects_and_no_change(database, out, started):
    running = started(cdc.start("run", "--rows", "5k", "--inserts", "4k", "--insert-rate", "2k",
                                "--updates", "4k", "--update-rate", "2k", "--burst", "0",
                                "--rows-per-txn", "100", dsn=database.dsn, out=out))
    await_mixed(running, database)
    killed = 0
    for _ in range(6):
        for pid in database.backends():
            killed += database.value("SELECT pg_terminate_backend(%s)", pid)
        time.sleep(0.2)
    done = running.end().expect_verified(5000 + 4000 + 4000)
    assert killed >= 6
    assert 0 < done.json["client"]["reconnects"] <= killed
    assert database.rows("SELECT count(*), count(DISTINCT transaction_id) FROM transactions") == [
        (9000, 9000)]


def test_a_killed_walsender_ends_the_tap_and_the_verdict_is_incomplete(database, steady):
    database.value("SELECT pg_terminate_backend(%s)", database.walsender())
    time.sleep(0.5)
    steady.signal()
    done = steady.end()
    assert done.code in (2, 130), done.output
    assert done.stdout.startswith("INCOMPLETE") and done.json["verdict"] == "incomplete"
    tap, = done.json["taps"]
    assert tap["complete"] is False and tap["error"] and tap["last_lsn"]
    assert database.slots() == []


@pytest.mark.parametrize("interference, sqlstate", [
    ("ALTER TABLE transactions ADD CONSTRAINT no CHECK (amount < 0) NOT VALID", "23514"),
    ("DROP TABLE transactions", "42P01"),
])
def test_an_error_of_the_server_ends_the_run_with_its_sqlstate(database, steady, interference,
                                                               sqlstate):
    database.execute(interference)
    done = steady.end().expect(2)
    assert f"SQLSTATE {sqlstate}" in done.stderr, done.output
    assert f"SQLSTATE {sqlstate}" in done.json["failure"]
    assert done.stdout.startswith("INCOMPLETE") and done.json["verdict"] == "incomplete"
    _, (verify,) = done.csv("verify.csv")
    assert verify["expected"] == verify["delivered"] == str(done.json["acknowledged"])
    assert sum(int(row["errors"]) for row in done.csv("summary.csv")[1]) > 0
    assert database.slots() == []


def test_a_row_that_is_gone_is_named(database, steady):
    database.execute("DELETE FROM transactions WHERE transaction_id IN "
                     "(SELECT transaction_id FROM transactions LIMIT 1000)")
    gone = "UPDATE 0: row "
    time.sleep(1)
    steady.signal()
    done = steady.end().expect(3)
    assert gone in done.stderr and "transaction_id " in done.stderr, done.output
    assert done.stdout.startswith("FAILED") and done.json["verdict"] == "failed"


def test_a_change_by_somebody_else_is_found_and_named(database, steady):
    key = database.value("UPDATE transactions SET city = 'Atlantis' WHERE transaction_id = "
                         "(SELECT min(transaction_id) FROM transactions) RETURNING transaction_id")
    time.sleep(0.5)  # a drain need not wait for what is not the run's own
    steady.signal()
    done = steady.end().expect(3)
    assert done.stdout.startswith("FAILED"), done.output
    tap, = done.json["taps"]
    assert [fault for fault in tap["verify"]["faults"] if fault["key"] == key], done.output


@pytest.mark.main_job
def test_an_interrupt_ends_the_run_with_results_of_what_ran(database, steady):
    steady.signal()
    done = steady.end(patience_s=30).expect(130)
    assert done.stdout.startswith("INCOMPLETE") and done.json["interrupted"] is True
    _, (verify,) = done.csv("verify.csv")
    assert verify["expected"] == verify["delivered"] == str(done.json["acknowledged"])
    assert verify["missing"] == verify["mismatched"] == verify["unknown"] == "0"
    assert int(verify["expected"]) == database.count_rows() + sum(
        int(row["rows"]) for row in done.csv("summary.csv")[1] if row["operation"] == "update")
    assert database.slots() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_that_end_programs_are_taken_as_interrupts(database, steady, number):
    steady.signal(number)
    assert steady.end(patience_s=30).expect(130).json["interrupted"] is True


def test_a_second_interrupt_ends_it_at_once(database, steady):
    database.execute("BEGIN; LOCK TABLE transactions")  # nothing under way can be finished
    time.sleep(0.2)
    steady.signal()
    time.sleep(0.2)
    before = time.monotonic()
    steady.signal()
    done = steady.end(patience_s=30).expect(130)
    assert time.monotonic() - before < 4  # the first alone would wait longer
    assert done.stdout.startswith("INCOMPLETE") and done.json["interrupted"] is True
    database.execute("ROLLBACK")
    cdc.await_true(lambda: database.slots() == [], "the slot is gone")


def test_an_interrupt_before_the_load_begins(database, out, started):
    cdc.run("init", dsn=database.dsn).expect(0)
    database.execute("BEGIN; LOCK TABLE transactions")  # the table cannot be made anew
    running = started(cdc.start("run", *STEADY, dsn=database.dsn, out=out))
    cdc.await_true(lambda: database.value("SELECT count(*) FROM pg_locks WHERE NOT granted"),
                   "the run waits for the lock")
    running.signal()
    running.end(patience_s=30).expect(130)
    database.execute("ROLLBACK")


def test_a_killed_run_leaves_no_slot(database, steady):
    assert len(database.slots()) == 1
    steady.kill()
    cdc.await_true(lambda: database.slots() == [] and database.backends() == [],
                   "slot and backends are gone")


def test_a_server_that_stays_away_is_given_up(own_server, out, started):
    server = own_server()
    database = Database(server, "bench")
    running = started(cdc.start("run", *STEADY, "--reconnect-timeout", "3s", dsn=database.dsn,
                                secrets=[server.password], out=out))
    await_mixed(running, database)
    server.stop("immediate")
    done = running.end(patience_s=30).expect(2)
    assert "--reconnect-timeout" in done.stderr
    assert done.stdout.startswith("INCOMPLETE") and done.json["failure"]
    assert done.csv("verify.csv")[1] and done.csv("summary.csv")[1]


def test_a_server_that_comes_back_is_written_to_again(own_server, out, started):
    server = own_server()
    database = Database(server, "bench")
    running = started(cdc.start("run", "--rows", "5k", "--inserts", "4k", "--insert-rate", "1k",
                                "--updates", "4k", "--update-rate", "1k", "--burst", "0",
                                dsn=database.dsn, secrets=[server.password], out=out))
    await_mixed(running, database)
    server.stop("immediate")
    server.start()
    done = running.end().expect(2)  # the slot went with the server, and the proof with it
    assert done.stdout.startswith("INCOMPLETE") and done.json["acknowledged"] == 13000
    assert done.json["client"]["reconnects"] >= 4
    database.session = server.connect("bench")
    assert database.rows("SELECT count(*), count(DISTINCT transaction_id) FROM transactions") == [
        (9000, 9000)]


def test_changes_that_do_not_arrive_in_time_are_missing(database, out, started):
    """The walsender is stopped, as one that hangs: what it does not send cannot be proven."""
    running = started(cdc.start("run", "--rows", "5k", "--inserts", "3k", "--insert-rate", "1k",
                                "--updates", "3k", "--update-rate", "1k", "--burst", "0",
                                "--drain-timeout", "1s", dsn=database.dsn, out=out))
    await_mixed(running, database)
    with asleep(database.walsender()):
        done = running.end()
    assert done.code in (2, 3), done.output
    assert "--drain-timeout" in done.stdout + done.stderr, done.output
    _, (verify,) = done.csv("verify.csv")
    assert int(verify["missing"]) == int(verify["expected"]) - int(verify["delivered"]) > 0


def test_a_full_disk_costs_the_results_and_not_the_answer(database, out):
    """A limit on the size of files stands for it: writing fails in the same place."""
    def no_large_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

    done = cdc.run("run", "--rows", "1k", "--insert-rate", "off", "--updates", "100",
                   "--update-rate", "max", dsn=database.dsn, out=out,
                   popen={"preexec_fn": no_large_files, "restore_signals": False}).expect(2)
    assert done.stdout.startswith("VERIFIED  1,100 changes"), done.output
    assert f"cannot write {out}/" in done.stderr and "File too large" in done.stderr, done.output
    assert not (out / "run.json").exists()  # it says what is complete, and comes last
