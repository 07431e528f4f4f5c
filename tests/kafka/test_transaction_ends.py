"""Debezium's own counts of each transaction's events, which the ENDs of its transaction topic carry
(provide.transaction.metadata), against what the tap saw."""

import json

import pytest

import cdc
import pipeline as pipelines
from pipeline import CHANGES, LOAD

METADATA = {"provide_transaction_metadata": "true"}
STEADY = ("--rows", "0", "--duration", "4s", "--insert-rate", "100", "--update-rate", "off")


def ends_of(done):
    return pipelines.kafka_tap(done)["transaction_ends"]


def expect_ends_agree(done):
    found, tap = pipelines.counts(done), pipelines.kafka_tap(done)
    assert found["end_agrees"] == ends_of(done)["ends"] == tap["transactions"] > 0, done.output
    assert [found[column] for column in cdc.END_COLUMNS[1:]] == [0, 0, 0], done.output
    assert (f"{tap['transactions']:,} transactions on kafka, each with the events that its END counts"
            in done.stdout), done.output


@pytest.mark.parametrize("settings, topic", [({}, "transaction"),
                                             ({"topic_transaction": "ends"}, "ends")])
def test_every_transaction_has_the_events_that_its_end_counts(pipeline, out, settings, topic):
    topic = f"{pipeline.name}.{topic}"
    done = pipeline.run(out, settings=METADATA | settings)
    pipelines.expect_verified(done)
    expect_ends_agree(done)
    assert not set(cdc.END_COLUMNS) & set(pipelines.counts(done, "wal"))
    assert done.json["pipeline"]["transaction_topic"] == topic
    assert topic in pipeline.topics()
    pipeline.clean()
    assert topic not in pipeline.topics(), "it was made for the run"


def test_over_several_tables_each_is_held_by_itself(pipeline, out, tmp_path):
    """A second run over the same topics, too: the ENDs of the first are of before it."""
    several = ("--table", "transactions", "--table", "narrow", "--table", "toasted")
    pipelines.expect_verified(pipeline.run(tmp_path / "first", *several, *LOAD, settings=METADATA))
    done = pipeline.run(out, *several, *LOAD, settings=METADATA)
    pipelines.expect_verified(done, CHANGES, before_run=CHANGES)
    expect_ends_agree(done)
    names = {one["data_collection"] for _, value in pipeline.consume(100, pipeline.transaction_topic)
             for one in payload(value)["data_collections"] or []}
    assert names >= {"public.transactions", "public.narrow", "public.toasted"}


def test_without_the_metadata_nothing_is_said_of_ends(pipeline, out):
    done = pipeline.run(out)
    pipelines.expect_verified(done)
    assert ends_of(done) is None
    assert not set(cdc.END_COLUMNS) & set(pipelines.counts(done))
    assert "END" not in done.stdout


def payload(value):
    message = json.loads(value)
    return message.get("payload", message)


def with_counts(value, txid, count):
    """The message of an END as it is, schema and all, for that transaction and with that count."""
    message = json.loads(value)
    end = message.get("payload", message)
    end["id"] = f"{txid}:{end['id'].split(':')[1]}"
    end["event_count"] = count
    end["data_collections"] = [{"data_collection": "public.transactions", "event_count": count}]
    return json.dumps(message).encode()


def txid_of(end):
    return int(payload(end)["id"].split(":")[0])


def test_ends_put_in_by_hand_are_found_and_named(pipeline, out, started):
    """One more of a transaction that counts otherwise, one of a transaction that nobody saw, and what
    is no END at all."""
    run = started(pipeline.start(out, *STEADY, settings=METADATA))
    pipeline.await_rows(50)
    end = next(value for _, value in pipeline.consume(20, pipeline.transaction_topic)
               if payload(value)["status"] == "END")
    seen, never = payload(end)["event_count"], 4_000_000_000
    pipeline.produce((None, with_counts(end, txid_of(end), seen + 7)), (None, with_counts(end, never, 3)),
                     (None, b"no JSON"), topic=pipeline.transaction_topic)
    done = run.end().expect(pipelines.FAULTY)
    found, ends = pipelines.counts(done), ends_of(done)
    assert pipelines.faults(done) == pipelines.faults(done, "wal") == {}
    assert [found[column] for column in cdc.END_COLUMNS[1:]] == [1, 0, 1], done.output
    assert (ends["repeated"], ends["unreadable"], ends["undecided"]) == (1, 1, 0)
    assert found["end_agrees"] == pipelines.kafka_tap(done)["transactions"] - 1
    about = {"collection": "public.transactions"}
    assert ends["faults"] == [
        {"kind": "end_differs", "transaction": txid_of(end), "told": seen + 7, "seen": seen} | about,
        {"kind": "end_unseen", "transaction": never, "told": 3, "seen": 0} | about]
    assert done.stdout.startswith("FAILED  2 of "), done.output
    assert (f"transaction {txid_of(end)}, public.transactions: its END counts {seen + 7}, seen {seen}"
            in done.stdout), done.output
    assert done.json["verdict"] == "failed"


def test_events_deleted_before_they_were_read_are_missed_by_the_ends(pipeline, out, started):
    done = pipelines.run_and_delete(pipeline, out, started, pipeline.topic, but=7,
                                    settings=METADATA)
    found, ends = pipelines.counts(done), ends_of(done)
    assert set(pipelines.faults(done)) == {"missing"}, done.output
    lacking = found["end_differs"] + found["end_unseen"]
    assert lacking > 0 and found["end_missing"] == 0, done.output
    assert len(ends["faults"]) == min(lacking, 10)
    assert all(fault["told"] > fault["seen"] for fault in ends["faults"])
    if lacking <= 10:
        assert sum(fault["told"] - fault["seen"] for fault in ends["faults"]) == found["missing"]
    first = done.stdout.splitlines()[0]
    assert "missing on kafka" in first and "transactions on kafka are not what their ENDs count" in first


def test_transactions_whose_end_was_deleted_are_without_one(pipeline, out, started):
    done = pipelines.run_and_delete(pipeline, out, started, pipeline.transaction_topic, but=4,
                                    settings=METADATA)
    found = pipelines.counts(done)
    assert pipelines.faults(done) == {}
    assert found["end_missing"] > 0 == found["end_differs"] == found["end_unseen"], done.output
    assert found["end_missing"] + found["end_agrees"] == pipelines.kafka_tap(done)["transactions"]
    assert f"{found['end_missing']:,} without an END" in done.stdout
    fault = ends_of(done)["faults"][0]
    assert (fault["kind"], fault["told"]) == ("end_missing", None)
