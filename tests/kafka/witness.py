"""An independent witness of a run: consumers that share no code with the program. One reads the topic
while the run goes on (confluent-kafka, json); one reads the log afterwards, through a slot of its own
that was made before (psycopg, pg_logical_slot_get_binary_changes)."""

import json
import math
import struct
import threading
import time

import confluent_kafka

PG_EPOCH_US = 946_684_800_000_000


class TopicWitness:
    """Reads a topic from its beginning in a thread, until it is told how many records there are."""

    def __init__(self, brokers, topic):
        self.records = []  # (op, source.ts_us, ts_us, CreateTime in ms, received in µs, txId, offset)
        self.total = None
        self.failure = None
        self.consumer = confluent_kafka.Consumer({
            "bootstrap.servers": brokers, "group.id": "witness", "enable.auto.commit": False,
            "allow.auto.create.topics": False, "fetch.wait.max.ms": 100,
            "topic.metadata.refresh.interval.ms": 200})
        self.consumer.assign([confluent_kafka.TopicPartition(topic, 0,
                                                             confluent_kafka.OFFSET_BEGINNING)])
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        while self.total is None or len(self.records) < self.total:
            message = self.consumer.poll(0.02)
            if message is not None:
                received_us = time.time_ns() // 1000
                if message.error():
                    # The topic may not be there yet.
                    code = message.error().code()
                    if code not in (confluent_kafka.KafkaError.UNKNOWN_TOPIC_OR_PART,
                                    confluent_kafka.KafkaError._UNKNOWN_PARTITION,
                                    confluent_kafka.KafkaError._UNKNOWN_TOPIC):
                        self.failure = message.error()
                        return
                    continue
                self.take(message, received_us)
        self.consumer.close()

    def take(self, message, received_us):
        envelope = json.loads(message.value())
        envelope = envelope.get("payload", envelope)
        kind, create_ms = message.timestamp()
        assert kind == confluent_kafka.TIMESTAMP_CREATE_TIME
        source = envelope["source"]
        self.records.append((envelope["op"], source["ts_us"], envelope["ts_us"], create_ms,
                             received_us, source["txId"], message.offset()))

    def end(self, total):
        """Waits until it has `total` records: all that the topic holds."""
        self.total = total
        self.thread.join(60)
        assert self.failure is None, self.failure
        assert not self.thread.is_alive(), f"{len(self.records)} of {total} records"
        return self

    def count(self, op):
        return sum(1 for record in self.records if record[0] == op)

    def transactions(self):
        return {record[5] for record in self.records}

    def stage(self, name, op=None):
        """The stage of every record, in µs, sorted: from the message alone, but for the receipt."""
        stages = {"commit_to_debezium": lambda r: r[2] - r[1],
                  "debezium_to_produce": lambda r: r[3] * 1000 - r[2],
                  "produce_to_receipt": lambda r: r[4] - r[3] * 1000,
                  "commit_to_receipt": lambda r: r[4] - r[1]}
        return sorted(stages[name](record) for record in self.records if op in (None, record[0]))


class LogWitness:
    """A slot made before the run; afterwards its changes, as the server decodes them for anybody."""

    def __init__(self, database, slot="witness"):
        self.database, self.slot = database, slot
        database.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", slot)
        self.counts = {"I": 0, "U": 0, "D": 0}
        self.commits = {}  # xid: commit time in Unix µs, of transactions with changes of the table

    def read(self, publication):
        xid = commit_us = None
        for (data,) in self.database.rows(
                "SELECT data FROM pg_logical_slot_get_binary_changes(%s, NULL, NULL, "
                "'proto_version', '1', 'publication_names', %s)", self.slot, publication):
            kind = chr(data[0])
            if kind == "B":
                _, commit_us, xid = struct.unpack_from(">QqI", data, 1)
            elif kind in self.counts:
                self.counts[kind] += 1
                self.commits[xid] = commit_us + PG_EPOCH_US
        return self

    def drop(self):
        self.database.execute("SELECT pg_drop_replication_slot(%s)", self.slot)


def percentile(values, percent):
    """Nearest rank, of sorted values."""
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)]


FIGURES = {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "p999": 99.9}


def figures(values):
    return {"count": len(values), "negative_count": sum(value < 0 for value in values),
            "min_us": values[0], "max_us": values[-1], "mean_us": sum(values) / len(values),
            **{f"{name}_us": percentile(values, percent) for name, percent in FIGURES.items()}}
