"""Pipelines that do not come up: the reason is named, and nothing is left."""

import os
import pathlib
import socket

import pytest

import cdc
import pipeline as pipelines
from server import free_port


def refused(pipeline, out, *more, **settings):
    done = cdc.run("run", *pipeline.where(**settings), *more, out=out, dsn=pipeline.database.dsn,
                   secrets=[pipeline.database.server.password, "not-the-password"])
    done.expect(pipelines.UNABLE)
    assert done.stdout == ""
    pipeline.expect_nothing_left()
    assert pipeline.database.slots() == []
    assert "may be left" not in done.stderr
    return done.stderr


def test_a_wrong_password(pipeline, out):
    said = refused(pipeline, out, database_password="not-the-password")
    assert pipeline.name in said
    assert "password authentication failed" in said


def test_a_server_that_the_connector_does_not_find(pipeline, out):
    said = refused(pipeline, out, database_hostname="nobody.invalid")
    assert "nobody.invalid" in said


def test_a_setting_that_the_connector_refuses(pipeline, out):
    assert "decimal.handling.mode" in refused(pipeline, out, decimal_handling_mode="roman")


@pytest.mark.parametrize("option, named", [("--brokers", "127.0.0.1:{port}"),
                                           ("--connect-url", "http://127.0.0.1:{port}")])
def test_nobody_answers(pipeline, out, option, named):
    named = named.format(port=free_port())
    said = refused(pipeline, out, option, named)
    assert named in said
    assert "?" in said, "what to look at"


def test_somebody_elses_connector_of_the_same_name(pipeline, out):
    sink = {"connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "slot.name": "theirs"} | {
        "database.hostname": "127.0.0.1", "database.port": str(pipeline.database.server.port),
        "database.user": "postgres", "database.password": pipeline.database.server.password,
        "database.dbname": pipeline.database.name, "topic.prefix": "theirs",
        "plugin.name": "pgoutput", "snapshot.mode": "no_data"}
    pipeline.add_theirs(pipeline.name, sink)
    try:
        done = pipeline.run(out).expect(pipelines.UNABLE)
        assert f"a connector {pipeline.name} that cdcbench did not make" in done.stderr
        pipeline.clean()
        assert pipeline.name in pipeline.connectors()
        assert pipeline.topic not in pipeline.topics()
    finally:
        pipeline.remove_theirs(pipeline.name)


def started_ticks(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return stat.rsplit(")", 1)[1].split()[19]


@pytest.mark.parametrize("options", [(), ("--explain-cost", "--rows", "1k")],
                         ids=["run", "explain-cost"])
@pytest.mark.parametrize("owner, said", [
    (lambda: f"{socket.gethostname()} {os.getpid()} {started_ticks(os.getpid())}", "still going on"),
    (lambda: "another-host 4711 88012345", "made on another host")], ids=["here", "elsewhere"])
def test_another_runs_connector_of_the_same_name(pipeline, out, owner, said, options):
    """Two users of one Connect, both with the default names: the second does not take the first's, and
    with --explain-cost cleans away what it made of its own all the same."""
    theirs = {"connector.class": "io.debezium.connector.postgresql.PostgresConnector",
              "slot.name": f"{pipeline.slot}_theirs", "cdcbench.owner": owner(),
              "database.hostname": "127.0.0.1", "database.port": str(pipeline.database.server.port),
              "database.user": "postgres", "database.password": pipeline.database.server.password,
              "database.dbname": pipeline.database.name, "topic.prefix": "theirs",
              "plugin.name": "pgoutput", "snapshot.mode": "no_data"}
    pipeline.add_theirs(pipeline.name, theirs)
    try:
        done = pipeline.run(out, *options).expect(pipelines.UNABLE)
        assert said in done.stderr and "--connector name=" in done.stderr
        assert pipeline.name in pipeline.connectors()
        if options:
            assert "may be left" not in done.stderr
            assert pipeline.database.rows("SELECT relname FROM pg_class WHERE relname = 'transactions'") == []
            assert pipeline.topic not in pipeline.topics()
    finally:
        pipeline.remove_theirs(pipeline.name, slot=f"{pipeline.slot}_theirs")
