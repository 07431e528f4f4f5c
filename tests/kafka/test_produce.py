"""The same load straight into Kafka: what is there then, and what is said of it."""

import os
import re
import signal

import confluent_kafka
import pytest

import cdc
import pipeline as pipelines

INTERRUPTED = 130
PARTITIONS = 3

# Phase by phase, so that which rows are changed does not hang on who is faster.
INSERTED, UPDATED, DELETED = 700, 300, 60
CHANGES = INSERTED + UPDATED + DELETED
SCENARIO = f"""
name: produced
phases:
  - name: load
    insert: {{rows: {INSERTED}, rows_per_txn: 50}}
  - name: updates
    update: {{rows: {UPDATED}, rate: 3k, rows_per_txn: 20}}
  - name: deletes
    delete: {{rows: {DELETED}, rate: 1k, rows_per_txn: 5}}
  - name: drain
    until: caught-up
"""

# Times, positions and names of the source, and the server's user.
OF_ITS_OWN = [
    (rb'"(ts_ms|ts_us|ts_ns|lsn|txId|modified_at)":\d+', rb'"\1":0'),
    (rb'"sequence":"\[.*?\]"', rb'"sequence":"[]"'),
    (rb'modified_at\\": \\"[^\\]+', rb'modified_at\\": \\"'),
    (rb'"modified_by":"[^"]*"', rb'"modified_by":""'),
    (rb'modified_by\\": \\"[^\\]+', rb'modified_by\\": \\"'),
    (rb'"(db|name)":"[^"]*"', rb'"\1":""'),
]


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO)
    return str(path)


def records(brokers, topic):
    """All records of a topic: (partition, key, value)."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": "tests"})
    found = []
    try:
        for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
            where = confluent_kafka.TopicPartition(topic, partition,
                                                   confluent_kafka.OFFSET_BEGINNING)
            _, end = consumer.get_watermark_offsets(where, timeout=30)
            consumer.assign([where])
            messages = consumer.consume(end, timeout=30) if end else []
            assert len(messages) == end and not any(message.error() for message in messages)
            found += [(partition, message.key(), message.value()) for message in messages]
    finally:
        consumer.close()
    return found


def without_its_own(value):
    for pattern, replacement in OF_ITS_OWN:
        value = re.sub(pattern, replacement, value)
    return value


def by_key(found):
    """What each key's records say, in their order; None is a tombstone."""
    keys = {}
    for _, key, value in found:
        keys.setdefault(key, []).append(value and without_its_own(value))
    return keys


