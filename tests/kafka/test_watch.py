"""cdcbench watch on Kafka too: a table and a connector that are somebody else's."""

import pytest

import cdc

EVENTS = {"insert": 300, "update": 20, "delete": 5}


@pytest.fixture
def theirs(pipeline):
    database = pipeline.database
    database.execute("CREATE TABLE theirs (id int PRIMARY KEY, note text)")
    database.execute("CREATE PUBLICATION theirs FOR TABLE theirs")
    pipeline.topic = f"{pipeline.name}.public.theirs"
    pipeline.make_topic()
    pipeline.add_theirs(f"{pipeline.name}_theirs", {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "database.hostname": "127.0.0.1", "database.port": str(database.server.port),
        "database.user": "postgres", "database.password": database.server.password,
        "database.dbname": database.name, "plugin.name": "pgoutput", "topic.prefix": pipeline.name,
        "slot.name": "theirs", "publication.name": "theirs", "snapshot.mode": "no_data",
        "poll.interval.ms": "10", "table.include.list": "public.theirs",
        "publication.autocreate.mode": "disabled"})
    yield pipeline
    pipeline.remove_theirs(f"{pipeline.name}_theirs")
    pipeline.delete_topic()


def test_it_sees_on_both_taps_what_others_do_and_leaves_nothing(theirs, out, started):
    database = theirs.database
    theirs.produce((b"key", b"no event"))  # before it begins: not its business
    before = database.catalog()
    running = started(cdc.start("watch", "public.theirs", "--taps", "wal,kafka", "--brokers",
                                theirs.brokers, "--from-topic", theirs.topic, dsn=database.dsn, out=out,
                                secrets=[database.server.password]))
    cdc.await_true(lambda: len(database.slots()) == 2, "it listens")
    # The wal tap's slot is there before the kafka tap listens; a second of the timeline is not.
    timeline = out / "timeline.csv"
    cdc.await_true(lambda: len(timeline.read_text(encoding="utf-8").splitlines()) > 1, "it runs")
    database.execute("INSERT INTO theirs SELECT i, 'x' FROM generate_series(1, 300) i")
    for i in range(1, 21):
        database.execute("UPDATE theirs SET note = 'y' WHERE id = %s", i)
    database.execute("DELETE FROM theirs WHERE id > 295")
    end = theirs.await_still()
    theirs.produce((b"key", b"no event"))
    cdc.await_true(lambda: theirs.end_offset() == end + 1, "it is there")
    running.signal()
    done = running.end().expect(0)
    wal, kafka = done.json["taps"]
    assert wal["seen"] == kafka["seen"] == EVENTS, done.output
    assert kafka["kafka"]["unreadable"] == 1
    assert done.stdout.startswith("WATCHED  public.theirs: 325 changes seen on wal"), done.output
    _, rows = done.csv("lag.csv")
    lines = {row["stage"]: row for row in rows if row["tap"] == "kafka"
             and row["phase"] == row["operation"] == "all"}
    assert set(lines) == {*cdc.WAYS["kafka"], "commit_to_receipt"}
    assert int(lines["commit_to_receipt"]["count"]) == 325
    cdc.expect_stages_to_sum_to_the_whole(lines, "kafka")
    assert done.json["clock"]["connect"]["holds"] is True
    assert database.catalog() == before
