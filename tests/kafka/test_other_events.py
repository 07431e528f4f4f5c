"""What else may lie in the topic, or come into it."""

import json
import uuid

import cdc
import pipeline as pipelines
from pipeline import CHANGES


def test_an_earlier_runs_events_are_counted_and_do_no_harm(pipeline, out, tmp_path):
    pipelines.expect_verified(pipeline.run(tmp_path / "first"))
    pipelines.expect_verified(pipeline.run(out), before_run=CHANGES)


def test_what_is_no_event_at_all_is_unknown_and_named(pipeline, out):
    pipeline.make_topic()
    pipeline.produce((b"somebody's key", b"no JSON"), (None, b'{"half": '))
    done = pipeline.run(out).expect(pipelines.FAULTY)
    assert pipelines.faults(done) == {"unknown": 2}
    assert pipelines.faults(done, "wal") == {}
    assert done.stdout.startswith("FAILED  2 unknown on kafka"), done.output
    assert "somebody's key" in done.stdout
    pipeline.delete_topic()


def envelope(key):
    """Of a row that no run of ours has made."""
    row = {"transaction_id": key, "user_id": "u", "timestamp": 1, "amount": "12.00"}
    return (json.dumps({"transaction_id": key}).encode(),
            json.dumps({"before": None, "after": row, "op": "c", "ts_ms": 1,
                        "source": {"ts_ms": 1, "schema": "public", "table": "transactions"}}).encode())


def test_rows_of_somebody_else_in_mid_run_are_unknown_and_named(pipeline, out, started):
    run = started(pipeline.start(out, "--rows", "0", "--duration", "4s", "--insert-rate", "100",
                                 "--update-rate", "off"))
    pipeline.await_rows(20)
    keys = [str(uuid.uuid4()) for _ in range(3)]
    pipeline.produce(*map(envelope, keys))
    done = run.end().expect(pipelines.FAULTY)
    assert pipelines.faults(done) == {"unknown": 3}
    assert pipelines.faults(done, "wal") == {}
    for key in keys:
        assert key in done.stdout


def test_tombstones_are_counted_and_no_change(pipeline, out, started):
    run = started(pipeline.start(out, "--rows", "0", "--duration", "4s", "--insert-rate", "100",
                                 "--update-rate", "off"))
    pipeline.await_rows(20)
    pipeline.produce(*((envelope(str(uuid.uuid4()))[0], None) for _ in range(5)))
    done = run.end()
    pipelines.expect_verified(done, done.json["acknowledged"])
    assert pipelines.kafka_tap(done)["kafka"]["tombstones"] == 5


def test_records_deleted_before_they_were_read_are_missing(pipeline, out, started):
    done = pipelines.run_and_delete(pipeline, out, started, pipeline.topic, but=10)
    found = pipelines.counts(done)
    assert pipelines.faults(done, "wal") == {}
    assert set(pipelines.faults(done)) == {"missing"}, done.output
    assert found["missing"] + found["delivered"] == found["expected"]
    assert "missing on kafka" in done.stdout.splitlines()[0]
    assert pipelines.kafka_tap(done)["kafka"]["skipped_offsets"] >= found["missing"]
