"""What the program counts and measures, held against a witness that shares no code with it."""

import pytest

import pipeline as pipelines
from pipeline import CHANGES, INSERTS, ROWS, UPDATES, Pipeline
from server import Database
from witness import FIGURES, LogWitness, TopicWitness, figures

OPERATIONS = {"insert": "c", "update": "u", "all": None}


@pytest.fixture(scope="module")
def witnessed(stack, server, tmp_path_factory):
    pipeline = Pipeline(stack, Database(server, "kafka_witnessed"))
    log = LogWitness(pipeline.database)
    pipeline.make_topic()
    topic = TopicWitness(pipeline.brokers, pipeline.topic)
    done = pipeline.run(tmp_path_factory.mktemp("witnessed") / "results")
    topic.end(pipeline.end_offset())
    log.read("cdcbench_transactions")
    yield done, topic, log
    log.drop()
    pipeline.delete_topic()
    pipeline.clean()
    pipeline.database.drop()


def test_all_three_count_the_same(witnessed):
    done, topic, log = witnessed
    pipelines.expect_verified(done, CHANGES)
    assert (topic.count("c"), topic.count("u"), topic.count("d")) == (ROWS + INSERTS, UPDATES, 0)
    assert log.counts == {"I": ROWS + INSERTS, "U": UPDATES, "D": 0}
    transactions = sum(operation["transactions"] for phase in done.json["phases"]
                       for operation in phase["operations"])
    assert len(log.commits) == len(topic.transactions()) == transactions
    for tap in done.json["taps"]:
        assert (tap["events"], tap["transactions"]) == (CHANGES, transactions)


def test_debezium_tells_the_commit_time_that_the_log_has(witnessed):
    _, topic, log = witnessed
    assert {record[5]: record[1] for record in topic.records} == log.commits


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("stage", ["commit_to_debezium", "debezium_to_produce"])
def test_stages_that_stand_in_the_messages_are_the_same(witnessed, stage, operation):
    done, topic, _ = witnessed
    told = pipelines.stages(done)["all", operation][stage]
    found = figures(topic.stage(stage, OPERATIONS[operation]))
    for exact in ("count", "negative_count", "min_us", "max_us"):
        assert int(told[exact]) == found[exact], exact
    assert abs(float(told["mean_us"]) - found["mean_us"]) <= 0.1
    for name in FIGURES:
        # The edge of the value's slot: 3 significant digits.
        value = found[f"{name}_us"]
        assert abs(int(told[f"{name}_us"]) - value) <= max(1, abs(value) / 1000), name


def test_receipts_are_two_consumers_and_nearly_one_figure(witnessed, record_property):
    """Each stamps for itself, so only what must be so is held: nobody receives before the producer
    has sent. What the two measured stands side by side in the test's record."""
    done, topic, _ = witnessed
    for stage in ("produce_to_receipt", "commit_to_receipt"):
        told = pipelines.stages(done)["all", "all"][stage]
        found = figures(topic.stage(stage))
        assert int(told["count"]) == found["count"] == CHANGES
        for name in ("min_us", "p50_us", "p99_us", "max_us"):
            record_property(f"{stage}.{name}", f"{told[name]} and {found[name]}")
        unknown_us = done.json["clock"]["uncertainty_max_us"]
        assert int(told["min_us"]) >= -unknown_us and found["min_us"] >= 0


