"""Mishaps of Connect and its connector while a run is on."""

import os
import signal
import time

import pytest

import cdc
import pipeline as pipelines
from server import Database

STEADY = ("--rows", "1k", "--duration", "14s", "--insert-rate", "300", "--update-rate", "100")


def kill_connect(pipeline):
    pid = pipeline.stack.processes()["connect"]
    os.kill(pid, signal.SIGKILL)
    # Its command line is gone before its sockets are: until then `up` finds the port taken.
    cdc.await_true(lambda: not os.path.exists(f"/proc/{pid}"), "it is gone")
    pipeline.stack.good("up", "--local")


@pytest.fixture(scope="module")
def restarted(stack, server, tmp_path_factory):
    """A run in which Connect is killed when it has noted some of what it sent, and sent more."""
    pipeline = pipelines.Pipeline(stack, Database(server, "kafka_restarted"))
    run = pipeline.start(tmp_path_factory.mktemp("restarted") / "results", *STEADY,
                         settings={"provide_transaction_metadata": "true"})
    try:
        pipeline.await_rows(1)
        cdc.await_true(pipeline.noted_offset, "Connect has noted an offset")
        noted = pipeline.noted_offset()
        cdc.await_true(lambda: pipeline.noted_offset() != noted, "and another one")
        time.sleep(1)
        kill_connect(pipeline)
        yield run.end(), pipeline
    finally:
        run.kill()
    pipeline.clean()
    pipeline.database.drop()


def test_after_a_restart_duplicates_are_counted_and_no_fault(restarted):
    done, _ = restarted
    done.expect(0)
    found = pipelines.counts(done)
    assert set(pipelines.faults(done)) == {"duplicated"}
    assert found["expected"] + found["duplicated"] == found["delivered"]
    assert pipelines.faults(done, "wal") == {}
    assert done.json["restarts_seen"] is True
    first, second = done.stdout.splitlines()[:2]
    assert first.startswith("VERIFIED") and "once" not in first
    assert "duplicated on kafka, which is no fault: Kafka Connect or its brokers were away" in second


def test_after_a_restart_the_counts_of_ends_are_told_and_judge_nothing(restarted):
    done, _ = restarted
    ends = pipelines.kafka_tap(done)["transaction_ends"]
    assert ends["agree"] > 0 and ends["repeated"] > 0, ends
    assert done.stdout.count("which is no fault: Kafka Connect or its brokers were away") == 2


def test_the_restart_is_told_as_it_happens(restarted):
    done, pipeline = restarted
    assert f"Kafka Connect at {pipeline.connect_url}" in done.stderr
    assert "answers again" in done.stderr


def again(pipeline, messages=5):
    """Sends some records of the topic once more, as a producer that retries without care does."""
    pipeline.produce(*pipeline.consume(messages))


def repeated(pipeline, out, started, *more):
    run = started(pipeline.start(out, "--rows", "0", "--duration", "4s", "--insert-rate", "100",
                                 "--update-rate", "off", *more))
    pipeline.await_rows(20)
    again(pipeline)
    done = run.end()
    assert pipelines.faults(done) == {"duplicated": 5}
    assert done.json["restarts_seen"] is False
    return done


def test_without_a_restart_duplicates_are_a_fault(pipeline, out, started):
    done = repeated(pipeline, out, started).expect(pipelines.FAULTY)
    assert done.stdout.startswith("FAILED  5 duplicated on kafka"), done.output


def test_at_least_once_allows_them(pipeline, out, started):
    done = repeated(pipeline, out, started, "--delivery", "at-least-once").expect(0)
    assert "5 duplicated on kafka, which is no fault: --delivery at-least-once" in done.stdout


def test_a_connector_that_fails_ends_the_run_with_its_trace_and_spares_the_wal_tap(
        pipeline, out, started):
    began = time.monotonic()
    run = started(pipeline.start(out, "--rows", "1k", "--duration", "60s", "--insert-rate", "100",
                                 "--update-rate", "off",
                                 settings={"errors_max_retries": 0}))
    pipeline.await_rows(1100)
    pipeline.database.execute("SELECT pg_terminate_backend(%s)", pipeline.active(pipeline.slot))
    done = run.end().expect(pipelines.UNABLE)
    assert time.monotonic() - began < 45, "neither the load nor the drain went on to its end"
    assert f"connector {pipeline.name} has FAILED" in done.stderr
    assert "\tat io.debezium" in done.stderr, "the trace"
    assert done.stdout.startswith("INCOMPLETE"), done.output
    wal, kafka = pipelines.counts(done, "wal"), pipelines.counts(done)
    assert wal["delivered"] == wal["expected"] >= 1100
    assert pipelines.faults(done, "wal") == {}
    assert 1000 <= kafka["delivered"] <= kafka["expected"]
    assert not pipelines.kafka_tap(done)["complete"]
    assert pipeline.name not in pipeline.connectors()
    assert pipeline.database.slots() == []
