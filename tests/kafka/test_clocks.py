"""A server whose clock is 3 s ahead of the machine that Connect and the broker run on."""

import pytest

import cdc
import pipeline as pipelines
from pipeline import Pipeline
from server import Database, Server

WRONG_US = 3_000_000


@pytest.fixture(scope="module")
def wrong(stack):
    server = Server.make()
    try:
        server.start(clock="+3s", max_wal_senders=8, max_replication_slots=8)
        pipeline = Pipeline(stack, Database(server, "kafka_wrong_clock"))
        yield pipeline
        pipeline.clean()
    finally:
        server.remove()


def whole(done):
    return {stage: {name: int(value) for name, value in line.items() if name in ("min_us", "max_us")}
            for stage, line in pipelines.stages(done)["all", "all"].items()}


def test_where_their_clock_is_ours_no_stage_moves(wrong, out):
    done = wrong.run(out)
    pipelines.expect_verified(done)
    clock, lag = done.json["clock"], whole(done)
    assert abs(clock["offset_us"] - WRONG_US) <= clock["uncertainty_us"] + 1
    assert clock["connect"]["taken_for"] == "client" and clock["connect"]["holds"] is True
    assert clock["connect"]["ahead_min_us"] <= 0 <= clock["connect"]["ahead_max_us"]
    assert clock["broker"] is None, "its time is in no record"
    assert "WARNING" not in done.stdout, done.output
    for stage in cdc.WAYS["kafka"]:
        # CreateTime has whole milliseconds.
        assert lag[stage]["min_us"] >= -1000 - 2 * clock["uncertainty_max_us"], stage
        assert lag[stage]["max_us"] <= lag["commit_to_receipt"]["max_us"] + 1000 + \
            2 * clock["uncertainty_max_us"], stage


def test_where_nobody_knows_their_clock_it_is_bounded_and_warned_of(wrong, out):
    """127.1 is this host, and is not taken for it."""
    wrong.connect_url = wrong.connect_url.replace("127.0.0.1", "127.1").replace("localhost", "127.1")
    done = wrong.run(out)
    pipelines.expect_verified(done, before_run=pipelines.counts(done)["before_run"])
    connect, lag = done.json["clock"]["connect"], whole(done)
    assert connect["taken_for"] == "server" and connect["holds"] is False
    assert connect["ahead_min_us"] <= -WRONG_US <= connect["ahead_max_us"]
    assert "WARNING: Kafka Connect's clock is" in done.stdout and "behind the server's" in done.stdout
    assert lag["commit_to_debezium"]["min_us"] < 0, "as it is told"
    assert lag["commit_to_receipt"]["min_us"] > 0, "and the whole is right"
