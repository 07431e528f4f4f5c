"""The compose files, as docker-compose itself reads them, and how scripts/stack drives them. No
engine is needed: nothing is pulled or started."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from stack import ROOT

CURRENT = ROOT / "docker/compose.yaml"
CLASSIC = ROOT / "docker/compose.classic.yaml"
BOTH = pytest.mark.parametrize("path", [CURRENT, CLASSIC], ids=["current", "classic"])


# On the host's network: they publish nothing, and are told where to listen.
ON_HOST = {"prometheus": "--web.listen-address=127.0.0.1:9090",
           "grafana": "GF_SERVER_HTTP_ADDR: 127.0.0.1"}


def config(path, *options, **environment):
    """What compose makes of a file: interpolated, normalised YAML, with two spaces a level."""
    compose = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
    done = subprocess.run([*compose, "-f", path, "config", *options], text=True, check=False,
                          capture_output=True, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def services(path):
    """All of them, those of profiles too."""
    return sorted(config(path, "--services", COMPOSE_PROFILES="watch").split())


def service(path, name):
    """The part of the file that describes one service."""
    text = path.read_text(encoding="utf-8")
    return re.search(rf"^  {name}:\n((?:    .*\n|\n)+)", text, re.MULTILINE).group(1)


def ports(path):
    """{service: [published address]}, from the file itself: versions of compose print them
    differently."""
    return {name: re.findall(r'^ +- "(\S+:\d+)"$', service(path, name), re.MULTILINE)
            for name in services(path)}


@BOTH
def test_compose_takes_the_file(path):
    config(path, "--quiet")


@BOTH
def test_every_image_is_pinned(path):
    images = re.findall(r"^    image: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert len(images) == len(services(path))
    for image in images:
        assert re.search(r":v?\d+\.\d+(\.\d+(\.Final)?)?$", image), image


@BOTH
def test_every_port_is_on_loopback(path):
    for name, published in ports(path).items():
        if name in ON_HOST:
            assert "    network_mode: host\n" in service(path, name)
            assert ON_HOST[name] in service(path, name)
            continue
        assert published, name
        for port in published:
            assert port.startswith("127.0.0.1:"), (name, port)


@BOTH
def test_every_service_has_a_health_check(path):
    for name in services(path):
        assert "    healthcheck:\n      " in service(path, name), name


@BOTH
def test_the_data_of_postgresql_and_kafka_is_in_volumes(path):
    broker = "kafka" if path == CURRENT else "broker"

    assert "- postgres-data:/var/lib/postgresql/data" in service(path, "postgres")
    assert f"- {broker}-data:/var/lib/kafka/data" in service(path, broker)


@BOTH
def test_postgresql_is_set_up_for_logical_replication(path):
    described = service(path, "postgres")

    assert "wal_level=logical" in described
    for line in ("POSTGRES_USER: postgres", "POSTGRES_PASSWORD: postgres",
                 "POSTGRES_DB: financial_db"):
        assert line in described


def test_prometheus_and_grafana_come_when_they_are_asked_for_alone():
    assert set(ON_HOST) < set(services(CURRENT))
    with_profile = {name for name in services(CURRENT) if "profiles:" in service(CURRENT, name)}
    assert with_profile == set(ON_HOST)


def test_the_current_file_publishes_the_ports_that_the_stack_announces():
    rendered = config(CURRENT)

    for port in ("15432", "19092", "18083", "18080"):
        assert port in rendered
    assert "HOST://127.0.0.1:19092" in rendered


def test_another_kafka_port_is_published_and_advertised():
    rendered = config(CURRENT, CDCBENCH_KAFKA_PORT="29092")

    assert "HOST://127.0.0.1:29092" in rendered
    assert re.search(r'127\.0\.0\.1:29092:19092|published: "?29092', rendered)


def test_the_classic_file_has_the_six_services_under_their_names_and_ports():
    assert ports(CLASSIC) == {
        "zookeeper": ["127.0.0.1:2181:2181"],
        "broker": ["127.0.0.1:9092:9092"],
        "control-center": ["127.0.0.1:9021:9021"],
        "debezium": ["127.0.0.1:8083:8083"],
        "debezium-ui": ["127.0.0.1:8080:8080"],
        "postgres": ["127.0.0.1:5432:5432"],
    }
    for name in services(CLASSIC):
        assert f"    container_name: {name}\n" in service(CLASSIC, name)


# --- scripts/stack with containers -----------------------------------------------------------


@pytest.fixture
def recorded(other_stack, tmp_path):
    """A `docker` that writes down how it is called, where a stack of containers is said to run."""
    program = tmp_path / "docker"
    calls = tmp_path / "calls"
    program.write_text(f"#!/bin/sh\necho \"$CDCBENCH_KAFKA_PORT $*\" >>{calls}\n", "ascii")
    program.chmod(0o755)
    other_stack.environment["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
    other_stack.folder.mkdir()
    settings = {name.lower() + "_port": port for name, port in other_stack.ports.items()}
    (other_stack.folder / "state").write_text(
        "".join(f"{name}={value}\n" for name, value in {"form": "compose", **settings}.items()),
        "ascii")

    def look():
        prefix = (f"{other_stack.ports['KAFKA']} compose --project-name cdcbench "
                  f"--file {CURRENT} ")
        return [line.removeprefix(prefix) for line in calls.read_text("ascii").splitlines()
                if line.startswith(prefix)]

    return other_stack, look


def test_status_asks_the_containers_and_then_kafka_itself(recorded):
    stack, calls = recorded

    assert stack.run("status").returncode == 3
    assert calls() == ["ps"]


def test_logs_are_those_of_the_containers(recorded):
    stack, calls = recorded

    stack.good("logs", "-f", "kafka")

    assert calls() == ["logs --tail=200 --follow kafka"]


def test_env_has_the_server_as_the_host_and_as_connect_finds_it(recorded):
    stack, _ = recorded
    env = stack.env()

    assert (env["PGHOST"], env["PGPORT"]) == ("127.0.0.1", str(stack.ports["POSTGRES"]))
    assert env["PGDATABASE"] == "financial_db"
    assert env["CDCBENCH_CONNECTOR_HOSTNAME"] == "postgres"
    assert env["CDCBENCH_CONNECTOR_PORT"] == "5432"


def test_down_removes_containers_and_volumes(recorded):
    stack, calls = recorded

    stack.good("down")

    assert calls() == ["down --volumes --remove-orphans"]
    assert not stack.folder.exists()


def test_a_stack_of_containers_is_not_started_on_a_taken_port(recorded):
    stack, calls = recorded
    with socket.create_server(("127.0.0.1", stack.ports["POSTGRES"])):
        refused = stack.run("up")

    assert refused.returncode == 1
    assert f"port {stack.ports['POSTGRES']}, which postgres needs, is taken by" in refused.stderr
    assert calls() == ["ps --quiet"]
