"""run --explain-cost without Kafka: what its table says, and that it leaves nothing behind. Figures are
compared where the difference is one of counts (bytes of WAL); of CPU time it is said that it is there."""

import json
import math
import signal

import pytest

import cdc
from server import Database

CONDITIONS = [("none", "default"), ("both", "default"), ("none", "full"), ("both", "full")]
PHASES = [("load", "insert"), ("update", "update"), ("delete", "delete")]
ROWS = 4000
SMALL = ("--rows", str(ROWS), "--set", "phases.warm-up.insert.rows=1k",
         "--set", "phases.warm-up-changes.update.rows=1k")
UNABLE, FAULTY, INTERRUPTED = 2, 3, 130

MEASURED = ["wal_bytes", "server_cpu_us", "walsender_cpu_us", "client_cpu_us"]
NOT_HERE = ["debezium_walsender_cpu_us", "connect_cpu_us", "broker_cpu_us", "kafka_bytes"]
# What nobody but the run may write: no page images, no vacuum.
STILL = {"checkpoint_timeout": "1h", "full_page_writes": "off", "autovacuum": "off"}


@pytest.fixture(scope="module")
def still(template):
    server = template.copy()
    server.start(**STILL)
    yield server
    server.remove()


@pytest.fixture(scope="module")
def explained(still, tmp_path_factory):
    """A whole one, what was in the database before, and what after."""
    database = Database(still, "explained")
    before = database.catalog()
    out = tmp_path_factory.mktemp("explained") / "results"
    done = cdc.run("run", "--explain-cost", *SMALL, dsn=database.dsn, out=out).expect(0)
    yield done, before, database.catalog()
    database.drop()


@pytest.fixture
def empty(still):
    database = Database(still, "empty")
    yield database
    database.drop()


def costs(done):
    """cost.csv by phase and condition."""
    _, rows = done.csv("cost.csv")
    return {(row["phase"], row["triggers"], row["replica_identity"]): row for row in rows}


def folder(condition):
    return f"triggers-{condition[0]}-identity-{condition[1]}"


def run_json(out, condition):
    return json.loads((out / folder(condition) / "run.json").read_text(encoding="utf-8"))


def wal(found, phase, triggers, identity):
    return float(found[phase, triggers, identity]["wal_bytes_per_change"])


def test_each_condition_is_a_verified_run_of_its_own(explained):
    done, _, _ = explained
    assert sorted(path.name for path in done.folder.iterdir()) == sorted(
        ["cost.csv", *map(folder, CONDITIONS)])
    for triggers, identity in CONDITIONS:
        told = run_json(done.folder, (triggers, identity))
        assert told["verdict"] == "verified" and told["acknowledged"] == 2000 + 3 * ROWS
        table, = told["scenario"]["tables"]
        assert (table["triggers"], table["replica_identity"]) == (triggers, identity)


def test_what_was_measured_has_a_figure_and_what_was_not_is_empty(explained):
    done, _, _ = explained
    _, rows = done.csv("cost.csv")
    assert [(row["triggers"], row["replica_identity"], row["phase"], row["operation"])
            for row in rows] == [(*condition, *phase) for condition in CONDITIONS for phase in PHASES]
    for row in rows:
        assert (row["changes"], row["checkpoints"], row["schemas"]) == (str(ROWS), "0", "")
        for column in MEASURED:
            assert float(row[f"{column}_per_change"]) >= 0 and row[f"{column}_per_change"] != ""
        for column in NOT_HERE:
            assert row[f"{column}_per_change"] == ""
            assert row[f"{column.removesuffix('_us').removesuffix('_bytes')}_ratio"] == ""
        assert float(row["client_cpu_us_per_change"]) > 0
    assert sum(float(row["server_cpu_us_per_change"]) for row in rows) > 0


def test_ratios_are_over_the_plainest_condition(explained):
    done, _, _ = explained
    found = costs(done)
    for (phase, *condition), row in found.items():
        expected = wal(found, phase, *condition) / wal(found, phase, "none", "default")
        assert math.isclose(float(row["wal_ratio"]), expected, abs_tol=0.002)
    assert {found[phase, "none", "default"]["wal_ratio"] for phase, _ in PHASES} == {"1.000"}


def test_each_choice_costs_wal_where_it_must(explained):
    done, _, _ = explained
    found = costs(done)
    for identity in ("default", "full"):
        # What the triggers note is in the new row.
        assert wal(found, "update", "both", identity) > 1.2 * wal(found, "update", "none", identity)
    for triggers in ("none", "both"):
        # The old row is logged whole.
        assert wal(found, "update", triggers, "full") > 1.2 * wal(found, "update", triggers, "default")
        assert wal(found, "delete", triggers, "full") > 1.5 * wal(found, "delete", triggers, "default")
    # An insert has no old row, and no trigger.
    inserts = [wal(found, "load", *condition) for condition in CONDITIONS]
    assert max(inserts) < 1.1 * min(inserts)


