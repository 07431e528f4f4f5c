"""One test's way from PostgreSQL to Kafka: a database, and names of its own for connector, slot and
topic, so that tests share a stack and meet nowhere."""

import signal
import time

import confluent_kafka
from confluent_kafka import admin

import cdc

# Small and quick. The sizes are told apart by what they add up to.
ROWS, INSERTS, UPDATES = 2000, 500, 500
CHANGES = ROWS + INSERTS + UPDATES
LOAD = ("--rows", str(ROWS), "--rows-per-txn", "200", "--inserts", str(INSERTS), "--insert-rate",
        "2k", "--updates", str(UPDATES), "--update-rate", "2k")

# Exit codes.
UNABLE, FAULTY = 2, 3

FAULTS = cdc.VERIFY_FAULTS


class Pipeline:
    def __init__(self, stack, database):
        self.stack, self.database = stack, database
        self.name = database.name
        self.slot = f"cdcbench_{self.name}"
        self.topic = f"{self.name}.public.transactions"
        self.transaction_topic = f"{self.name}.transaction"
        env = stack.env()
        self.brokers = env["CDCBENCH_BROKERS"]
        self.connect_url = env["CDCBENCH_CONNECT_URL"]
        self.admin = admin.AdminClient({"bootstrap.servers": self.brokers})

    # --- cdcbench ---

    def where(self, **settings):
        """Options that name the pipeline; `settings` are the connector's, with _ for a dot."""
        chosen = {"name": self.name, "slot_name": self.slot, "topic_prefix": self.name,
                  "poll_interval_ms": 10} | settings
        words = ["--brokers", self.brokers, "--connect-url", self.connect_url]
        for key, value in chosen.items():
            words += ["--connector", f"{key.replace('_', '.')}={value}"]
        return words

    def start(self, out, *options, settings=None):
        return cdc.start("run", *(options or LOAD), *self.where(**(settings or {})), out=out,
                         dsn=self.database.dsn, secrets=[self.database.server.password])

    def run(self, out, *options, settings=None):
        return self.start(out, *options, settings=settings).end()

    def clean(self):
        return cdc.run("clean", *self.where(), dsn=self.database.dsn,
                       secrets=[self.database.server.password]).expect(0)

    # --- what there is ---

    def connectors(self):
        return self.stack.connect("GET", "/connectors")

    def topics(self):
        return set(self.admin.list_topics(timeout=30).topics)

    def end_offset(self, topic=None):
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.brokers, "group.id": "tests"})
        try:
            return consumer.get_watermark_offsets(
                confluent_kafka.TopicPartition(topic or self.topic, 0), timeout=30)[1]
        finally:
            consumer.close()

    def await_still(self):
        """The topic's end, once nothing has been appended for a second."""
        end, since = self.end_offset(), time.monotonic()
        while time.monotonic() - since < 1:
            time.sleep(0.1)
            now = self.end_offset()
            if now != end:
                end, since = now, time.monotonic()
        return end

    def expect_nothing_left(self):
        assert self.name not in self.connectors()
        assert self.slot not in self.database.slots()
        assert self.topic not in self.topics()

    # --- what others do ---

    def make_topic(self, partitions=1, **settings):
        topic = admin.NewTopic(self.topic, partitions, 1, config={
            name.replace("_", "."): value for name, value in settings.items()})
        for made in self.admin.create_topics([topic]).values():
            made.result(30)
        cdc.await_true(lambda: self.topic in self.topics(), "the topic is there")

    def delete_topic(self):
        for deleted in self.admin.delete_topics([self.topic]).values():
            deleted.result(30)

    def produce(self, *messages, topic=None):
        """Messages, (key, value) each, into the run's topic."""
        failures = []
        producer = confluent_kafka.Producer({"bootstrap.servers": self.brokers})
        for key, value in messages:
            producer.produce(topic or self.topic, key=key, value=value,
                             on_delivery=lambda error, _: failures.append(error))
        assert producer.flush(30) == 0
        assert failures == [None] * len(messages)

    def consume(self, number, topic=None):
        """The topic's first messages, (key, value) each."""
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.brokers, "group.id": "tests"})
        consumer.assign([confluent_kafka.TopicPartition(topic or self.topic, 0,
                                                        confluent_kafka.OFFSET_BEGINNING)])
        try:
            messages = consumer.consume(number, timeout=30)
        finally:
            consumer.close()
        assert len(messages) == number and not any(message.error() for message in messages)
        return [(message.key(), message.value()) for message in messages]

    def delete_records(self, before, topic=None):
        partition = confluent_kafka.TopicPartition(topic or self.topic, 0, before)
        for deleted in self.admin.delete_records([partition]).values():
            assert deleted.result(30).low_watermark == before

    def connector(self, verb):
        """pause, resume: and waits until it is so."""
        self.stack.connect("PUT", f"/connectors/{self.name}/{verb}")
        wanted = {"pause": "PAUSED", "resume": "RUNNING"}[verb]

        def states():
            status = self.stack.connect("GET", f"/connectors/{self.name}/status")
            return {status["connector"]["state"], *(task["state"] for task in status["tasks"])}

        cdc.await_true(lambda: states() == {wanted}, f"the connector is {wanted}")

    def noted_offset(self):
        """What Connect knows to have been sent; None before the first time."""
        offsets = self.stack.connect("GET", f"/connectors/{self.name}/offsets")["offsets"]
        return offsets[0]["offset"] if offsets else None

    def add_theirs(self, connector, config):
        """A connector of somebody else's, at work: one that still starts could not be removed
        with its slot."""
        self.stack.connect("PUT", f"/connectors/{connector}/config", config)
        cdc.await_true(lambda: self.active(config["slot.name"]), "their connector reads")

    def remove_theirs(self, connector, slot="theirs"):
        self.stack.connect("DELETE", f"/connectors/{connector}")
        cdc.await_true(lambda: not self.active(slot), "nobody has the slot")
        self.database.execute("SELECT pg_drop_replication_slot(slot_name) "
                              "FROM pg_replication_slots WHERE slot_name = %s", slot)

    def active(self, slot):
        """The process that has the slot, or None."""
        pids = self.database.rows("SELECT active_pid FROM pg_replication_slots "
                                  "WHERE slot_name = %s AND active_pid IS NOT NULL", slot)
        return pids[0][0] if pids else None

    def await_rows(self, rows):
        cdc.await_true(lambda: self.database.count_rows() >= rows, f"{rows} rows are in the table")


