"""scripts/stack as the tests use it: in a folder and on ports of its own, so that it meets neither
another test nor a stack that the developer has up. What is fetched is shared by all."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import confluent_kafka
import psycopg

from server import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("CDCBENCH_STACK_CACHE", ROOT / "build/stack/cache"))
# Java's quick compiler alone: the better one takes longer than these processes live.
QUICK = "-XX:TieredStopAtLevel=1"
PORTS = ("KAFKA", "CONTROLLER", "CONNECT", "ZOOKEEPER", "POSTGRES", "UI")


def await_result(look, what, seconds=30):
    """What `look` returns once that is neither false nor None."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.2)
    return found


class Stack:
    def __init__(self):
        self.parent = tempfile.TemporaryDirectory(prefix="cdcbench-stack-")
        self.folder = pathlib.Path(self.parent.name) / "stack"
        self.ports = {name: free_port() for name in PORTS}
        self.environment = os.environ | {
            "CDCBENCH_STACK_DIR": str(self.folder), "CDCBENCH_STACK_CACHE": str(CACHE),
            "CDCBENCH_KAFKA_HEAP": f"-Xms512m -Xmx512m {QUICK}",
            "CDCBENCH_CONNECT_HEAP": f"-Xms256m -Xmx1g {QUICK}",
        } | {f"CDCBENCH_{name}_PORT": str(port) for name, port in self.ports.items()}

    def run(self, *arguments, **more):
        return subprocess.run([ROOT / "scripts/stack", *arguments], text=True, check=False,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=400,
                              env=self.environment, **more)

    def good(self, *arguments, **more):
        done = self.run(*arguments, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def processes(self):
        """Java's, by what they carry on their command line: {service: pid}."""
        found = {}
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            for word in words:
                if word.startswith(f"-Dcdcbench.stack={self.folder}/"):
                    found[word.rpartition("/")[2]] = int(path.parent.name)
        return found

    def env(self):
        return dict(word.split("=", 1) for word in shlex.split(self.good("env").stdout))

    def status(self):
        """Its exit code, and its lines as {service: [column…]}."""
        done = self.run("status")
        return done.returncode, {line.split()[0]: line.split() for line in
                                 done.stdout.splitlines()[1:]}

    # --- Kafka ---

    def produce(self, topic, value):
        failures = []
        producer = confluent_kafka.Producer({"bootstrap.servers": self.env()["CDCBENCH_BROKERS"]})
        producer.produce(topic, value, on_delivery=lambda error, _: failures.append(error))
        assert producer.flush(30) == 0
        assert failures == [None]

    def consume(self, topic, number):
        """The first values of the topic's one partition."""
        consumer = confluent_kafka.Consumer({
            "bootstrap.servers": self.env()["CDCBENCH_BROKERS"], "group.id": "tests"})
        beginning = confluent_kafka.TopicPartition(topic, 0, confluent_kafka.OFFSET_BEGINNING)
        consumer.assign([beginning])
        values = []

        def enough():
            message = consumer.poll(1)
            if message is not None and not message.error():
                values.append(message.value())
            return len(values) >= number

        await_result(enough, f"{number} messages in {topic}")
        consumer.close()
        return values

    # --- Connect ---

    def connect(self, method, path, body=None):
        request = urllib.request.Request(
            self.env()["CDCBENCH_CONNECT_URL"] + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def connector_runs(self, name):
        try:
            status = self.connect("GET", f"/connectors/{name}/status")
        except urllib.error.HTTPError:  # 404 until the worker has read its own topic
            return False
        assert "FAILED" not in [task["state"] for task in status["tasks"]], status
        return [task["state"] for task in status["tasks"]] == ["RUNNING"]

    # --- PostgreSQL ---

    def password(self):
        line = pathlib.Path(self.env()["PGPASSFILE"]).read_text(encoding="ascii").splitlines()[0]
        return re.sub(r"\\(.)", r"\1", re.split(r"(?<!\\):", line)[4])

    def stop_postgres(self):
        subprocess.run([ROOT / "build/release/cdcbench", "server", "stop",
                        self.env()["CDCBENCH_SERVER"]], check=True, capture_output=True)

    def database(self):
        """By TCP, as Debezium goes."""
        env = self.env()
        return psycopg.connect(host="127.0.0.1", port=env["PGPORT"], user=env["PGUSER"],
                               dbname=env["PGDATABASE"], password=self.password(), autocommit=True)

    def capture(self, name, table):
        """Registers a connector for one table, and waits until its slot is in use."""
        env = self.env()
        self.connect("PUT", f"/connectors/{name}/config", {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "database.hostname": "127.0.0.1", "database.port": env["PGPORT"],
            "database.user": env["PGUSER"], "database.password": self.password(),
            "database.dbname": env["PGDATABASE"], "plugin.name": "pgoutput",
            "topic.prefix": name, "slot.name": name, "table.include.list": f"public.{table}",
            "publication.name": name, "publication.autocreate.mode": "filtered",
            "snapshot.mode": "no_data", "poll.interval.ms": "50"})
        await_result(lambda: self.connector_runs(name), "the connector runs", 60)
        with self.database() as session:
            await_result(lambda: session.execute(
                "SELECT active FROM pg_replication_slots WHERE slot_name = %s",
                [name]).fetchone() == (True,), "Debezium's slot is active", 60)
