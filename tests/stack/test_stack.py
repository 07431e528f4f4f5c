"""scripts/stack as processes of this machine: starting, looking, failing, repairing, ending."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from stack import CACHE, await_result

pytestmark = pytest.mark.stack


def open_files(pid):
    links = set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed since it was listed
            links.add(os.readlink(entry))
    return links


def listening_addresses(pid):
    """Of a process, as /proc/net/tcp and tcp6 write them: hexadecimal address, colon, port."""
    files = open_files(pid)
    lines = [line.split() for table in ("tcp", "tcp6")
             for line in pathlib.Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]]
    return [line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in files]


def test_a_second_up_starts_nothing(stack):
    before = stack.processes()
    assert sorted(before) == ["connect", "kafka"]

    again = stack.good("up", "--local", "--postgres")

    assert "already up: Kafka" in again.stderr
    assert "already up: PostgreSQL" in again.stderr
    assert stack.processes() == before


def test_another_form_is_refused_while_one_is_up(stack):
    refused = stack.run("up", "--zookeeper")

    assert refused.returncode == 1
    assert "the stack is up with form kraft, not zookeeper" in refused.stderr


def test_status_shows_each_service_with_pid_port_memory_and_version(stack):
    code, services = stack.status()

    assert code == 0
    assert sorted(services) == ["connect", "kafka", "postgres"]
    for name, pid in stack.processes().items():
        line = services[name]
        assert line[1:4] == ["healthy", str(pid), str(stack.ports[name.upper()])]
        assert int(line[4]) > 50 and line[5] == "MiB"
    assert " ".join(services["kafka"][6:]) == "Kafka 4.3.1"
    assert " ".join(services["connect"][6:]) == "Kafka Connect 4.3.1, Debezium 3.6.0.Final"


def test_everything_listens_on_loopback_alone(stack):
    for name, pid in stack.processes().items():
        addresses = listening_addresses(pid)
        ports = sorted(int(address.split(":")[1], 16) for address in addresses)
        wanted = ["KAFKA", "CONTROLLER"] if name == "kafka" else ["CONNECT"]
        assert ports == sorted(stack.ports[name] for name in wanted)
        for address in addresses:
            assert address.startswith(("0100007F:", "0000000000000000FFFF00000100007F:"))


def test_services_hold_nothing_that_their_caller_had_open(stack):
    """A lock or a pipe that they held would never be released."""
    for pid in stack.processes().values():
        assert stack.callers_pipe not in open_files(pid)


def test_env_leads_to_the_processes(stack):
    env = stack.env()

    assert env["CDCBENCH_BROKERS"] == f"127.0.0.1:{stack.ports['KAFKA']}"
    assert env["CDCBENCH_CONNECT_URL"] == f"http://127.0.0.1:{stack.ports['CONNECT']}"
    assert int(env["CDCBENCH_KAFKA_PID"]) == stack.processes()["kafka"]
    assert int(env["CDCBENCH_CONNECT_PID"]) == stack.processes()["connect"]
    assert (pathlib.Path(env["CDCBENCH_KAFKA_DATA"]) / "meta.properties").exists()


def test_connect_lists_debezium(stack):
    classes = [plugin["class"] for plugin in stack.connect("GET", "/connector-plugins")]

    assert "io.debezium.connector.postgresql.PostgresConnector" in classes


def test_a_change_in_postgresql_arrives_in_kafka_with_its_schema(stack):
    with stack.database() as session:
        session.execute("CREATE TABLE seen (id int PRIMARY KEY)")
        stack.capture("arrival", "seen")
        session.execute("INSERT INTO seen VALUES (42)")

    envelope = json.loads(stack.consume("arrival.public.seen", 1)[0])

    assert envelope["payload"]["op"] == "c"
    assert envelope["payload"]["after"] == {"id": 42}
    assert envelope["schema"]["name"] == "arrival.public.seen.Envelope"
    stack.connect("DELETE", "/connectors/arrival")


def test_logs_shows_what_a_service_wrote(stack):
    shown = stack.good("logs", "kafka").stdout

    assert "Kafka Server started" in shown
    assert "no logs" in stack.run("logs", "nonsense").stderr


def test_a_killed_broker_is_seen_and_repaired_with_what_it_held(stack):
    stack.produce("kept", b"before the kill")
    before = stack.processes()
    os.kill(before["kafka"], signal.SIGKILL)
    await_result(lambda: "kafka" not in stack.processes(), "the broker is gone")

    code, services = stack.status()
    assert code == 3
    assert services["kafka"][1] == "down"

    stack.good("up")

    assert stack.status()[0] == 0
    assert stack.processes()["kafka"] != before["kafka"]
    assert stack.processes()["connect"] == before["connect"]
    assert stack.consume("kept", 1) == [b"before the kill"]


def test_a_broker_that_hangs_is_unhealthy(stack):
    pid = stack.processes()["kafka"]
    os.kill(pid, signal.SIGSTOP)
    try:
        code, services = stack.status()
    finally:
        os.kill(pid, signal.SIGCONT)

    assert code == 3
    assert services["kafka"][1] == "unhealthy"


def test_a_taken_port_is_named_with_its_holder(other_stack):
    with socket.create_server(("127.0.0.1", other_stack.ports["CONNECT"])):
        refused = other_stack.run("up", "--local")

    name = pathlib.Path("/proc/self/comm").read_text(encoding="utf-8").strip()
    assert refused.returncode == 1
    assert (f"port {other_stack.ports['CONNECT']}, which connect needs, is taken by {name}, "
            f"pid {os.getpid()}\n") in refused.stderr
    assert "nothing was started" in refused.stderr
    assert other_stack.processes() == {}


def test_a_port_that_another_stack_holds_is_named_with_its_folder(stack, other_stack):
    refused = other_stack.run("up", "--local", "--kafka-port", str(stack.ports["KAFKA"]))

    assert refused.returncode == 1
    assert f"pid {stack.processes()['kafka']}, of the stack in {stack.folder}\n" in refused.stderr


def test_a_file_that_is_not_the_pinned_one_stops_everything(other_stack, tmp_path):
    copy = tmp_path / "cache"
    subprocess.run(["cp", "-al", CACHE, copy], check=True)
    jar = next(copy.glob("kraft/libs/kafka-clients-*.jar"))
    jar.unlink()
    jar.write_bytes(b"something else")
    (copy / "kraft/libs/stray.jar").write_bytes(b"")
    other_stack.environment["CDCBENCH_STACK_CACHE"] = str(copy)

    refused = other_stack.run("up", "--local")

    assert refused.returncode == 1
    assert f"{jar.name}: FAILED" in refused.stderr
    assert "stray.jar: not expected" in refused.stderr
    assert other_stack.processes() == {}


@pytest.mark.parametrize("arguments, message", [
    (["up", "--kafka-port", "many"], "--kafka-port needs a port, not 'many'"),
    (["up", "--kafka-port"], "--kafka-port needs a port, not ''"),
    (["up", "--nonsense"], "up has no option '--nonsense'"),
    (["nonsense"], "there is no command 'nonsense'"),
    (["env"], "the stack is not up; scripts/stack up starts it"),
    (["logs"], "the stack is not up; scripts/stack up starts it"),
])
def test_a_wrong_command_line_says_what_is_wrong(other_stack, arguments, message):
    refused = other_stack.run(*arguments)

    assert refused.returncode == 1
    assert message in refused.stderr


def test_status_of_a_stack_that_is_not_up_says_so(other_stack):
    done = other_stack.run("status")

    assert (done.returncode, done.stdout) == (3, "the stack is not up\n")


def test_down_all_removes_what_was_fetched_too(other_stack, tmp_path):
    copy = tmp_path / "cache"
    subprocess.run(["cp", "-al", CACHE, copy], check=True)
    other_stack.environment["CDCBENCH_STACK_CACHE"] = str(copy)

    other_stack.good("down", "--all")

    assert not copy.exists()


def test_down_leaves_no_process_and_no_file_but_the_cache(stack):
    """The last test that takes the stack of all the others: it is gone then."""
    assert sorted(stack.processes()) == ["connect", "kafka"]
    server = pathlib.Path(stack.env()["CDCBENCH_SERVER"])
    assert server.exists()

    down = stack.good("down")

    assert stack.processes() == {}
    assert not stack.folder.exists()
    assert not server.exists()
    assert re.search(rf"what was fetched stays in {re.escape(str(CACHE))} \(\d+M\)", down.stderr)
    assert (CACHE / "kraft/libs").is_dir()
