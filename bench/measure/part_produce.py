"""cdcbench produce beside a bare librdkafka loop: the same broker, properties and record bytes.

`bare` hands over records that were made beforehand and does nothing else; `produce` makes them, keeps its
schedule, ledger and statistics, and is not verified (--taps none); `produce_tap` reads every record back and
verifies it, with the same cores. Each writes into a topic of its own, which is deleted."""

import json
import pathlib
import tempfile

from . import programs
from .stack import Stack
from .turns import Turn

# src/kafka/kafka_producer.c's own, said to both.
PROPERTIES = {"acks": "all", "enable.idempotence": "true", "linger.ms": "5",
              "queue.buffering.max.messages": "500000", "queue.buffering.max.kbytes": "524288"}
PARTITIONER = "partitioner=murmur2_random"
ROWS_PER_TXN = 100
COMPRESSIONS = ("none", "lz4")


def run(writer, args):
    records = args.rows or 300_000
    with Stack() as stack, tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        topics = Topics(stack, pathlib.Path(folder))
        for compression in COMPRESSIONS:
            properties = PROPERTIES | {"compression.type": compression}
            contenders = {
                f"{name}_{compression}": lambda work=work: topics.turn(work, properties, records)
                for name, work in (("bare", topics.bare), ("produce", topics.unverified),
                                   ("produce_tap", topics.verified))}
            for work in contenders.values():
                work()  # once unseen: the broker is warm then
            writer.take_turns(contenders, args.rounds, [
                (f"{name}_{compression}", f"bare_{compression}", None)
                for name in ("produce", "produce_tap")])


class Topics:
    def __init__(self, stack, folder):
        self.stack, self.folder, self.n = stack, folder, 0
        self.values = folder / "values.jsonl"
        self.values.write_text(programs.output(programs.CDCBENCH, "gen", "--format", "debezium", "--rows",
                                               "10k", "--quiet"), encoding="utf-8")

    def turn(self, work, properties, records):
        """A topic of its own, deleted after."""
        self.n += 1
        topic = f"bench{self.n}.public.transactions"
        turn = work(topic, properties, records)
        self.stack.delete_topic(topic)
        return turn

    def bare(self, topic, properties, records):
        self.produce(topic, properties, 1, "none")  # makes the topic, of one record
        words = [f"{name}={value}" for name, value in properties.items()]
        used = programs.Used(programs.BUILD / "bench_produce", self.stack.brokers, topic, records,
                             self.values, PARTITIONER, *words)
        sent, seconds, cpu_s, size = map(float, used.output.split())
        return Turn(rows=int(sent), seconds=seconds, size_bytes=int(size), client_cpu_s=cpu_s,
                    client_peak_bytes=used.peak_bytes)

    def unverified(self, topic, properties, records):
        return self.produce(topic, properties, records, "none")

    def verified(self, topic, properties, records):
        return self.produce(topic, properties, records, "kafka")

    def produce(self, topic, properties, records, taps):
        out = self.folder / topic
        words = [word for name, value in properties.items() for word in ("--kafka", f"{name}={value}")]
        used = programs.Used(programs.CDCBENCH, "produce", "--brokers", self.stack.brokers, "--topic", topic,
                             "--rows", records, "--rows-per-txn", ROWS_PER_TXN, "--insert-rate", "off",
                             "--update-rate", "off", "--taps", taps, "--quiet", "--out", out, *words)
        row, = programs.read_csv(out / "summary.csv")
        cpu_us = json.loads((out / "run.json").read_text(encoding="utf-8"))["client"]["cpu_us"]
        seconds = float(row["seconds"])
        return Turn(rows=int(row["rows"]), seconds=seconds,
                    size_bytes=round(float(row["mb_per_s"]) * 1e6 * seconds), client_cpu_s=cpu_us / 1e6,
                    client_peak_bytes=used.peak_bytes)