def test_the_table_says_what_the_file_says(explained):
    done, _, _ = explained
    found = costs(done)
    blocks = done.stdout.split("\n\n")
    assert blocks[0].startswith("What each change costs") and len(blocks) == 5
    for (phase, operation), block in zip(PHASES, blocks[1:]):
        title, heading, *lines = block.splitlines()
        assert title == f"{phase}: {operation} of 4,000 rows"
        assert heading.split() == ["triggers", "identity", "WAL", "bytes", "×", "server", "µs", "×",
                                   "walsender", "client"]
        for condition, line in zip(CONDITIONS, lines, strict=True):
            triggers, identity, bytes_, ratio, *_ = line.split()
            row = found[phase, *condition]
            assert (triggers, identity) == condition
            assert bytes_ == f"{float(row['wal_bytes_per_change']):.0f}"
            assert abs(float(ratio.removeprefix("×")) - float(row["wal_ratio"])) < 0.006
    assert blocks[4].strip() == str(done.folder / "cost.csv")


def test_it_leaves_the_database_as_it_was(explained):
    _, before, after = explained
    assert after == before


def test_a_table_that_is_there_already_is_not_touched(empty, out):
    cdc.run("init", dsn=empty.dsn).expect(0)
    before = empty.catalog()
    done = cdc.run("run", "--explain-cost", *SMALL, dsn=empty.dsn, out=out).expect(UNABLE)
    assert "remove it with cdcbench clean" in done.stderr and empty.catalog() == before
    assert not out.exists()


def test_a_table_of_somebody_else_is_not_touched(empty, out):
    empty.execute("CREATE TABLE transactions (theirs int)")
    before = empty.catalog()
    done = cdc.run("run", "--explain-cost", *SMALL, dsn=empty.dsn, out=out).expect(UNABLE)
    assert "transactions" in done.stderr and empty.catalog() == before


def in_second_condition(run, database, out):
    """The second condition's rows are there, and its run goes on."""
    second = out / folder(CONDITIONS[1])
    cdc.await_true(lambda: not run.is_running() or (second.exists() and database.count_updated() > 0),
                   "the second condition updates rows")


def test_an_interrupt_keeps_what_ran_and_leaves_nothing_behind(empty, out, started):
    before = empty.catalog()
    run = started(cdc.start("run", "--explain-cost", "-c", "1", "--set", "phases.load.insert.rows=60k",
                            "--set", "phases.update.update.rows=60k", dsn=empty.dsn, out=out))
    in_second_condition(run, empty, out)
    run.signal()
    done = run.end().expect(INTERRUPTED)
    assert sorted(path.name for path in out.iterdir()) == sorted(
        ["cost.csv", *map(folder, CONDITIONS[:2])])
    assert run_json(out, CONDITIONS[1])["interrupted"] is True
    assert set(costs(done)) == {(phase, *CONDITIONS[0]) for phase, _ in PHASES}
    assert empty.catalog() == before


def test_a_fault_in_one_condition_fails_the_whole(empty, out, started):
    run = started(cdc.start("run", "--explain-cost", "-c", "1", "--set", "phases.load.insert.rows=60k",
                            "--set", "phases.update.update.rows=60k", dsn=empty.dsn, out=out))
    in_second_condition(run, empty, out)
    empty.execute("UPDATE transactions SET city = 'Atlantis' WHERE transaction_id = "
                  "(SELECT max(transaction_id) FROM transactions)")
    done = run.end().expect(FAULTY)
    assert "FAILED" in done.stdout and run_json(out, CONDITIONS[1])["verdict"] == "failed"
    # It has no cost, and the others go on.
    assert set(costs(done)) == {(phase, *condition) for phase, _ in PHASES
                                for condition in CONDITIONS if condition != CONDITIONS[1]}


def test_a_server_that_is_lost_ends_it_and_clean_removes_what_is_left(own_server, out, started):
    server = own_server()
    database = Database(server, "lost")
    before = database.catalog()
    run = started(cdc.start("run", "--explain-cost", "-c", "1", "--reconnect-timeout", "1s",
                            "--set", "phases.load.insert.rows=60k",
                            "--set", "phases.update.update.rows=60k", dsn=database.dsn, out=out))
    in_second_condition(run, database, out)
    server.stop("immediate")
    done = run.end().expect(UNABLE)
    assert "cdcbench clean" in done.stderr, done.output
    assert set(costs(done)) == {(phase, *CONDITIONS[0]) for phase, _ in PHASES}
    server.start()
    cdc.run("clean", dsn=database.dsn).expect(0)
    database.session = server.connect("lost")
    assert database.catalog() == before


def test_a_throw_away_server_goes_with_it(out, clusters, started):
    environment = {"CDCBENCH_CLUSTERS": str(clusters)}
    run = started(cdc.start("run", "--explain-cost", *SMALL, out=out, extra_environment=environment))
    cdc.await_true(lambda: not run.is_running() or (out / folder(CONDITIONS[1])).exists(),
                   "the second condition has begun")
    run.signal(signal.SIGTERM)
    run.end().expect(INTERRUPTED)
    assert not clusters.exists() or not list(clusters.iterdir())
