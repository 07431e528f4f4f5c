#!/usr/bin/env python3
"""cdcbench produce beside a bare librdkafka loop: the same broker, properties and record bytes.

Contenders take turns in each round, the first one another each time; what counts is the ratio within a
round. `bare` hands over records that were made beforehand and does nothing else; `produce` makes them,
keeps its schedule, ledger and statistics, and is not verified (--taps none); `produce+tap` reads every
record back and verifies it, with the same cores. Each writes into a topic of its own, which is deleted.

    bench/produce.py --out results/reference/produce

needs build/bench/cdcbench and build/bench/bench_produce (preset bench; --build names another folder);
brings the stack of scripts/stack up and takes it down again.
"""
import argparse
import csv
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STACK = ROOT / "scripts/stack"
CONTENDERS = ("bare", "produce", "produce+tap")
# src/kafka/kafka_producer.c's own, said to both.
PROPERTIES = {"acks": "all", "enable.idempotence": "true", "linger.ms": "5",
              "queue.buffering.max.messages": "500000", "queue.buffering.max.kbytes": "524288"}
PARTITIONER = "partitioner=murmur2_random"
COLUMNS = ["compression", "contender", "round", "records_per_s", "mb_per_s", "cpu_us_per_record", "ratio"]


def command(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\nexit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def stack_environment():
    return dict(re.findall(r"^(\w+)=(.*)$", command(STACK, "env"), re.M))


class Bench:
    def __init__(self, args, stack, folder):
        self.args, self.stack, self.folder = args, stack, pathlib.Path(folder)
        self.cdcbench = args.build / "cdcbench"
        self.values = self.folder / "values.jsonl"
        self.values.write_text(command(self.cdcbench, "gen", "--format", "debezium", "--rows", "10k"))
        self.turn = 0

    def bare(self, topic, properties):
        words = [f"{name}={value}" for name, value in properties.items()]
        # The topic is made by produce, of nothing but one record's load.
        shown = command(self.args.build / "bench_produce", self.stack["CDCBENCH_BROKERS"], topic,
                        self.args.records, self.values, PARTITIONER, *words)
        records, seconds, cpu_s, size = map(float, shown.split())
        return {"records_per_s": records / seconds, "mb_per_s": size / seconds / 1e6,
                "cpu_us_per_record": cpu_s * 1e6 / records}

    def produce(self, topic, properties, rows, taps):
        out = self.folder / topic
        words = [word for name, value in properties.items() for word in ("--kafka", f"{name}={value}")]
        command(self.cdcbench, "produce", "--brokers", self.stack["CDCBENCH_BROKERS"], "--topic", topic,
                "--rows", rows, "--rows-per-txn", self.args.rows_per_txn, "--insert-rate", "off",
                "--update-rate", "off", "--taps", taps, "--quiet", "--out", out, *words)
        with open(out / "summary.csv", newline="", encoding="utf-8") as file:
            row, = csv.DictReader(file)
        cpu_us = json.loads((out / "run.json").read_text())["client"]["cpu_us"]
        return {"records_per_s": float(row["rows_per_s"]), "mb_per_s": float(row["mb_per_s"]),
                "cpu_us_per_record": cpu_us / rows}

    def one(self, contender, properties):
        self.turn += 1
        topic = f"bench{self.turn}.public.transactions"
        if contender == "bare":
            self.produce(topic, properties, 1, "none")
            figures = self.bare(topic, properties)
        else:
            taps = "none" if contender == "produce" else "kafka"
            figures = self.produce(topic, properties, self.args.records, taps)
        self.delete(topic)
        return figures

    def delete(self, topic):
        import confluent_kafka.admin
        admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": self.stack["CDCBENCH_BROKERS"]})
        for deleted in admin.delete_topics([topic]).values():
            deleted.result(30)

    def rounds(self, compression, rows):
        properties = PROPERTIES | {"compression.type": compression}
        seen = {contender: [] for contender in CONTENDERS}
        for contender in CONTENDERS:  # once unseen: the broker is warm then
            self.one(contender, properties)
        for number in range(self.args.rounds):
            shift = number % len(CONTENDERS)
            for contender in CONTENDERS[shift:] + CONTENDERS[:shift]:
                seen[contender].append(self.one(contender, properties))
            for contender in CONTENDERS:
                figures = seen[contender][-1]
                rows.writerow({"compression": compression, "contender": contender, "round": number,
                               **{k: round(v, 3) for k, v in figures.items()},
                               "ratio": round(figures["records_per_s"]
                                              / seen["bare"][-1]["records_per_s"], 3)})
        for contender in CONTENDERS:
            ratios = [own["records_per_s"] / bare["records_per_s"]
                      for own, bare in zip(seen[contender], seen["bare"])]
            row = {"compression": compression, "contender": contender, "round": "median",
                   **{k: round(statistics.median(f[k] for f in seen[contender]), 3)
                      for k in seen[contender][0]}, "ratio": round(statistics.median(ratios), 3)}
            rows.writerow(row)
            print(row, f"{min(ratios):.3f} to {max(ratios):.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/bench"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--rows-per-txn", type=int, default=100)
    parser.add_argument("--compression", nargs="+", default=["none", "lz4"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    command(STACK, "up")
    try:
        with tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder, \
                open(args.out / "produce.csv", "w", newline="", encoding="ascii") as file:
            rows = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            rows.writeheader()
            bench = Bench(args, stack_environment(), folder)
            for compression in args.compression:
                bench.rounds(compression, rows)
        (args.out / "manifest.json").write_text(json.dumps({
            "command": " ".join(["bench/produce.py", *sys.argv[1:]]),
            "cdcbench": command(args.build / "cdcbench", "--version").strip(),
            "cores": os.cpu_count(), "records": args.records, "rows_per_txn": args.rows_per_txn,
            "writers": 64, "properties": PROPERTIES, "partitions": 1, "seed": 42}, indent=2) + "\n")
    finally:
        command(STACK, "down")


if __name__ == "__main__":
    main()
