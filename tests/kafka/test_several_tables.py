"""Tables other than `transactions`, several at once: a topic for each, put together again."""

import json

import pytest

import cdc
import pipeline as pipelines
from pipeline import CHANGES, LOAD, Pipeline
from server import Database

TABLES = ("transactions", "wide", "toasted", "narrow")


def topic_of(pipeline, table):
    return f"{pipeline.name}.public.{table}"


@pytest.fixture(scope="module")
def several(stack, server, tmp_path_factory):
    """One run over four tables for the tests that only look."""
    pipeline = Pipeline(stack, Database(server, "kafka_several"))
    options = [word for table in TABLES for word in ("--table", table)]
    done = pipeline.run(tmp_path_factory.mktemp("several") / "results", *options, *LOAD)
    yield done, pipeline
    pipeline.clean()
    pipeline.database.drop()


def test_every_change_of_every_table_is_proven_on_both_taps(several):
    done, _ = several
    pipelines.expect_verified(done, CHANGES)


def test_each_table_has_a_topic_and_clean_removes_them_all(several):
    done, pipeline = several
    topics = [topic_of(pipeline, table) for table in TABLES]
    assert done.json["pipeline"]["topics"] == topics
    assert set(topics) <= pipeline.topics()
    pipeline.clean()
    assert not set(topics) & pipeline.topics()


def test_transactions_spread_over_topics_are_counted_and_found_in_the_ledger(several):
    done, _ = several
    transactions = sum(operation["transactions"] for phase in done.json["phases"]
                       for operation in phase["operations"])
    found = pipelines.stages(done)["all", "all"]
    assert int(found["kafka_minus_wal"]["count"]) == transactions
    assert {int(found[stage]["count"]) for stage in ("commit_to_receipt", "ack_to_receipt",
                                                     "intended_to_receipt")} == {CHANGES}
    for tap in done.json["taps"]:
        assert tap["transactions"] == transactions and tap["unmatched_transactions"] == 0
    cdc.expect_stages_to_sum_to_the_whole(found, "kafka")


TWO = """
name: two
table: {replica_identity: %s}
tables:
  - toasted
  - name: order
    columns:
      - {name: id, generator: key}
      - {name: price, generator: amount, type: "numeric(12, 2)"}
      - {name: state, generator: choice, of: ["a\\\\b", "tab\\there", "größe €", ""], nulls: 10%%}
      - {name: cost, generator: decimal, type: "numeric(12, 4)", scale: 4}
      - {name: qty, generator: integer, type: smallint, min: -5, max: 20}
      - {name: at, generator: timestamp}
      - {name: flag, generator: boolean}
      - {name: hash, generator: bytes, length: 0..40}
      - {name: address, generator: ipv4}
      - {name: detail, generator: json}
phases:
  - name: load
    insert: {rows: 400, rows_per_txn: 50}
  - name: mixed
    update: {rows: 400}
    transaction: {transactions: 20, insert: 4, update_own: 2, update: 4, delete: 2, rollback: 20%%}
  - name: drain
    until: caught-up
"""


@pytest.mark.parametrize("identity, precise", [("default", False), ("full", True)])
def test_values_that_are_not_sent_and_types_of_all_kinds(pipeline, out, tmp_path, identity, precise):
    scenario = tmp_path / "two.yaml"
    scenario.write_text(TWO % identity, encoding="utf-8")
    settings = {"decimal_handling_mode": "precise"} if precise else {}
    done = pipeline.run(out, str(scenario), settings=settings).expect(0)
    assert done.stdout.startswith("VERIFIED"), done.output
    assert all(tap["unmatched_transactions"] == 0 for tap in done.json["taps"])
    pipeline.topic = topic_of(pipeline, "toasted")
    values = [json.loads(value) for _, value in pipeline.consume(pipeline.end_offset()) if value]
    updates = [value.get("payload", value) for value in values
               if value.get("payload", value)["op"] == "u"]
    assert len(updates) > 100
    for update in updates:
        unsent = update["after"]["document"] == "__debezium_unavailable_value"
        assert unsent == (identity == "default")
        if identity == "full":
            assert len(update["before"]["document"]) >= 4096
    pipeline.clean()
    assert topic_of(pipeline, "order") not in pipeline.topics()


def test_a_column_added_in_mid_run_is_passed_over_on_both_taps(pipeline, out):
    done = pipeline.run(out, "--table", "transactions", "--table", "toasted", "--rows", "300",
                        "--insert-rate", "200", "--update-rate", "400", "-T", "4s", "--ddl-at", "2s").expect(0)
    assert done.stdout.startswith("VERIFIED"), done.output
    assert 2 <= done.json["ddl_s"] < 4
    carries = {}
    for table in ("transactions", "toasted"):
        pipeline.topic = topic_of(pipeline, table)
        events = [json.loads(value) for _, value in pipeline.consume(pipeline.end_offset()) if value]
        after = [event.get("payload", event)["after"] for event in events]
        carries[table] = {"cdcbench_added" in row for row in after}
    # Events from before the change lack the column, those after it have it: the run had both.
    assert carries == {"transactions": {False, True}, "toasted": {False, True}}
