"""The whole way, and what a run leaves."""

import pytest

import cdc
import pipeline as pipelines
from pipeline import CHANGES, INSERTS, ROWS, UPDATES, Pipeline
from server import Database

WAY = ("commit_to_debezium", "debezium_to_produce", "produce_to_receipt")
WHOLE = ("commit_to_receipt", "ack_to_receipt", "intended_to_receipt", "kafka_minus_wal")


@pytest.fixture(scope="module")
def whole(stack, server, tmp_path_factory):
    """One run for all the tests of this module that only look."""
    pipeline = Pipeline(stack, Database(server, "kafka_whole"))
    done = pipeline.run(tmp_path_factory.mktemp("whole") / "results")
    yield done, pipeline
    pipeline.clean()
    pipeline.database.drop()


def test_every_change_is_proven_on_both_taps(whole):
    done, _ = whole
    pipelines.expect_verified(done, CHANGES)


def test_each_operation_of_each_phase_has_every_stage(whole):
    done, _ = whole
    found = pipelines.stages(done)
    assert set(found) == {("load", "insert"), ("load", "all"), ("mixed", "insert"),
                          ("mixed", "update"), ("mixed", "all"), ("all", "insert"),
                          ("all", "update"), ("all", "all")}
    for lines in found.values():
        assert set(lines) == set(WAY + WHOLE)


def test_every_event_is_in_every_stage(whole):
    done, _ = whole
    found = pipelines.stages(done)
    for group, events in {("load", "insert"): ROWS, ("mixed", "insert"): INSERTS,
                          ("mixed", "update"): UPDATES, ("all", "all"): CHANGES}.items():
        assert {int(found[group][stage]["count"]) for stage in WAY + WHOLE[:-1]} == {events}
    transactions = sum(operation["transactions"] for phase in done.json["phases"]
                       for operation in phase["operations"])
    assert int(found["all", "all"]["kafka_minus_wal"]["count"]) == transactions


def test_the_stages_sum_to_the_whole(whole):
    done, _ = whole
    for lines in pipelines.stages(done).values():
        cdc.expect_stages_to_sum_to_the_whole(lines, "kafka")


def test_every_transaction_is_there_by_its_first_and_its_last_event(whole):
    done, _ = whole
    _, rows = done.csv("lag_transactions.csv")
    transactions = sum(operation["transactions"] for phase in done.json["phases"]
                       for operation in phase["operations"])
    for event in ("first", "last"):
        lines = {row["stage"]: row for row in rows if row["tap"] == "kafka" and
                 row["event"] == event and row["phase"] == row["operation"] == "all"}
        assert set(lines) == set(WAY + WHOLE[:-1])
        assert {int(line["count"]) for line in lines.values()} == {transactions}
        cdc.expect_stages_to_sum_to_the_whole(lines, "kafka")


def test_the_timeline_has_what_each_process_used(whole):
    done, _ = whole
    _, rows = done.csv("timeline.csv")
    for process in ("broker", "connect", "client"):
        assert any(int(row[f"{process}_rss_bytes"] or 0) > 0 for row in rows), process


def test_the_configuration_is_told_without_its_secrets(whole):
    done, pipeline = whole
    told = done.json["pipeline"]
    assert told["topic"] == pipeline.topic
    assert told["connector"]["name"] == pipeline.name
    assert told["connector"]["config"]["poll.interval.ms"] == "10"
    assert told["connector"]["config"]["database.password"] != pipeline.database.server.password


def test_connector_and_slots_are_gone_and_the_topic_stays_until_clean(whole):
    _, pipeline = whole
    assert pipeline.name not in pipeline.connectors()
    assert pipeline.database.slots() == []
    assert pipeline.topic in pipeline.topics()
    pipeline.clean()
    assert pipeline.topic not in pipeline.topics()


def test_clean_takes_what_a_killed_run_left_and_nothing_else(pipeline, out, started):
    run = started(pipeline.start(out, "--rows", "0", "--duration", "30s", "--insert-rate", "100",
                                 "--update-rate", "off"))
    pipeline.await_rows(20)
    run.kill()
    assert pipeline.name in pipeline.connectors()

    # Three things of somebody else's, beside ours.
    database = pipeline.database
    database.execute("CREATE TABLE theirs (id int PRIMARY KEY)")
    database.execute("CREATE PUBLICATION theirs FOR TABLE theirs")
    pipeline.stack.connect("PUT", "/connectors/theirs/config", {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "database.hostname": "127.0.0.1", "database.port": str(database.server.port),
        "database.user": "postgres", "database.password": database.server.password,
        "database.dbname": database.name, "plugin.name": "pgoutput", "topic.prefix": "theirs",
        "slot.name": "theirs", "publication.name": "theirs", "snapshot.mode": "no_data",
        "table.include.list": "public.theirs", "publication.autocreate.mode": "disabled"})
    try:
        cdc.await_true(lambda: "theirs" in database.slots(), "their slot is there")
        database.execute("INSERT INTO theirs VALUES (1)")
        cdc.await_true(lambda: "theirs.public.theirs" in pipeline.topics(), "their topic")

        pipeline.clean()
        pipeline.expect_nothing_left()
        assert "theirs" in pipeline.connectors()
        assert database.slots() == ["theirs"]
        assert "theirs.public.theirs" in pipeline.topics()
        assert database.value("SELECT count(*) FROM theirs") == 1
        assert database.rows("SELECT pubname FROM pg_publication") == [("theirs",)]
        pipeline.clean()  # with nothing to do
    finally:
        pipeline.remove_theirs("theirs")


def test_the_next_run_takes_over_what_a_killed_one_left(pipeline, out, started, tmp_path):
    run = started(pipeline.start(tmp_path / "killed", "--rows", "0", "--duration", "30s",
                                 "--insert-rate", "100", "--update-rate", "off"))
    pipeline.await_rows(20)
    run.kill()
    done = pipeline.run(out)
    assert f"removed connector {pipeline.name}" in done.stderr
    before = pipelines.counts(done)["before_run"]
    assert before > 0
    pipelines.expect_verified(done, before_run=before)
