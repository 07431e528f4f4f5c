"""Kafka and Debezium of the benchmark's own: scripts/stack."""

import re

from . import programs

STACK = programs.ROOT / "scripts/stack"
JSON = "org.apache.kafka.connect.json.JsonConverter"
# A form of Debezium's messages, and the connector's settings that make it.
FORMS = {
    "schema": (),
    "noschema": tuple(word for side in ("key", "value") for word in (
        "--connector", f"{side}.converter={JSON}",
        "--connector", f"{side}.converter.schemas.enable=false")),
}


class Stack:
    """Up while it is there."""

    def __enter__(self):
        programs.output(STACK, "up")
        found = dict(re.findall(r"^(\w+)=(.*)$", programs.output(STACK, "env"), re.M))
        self.brokers, self.connect_url = found["CDCBENCH_BROKERS"], found["CDCBENCH_CONNECT_URL"]
        return self

    def __exit__(self, *_):
        programs.output(STACK, "down")

    def run(self, program, out, *options):
        """`cdcbench run` on both taps, its folder not there yet; what it printed."""
        return programs.output(program, "run", "-b", self.brokers, "--connect-url", self.connect_url,
                               "--quiet", "--out", out, *options)

    def fill(self, program, out, form, inserts, updates, *options):
        """A topic <form>.public.transactions of so many events, written as fast as it goes and waited for."""
        return self.run(program, out, "--rows", inserts, "--insert-rate", "off", "--update-rate", "max",
                        "--updates", updates, "--update-rows-per-txn", 100, "--drain-timeout", "10m",
                        "--connector", f"topic.prefix={form}", *FORMS[form], *options)

    def delete_topic(self, topic):
        import confluent_kafka.admin  # where a topic is made: the one that needs more than Python itself
        admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": self.brokers})
        for deleted in admin.delete_topics([topic]).values():
            deleted.result(30)