def counts(done, tap="kafka"):
    """A tap's line in verify.csv, as numbers."""
    columns, rows = done.csv("verify.csv")
    assert columns == cdc.VERIFY_COLUMNS
    row, = (row for row in rows if row["tap"] == tap)
    return {column: int(row[column]) for column in columns[1:] if row[column] != ""}


def faults(done, tap="kafka"):
    """Those that are above zero."""
    found = counts(done, tap)
    return {kind: found[kind] for kind in FAULTS if found[kind] > 0}


def expect_verified(done, changes=CHANGES, before_run=0):
    done.expect(0)
    assert done.stdout.startswith("VERIFIED"), done.output
    assert "on wal and kafka" in done.stdout.splitlines()[0], done.output
    for tap in ("wal", "kafka"):
        found = counts(done, tap)
        assert (found["expected"], found["delivered"]) == (changes, changes), done.output
    assert faults(done, "wal") == {}
    assert faults(done) == ({"before_run": before_run} if before_run else {})
    assert done.json["verdict"] == "verified"
    return done


def run_and_delete(pipeline, out, started, topic, but, settings=None):
    """A run of transactions of ten rows that finds the topic's records gone, but for the last, from
    where it had come to: the connector is held while the load runs, and the program while the
    connector catches up."""
    run = started(pipeline.start(out, "--rows", "0", "--inserts", "1k", "--insert-rate", "500",
                                 "--rows-per-txn", "10", "--update-rate", "off", settings=settings))
    pipeline.await_rows(1)
    pipeline.connector("pause")
    read = pipeline.await_still()
    pipeline.await_rows(1000)
    run.signal(signal.SIGSTOP)
    pipeline.connector("resume")
    cdc.await_true(lambda: pipeline.end_offset() > read, "the connector goes on")
    pipeline.await_still()
    pipeline.delete_records(pipeline.end_offset(topic) - but, topic)
    run.signal(signal.SIGCONT)
    return run.end().expect(FAULTY)


def stages(done):
    """lag.csv of tap kafka: {(phase, operation): {stage: line}}."""
    columns, rows = done.csv("lag.csv")
    assert columns == cdc.LAG_COLUMNS
    found = {}
    for row in rows:
        if row["tap"] == "kafka":
            found.setdefault((row["phase"], row["operation"]), {})[row["stage"]] = row
    return found


def kafka_tap(done):
    """Its part of run.json."""
    tap, = (tap for tap in done.json["taps"] if tap["tap"] == "kafka")
    return tap
