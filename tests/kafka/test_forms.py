"""The forms in which Debezium can be told to write: each is read back and proven whole."""

import pytest

import pipeline as pipelines
from pipeline import CHANGES

JSON = "org.apache.kafka.connect.json.JsonConverter"
FLATTENED = {"transforms": "flat",
             "transforms_flat_type": "io.debezium.transforms.ExtractNewRecordState"}


def converters(schemas):
    return {f"{side}_converter{rest}": value for side in ("key", "value")
            for rest, value in (("", JSON), ("_schemas_enable", schemas))}


@pytest.mark.parametrize("identity", ["full", "default"])
@pytest.mark.parametrize("decimals", ["string", "double", "precise"])
@pytest.mark.parametrize("schemas", ["true", "false"])
def test_envelopes(pipeline, out, schemas, decimals, identity):
    done = pipeline.run(out, *pipelines.LOAD, "--replica-identity", identity,
                        settings=converters(schemas) | {"decimal_handling_mode": decimals})
    pipelines.expect_verified(done)


def test_a_snapshot_of_the_empty_table_adds_nothing(pipeline, out):
    done = pipeline.run(out, settings={"snapshot_mode": "initial"})
    pipelines.expect_verified(done)


def test_flattened_rows_with_their_source_have_every_stage(pipeline, out):
    done = pipeline.run(out, settings=converters("false") | FLATTENED | {
        "transforms_flat_add_fields": "op,ts_us,source.ts_us,source.lsn,source.txId,source.sequence",
        "provide_transaction_metadata": "true",
    })
    pipelines.expect_verified(done)
    assert pipelines.counts(done)["end_agrees"] == pipelines.kafka_tap(done)["transactions"]
    assert int(pipelines.stages(done)["all", "all"]["produce_to_receipt"]["count"]) == CHANGES


def test_flattened_rows_without_their_source_are_proven_all_the_same(pipeline, out):
    done = pipeline.run(out, settings=FLATTENED | {"provide_transaction_metadata": "true"})
    pipelines.expect_verified(done)
    assert pipelines.kafka_tap(done)["transaction_ends"] is None
    assert f"{CHANGES:,} events on kafka name no transaction" in done.stdout
    lines = pipelines.stages(done)["all", "all"]
    assert "commit_to_receipt" not in lines, "no commit's time is known"
    assert int(lines["intended_to_receipt"]["count"]) == CHANGES, "the ledger tells whose they are"
    assert "without lag against the client's clock" not in done.stdout


def test_a_topic_with_the_brokers_timestamps_has_the_brokers_stages(pipeline, out):
    pipeline.make_topic(message_timestamp_type="LogAppendTime")
    done = pipeline.run(out)
    pipelines.expect_verified(done)
    for group, lines in pipelines.stages(done).items():
        way = ("commit_to_debezium", "debezium_to_append", "append_to_receipt")
        assert set(way) < set(lines)
        assert "debezium_to_produce" not in lines and "produce_to_receipt" not in lines
        parts = sum(float(lines[stage]["mean_us"]) for stage in way)
        assert abs(parts - float(lines["commit_to_receipt"]["mean_us"])) < 2, group
    pipeline.clean()
    assert pipeline.topic in pipeline.topics(), "it was there before cdcbench"
    pipeline.delete_topic()


def test_a_topic_of_several_partitions_is_in_order_by_key(pipeline, out):
    pipeline.make_topic(partitions=3)
    pipelines.expect_verified(pipeline.run(out))
    pipeline.delete_topic()
