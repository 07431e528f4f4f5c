"""The taps, each by its own script (its build is preset bench): a folder of results of their own beside ours."""

import subprocess
import sys

from . import programs


def wal(writer, args):
    """bench/wal_tap.py: beside pg_recvlogical into /dev/null."""
    run("wal_tap.py", writer.folder / "wal-tap", args.rounds)


def kafka(writer, args):
    """bench/kafka_reference.py: beside a bare consumer; brings up Kafka and Debezium."""
    run("kafka_reference.py", writer.folder / "kafka-tap", args.rounds, "--only", "drain")


def run(script, folder, rounds, *options):
    subprocess.run([sys.executable, programs.ROOT / "bench" / script, "--out", folder, "--repeats",
                    str(rounds), *options], check=True)
