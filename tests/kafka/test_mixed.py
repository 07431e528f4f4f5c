"""Deletes, mixed transactions, rollbacks and savepoints on both taps."""

import base64
import json

import pipeline as pipelines

SCENARIO = """
name: mixed
seed: 3
connections: 3
phases:
  - name: load
    insert: {{rows: 20k, rows_per_txn: 500}}
  - name: work
    insert: {{rows: 400, rows_per_txn: 4, rollback: 20%, savepoint: 20%}}
    update: {{rows: 600, rows_per_txn: 6, mode: {mode}, rollback: 20%, savepoint: 20%}}
    delete: {{rows: 200, rows_per_txn: 2, mode: {mode}, rollback: 20%, savepoint: 20%}}
    transaction: {{transactions: 100, insert: 4, update_own: 3, update: 2, delete: 1, mode: {mode},
                  rollback: 20%, savepoint: 20%}}
  - name: drain
    until: caught-up
    at_most: 120s
"""


def test_what_mixes_and_what_is_rolled_back_is_proven_on_both_taps(pipeline, tmp_path, out):
    scenario = tmp_path / "mixed.yaml"
    scenario.write_text(SCENARIO.format(mode="array"), encoding="utf-8")
    done = pipeline.run(out, str(scenario))
    _, rows = done.csv("summary.csv")
    work = {row["operation"]: row for row in rows if row["phase"] == "work"}
    assert set(work) == {"insert", "update", "delete", "transaction"}
    assert all(int(row["rolled_back"]) > 0 for row in work.values())
    pipelines.expect_verified(done, 20000 + sum(int(row["rows"]) for row in work.values()))

    deletes = int(work["delete"]["rows"]) + int(work["transaction"]["transactions"])
    assert pipelines.kafka_tap(done)["kafka"]["tombstones"] == deletes
    found = pipelines.stages(done)
    assert int(found["work", "delete"]["commit_to_receipt"]["count"]) == deletes
    # Every transaction was found in the ledger, by its first change, whatever that was: its lag
    # against the other tap is known.
    committed = sum(int(row["transactions"]) for row in rows)
    assert int(found["all", "all"]["kafka_minus_wal"]["count"]) == committed
    assert pipelines.kafka_tap(done)["unmatched_transactions"] == 0


def test_a_rolled_back_change_that_reaches_kafka_names_itself(pipeline, tmp_path, out):
    """As if Debezium had sent what was never committed: a change of the run, its amount marked."""
    scenario = tmp_path / "mixed.yaml"
    text = SCENARIO.format(mode="pipeline").replace("  - name: drain", """  - name: pause
    duration: 8s
    update: {rate: 20, rows_per_txn: 2}
  - name: drain""")
    scenario.write_text(text, encoding="utf-8")
    running = pipeline.start(out, str(scenario))
    try:
        pipeline.await_rows(20100)
        key, value = next(message for message in pipeline.consume(1000) if message[1] is not None)
        event = json.loads(value)
        payload = event.get("payload", event)
        row = payload["after"]
        payload.update(op="u", before=row | {"amount": row["amount"]}, after=row | {
            "amount": encode_like(row["amount"], 234567)})
        pipeline.produce((key, json.dumps(event).encode()))
        done = running.end().expect(pipelines.FAULTY)
    finally:
        running.kill()
    assert pipelines.faults(done)["rolled_back"] == 1
    assert pipelines.faults(done, "wal") == {}


def encode_like(amount, cents):
    """The amount in the form in which this connector writes one."""
    if isinstance(amount, dict):  # VariableScaleDecimal
        return {"scale": 2, "value": base64.b64encode(cents.to_bytes(3, "big")).decode()}
    return type(amount)(cents / 100) if isinstance(amount, float) else f"{cents / 100:.2f}"
