"""scripts/stack up --zookeeper: the older form, with today's Debezium on it."""

import json
import os
import shutil
import signal

import pytest

from stack import Stack, await_result

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module", name="older")
def older_stack():
    stack = Stack()
    try:
        stack.good("up", "--zookeeper", "--postgres")
        yield stack
    finally:
        stack.run("down")


def test_zookeeper_and_a_kafka_that_takes_it_are_up(older):
    code, services = older.status()

    assert code == 0
    assert sorted(services) == ["connect", "kafka", "postgres", "zookeeper"]
    assert " ".join(services["zookeeper"][6:]) == "ZooKeeper 3.8.4"
    assert " ".join(services["kafka"][6:]) == "Kafka 3.9.2"
    assert " ".join(services["connect"][6:]) == "Kafka Connect 3.9.2, Debezium 3.6.0.Final"


def test_a_change_in_postgresql_arrives_in_the_older_kafka(older):
    with older.database() as session:
        session.execute("CREATE TABLE seen (id int PRIMARY KEY)")
        older.capture("arrival", "seen")
        session.execute("INSERT INTO seen VALUES (42)")

    envelope = json.loads(older.consume("arrival.public.seen", 1)[0])

    assert envelope["payload"]["after"] == {"id": 42}
    older.connect("DELETE", "/connectors/arrival")


def test_a_killed_zookeeper_is_started_again(older):
    before = older.processes()
    os.kill(before["zookeeper"], signal.SIGKILL)
    await_result(lambda: "zookeeper" not in older.processes(), "ZooKeeper is gone")
    assert older.status()[0] == 3

    older.good("up", "--zookeeper")

    assert older.status()[0] == 0
    assert older.processes() | {"zookeeper": 0} == before | {"zookeeper": 0}


def test_down_finds_processes_whose_folder_is_gone(older):
    """The last test that takes the stack of all the others: it is gone then."""
    assert sorted(older.processes()) == ["connect", "kafka", "zookeeper"]
    older.stop_postgres()  # nobody would find it without the folder
    shutil.rmtree(older.folder)

    older.good("down")

    assert older.processes() == {}