def java_partition(key, partitions):
    """Where Kafka's own producer puts a key: org.apache.kafka.common.utils.Utils.murmur2."""
    mask, m = 0xffffffff, 0x5bd1e995
    h = 0x9747b28c ^ len(key)
    whole = len(key) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(key[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    if whole < len(key):
        h = (h ^ int.from_bytes(key[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7fffffff) % partitions


def produce(pipeline, out, *options, topic=None):
    return cdc.start("produce", *options, "--brokers", pipeline.brokers, "--topic",
                     topic or f"{pipeline.name}_produced.public.transactions", out=out)


def expect_produced(done, changes):
    done.expect(0)
    assert done.stdout.startswith("VERIFIED"), done.output
    found = pipelines.counts(done)
    assert (found["expected"], found["delivered"]) == (changes, changes), done.output
    assert pipelines.faults(done) == {}
    return done


def test_the_records_are_those_that_debezium_makes(pipeline, scenario, tmp_path):
    """Of the same scenario, once behind a connector and once produced: every key has the same
    records in the same order, but for times, positions and names."""
    plain = {"key_converter_schemas_enable": "false", "value_converter_schemas_enable": "false",
             "key_converter": "org.apache.kafka.connect.json.JsonConverter",
             "value_converter": "org.apache.kafka.connect.json.JsonConverter"}
    pipelines.expect_verified(
        pipeline.run(tmp_path / "run", scenario, settings=plain), CHANGES)
    topic = f"{pipeline.name}_produced.public.transactions"
    expect_produced(produce(pipeline, tmp_path / "produce", scenario, "--partitions",
                            str(PARTITIONS), topic=topic).end(), CHANGES)
    theirs = records(pipeline.brokers, pipeline.topic)
    ours = records(pipeline.brokers, topic)
    assert len(theirs) == len(ours) == CHANGES + DELETED
    assert by_key(ours) == by_key(theirs)
    assert {partition for partition, _, _ in ours} == set(range(PARTITIONS))
    assert all(partition == java_partition(key, PARTITIONS) for partition, key, _ in ours)
    assert sum(value is None for _, _, value in ours) == DELETED


def test_a_topic_can_be_written_to_again(pipeline, tmp_path):
    for out in "first", "second":
        done = expect_produced(produce(pipeline, tmp_path / out, *pipelines.LOAD,
                                       "--schemas").end(), pipelines.CHANGES)
        _, rows = done.csv("summary.csv")
        assert sum(int(row["rows"]) for row in rows) == pipelines.CHANGES
        groups = pipelines.stages(done)
        assert int(groups["all", "all"]["commit_to_receipt"]["count"]) == pipelines.CHANGES
        assert int(groups["all", "all"]["ack_to_receipt"]["count"]) == pipelines.CHANGES


def test_an_interrupted_load_is_verified_as_far_as_it_came(pipeline, started, out):
    running = started(produce(pipeline, out, "--rows", "1k", "-R", "1k", "-T", "60s", "-c", "4",
                              "--json"))
    line = running.process.stdout.readline()
    assert '"phase"' in line
    running.signal(signal.SIGINT)
    done = running.end().expect(INTERRUPTED)
    assert done.json["interrupted"] is True
    found = pipelines.counts(done)
    assert found["expected"] == found["delivered"] > 0
    assert pipelines.faults(done) == {}


# 500 one-row transactions a second.
STEADY = ("--rows", "0", "-R", "500", "--rows-per-txn", "1", "--update-rate", "off")


def await_second(running):
    """A line of --json: the load goes on."""
    assert '"phase"' in running.process.stdout.readline()


def kill_broker(stack):
    pid = stack.processes()["kafka"]
    os.kill(pid, signal.SIGKILL)
    cdc.await_true(lambda: not os.path.exists(f"/proc/{pid}"), "it is gone")


def test_a_broker_that_comes_back_costs_no_change(pipeline, started, out):
    """Killed, and started again: what waited is delivered then, once, and late by as much."""
    running = started(produce(pipeline, out, *STEADY, "-T", "12s", "--json"))
    await_second(running)
    try:
        kill_broker(pipeline.stack)
    finally:
        pipeline.stack.good("up", "--local")
    done = running.end().expect(0)
    found = pipelines.counts(done)
    assert found["expected"] == found["delivered"] == 12 * 500
    assert pipelines.faults(done) == {}
    # A stall is told of, and the outage by whoever saw it.
    assert "STALLED: from second" in done.stderr
    assert done.json["restarts_seen"] is True


def test_a_broker_that_stays_away_ends_the_load_and_the_files_are_whole(pipeline, started, out):
    running = started(produce(pipeline, out, *STEADY, "-T", "60s", "--kafka",
                              "message.timeout.ms=3000", "--set", "phases.drain.at_most=3s", "--json"))
    await_second(running)
    try:
        kill_broker(pipeline.stack)
        done = running.end().expect(pipelines.UNABLE)
    finally:
        pipeline.stack.good("up", "--local")
    assert "a record was not delivered: Local: Message timed out" in done.stderr, done.output
    assert "a record was not delivered" in done.json["failure"]
    assert done.json["verdict"] == "incomplete" and done.json["taps"][0]["complete"] is False
    assert done.json["client"]["undetermined"] > 0
    found = pipelines.counts(done)
    assert found["delivered"] <= found["expected"] == done.json["acknowledged"]
    assert {fault for fault, n in pipelines.faults(done).items() if n} <= {"missing"}
    _, seconds = done.csv("timeline.csv")
    assert sum(int(row["insert_acked_rows"]) for row in seconds) == done.json["acknowledged"]
    assert (out / "report.html").exists()
