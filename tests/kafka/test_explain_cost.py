"""run --explain-cost with Kafka: schemas off and on too, and nothing is left of any condition."""

import itertools

import pytest

import cdc
from pipeline import Pipeline
from server import Database

SMALL = ("--explain-cost", "--rows", "1k", "--set", "phases.warm-up.insert.rows=500",
         "--set", "phases.warm-up-changes.update.rows=500")
SCHEMAS, IDENTITIES, TRIGGERS = ("off", "on"), ("default", "full"), ("none", "both")
CONDITIONS = [(triggers, identity, schemas) for schemas, identity, triggers
              in itertools.product(SCHEMAS, IDENTITIES, TRIGGERS)]
PHASES = ("load", "update", "delete")
INTERRUPTED = 130


def folder(condition):
    triggers, identity, schemas = condition
    return f"triggers-{triggers}-identity-{identity}-schemas-{schemas}"


def costs(done):
    _, rows = done.csv("cost.csv")
    return {(row["phase"], row["triggers"], row["replica_identity"], row["schemas"]): row
            for row in rows}


@pytest.fixture(scope="module")
def explained(stack, server, tmp_path_factory):
    pipeline = Pipeline(stack, Database(server, "kafka_explained"))
    before = pipeline.database.catalog()
    done = pipeline.run(tmp_path_factory.mktemp("explained") / "results", *SMALL)
    yield done.expect(0), pipeline, before
    pipeline.database.drop()


def test_each_condition_is_verified_on_both_taps(explained):
    done, _, _ = explained
    assert sorted(path.name for path in done.folder.iterdir()) == sorted(
        ["cost.csv", *map(folder, CONDITIONS)])
    for condition in CONDITIONS:
        told = cdc.Ended(0, "", "", done.folder / folder(condition), []).json
        assert told["verdict"] == "verified"
        assert [tap["tap"] for tap in told["taps"]] == ["wal", "kafka"]
    assert list(costs(done)) == [(phase, *condition) for condition in CONDITIONS for phase in PHASES]


def test_every_figure_is_there(explained):
    done, _, _ = explained
    for row in costs(done).values():
        # A ratio to no time at all is none: hundredths of a second are what the kernel counts.
        assert "" not in [row[column] for column in row if not column.endswith("_ratio")]
        assert float(row["kafka_bytes_per_change"]) > 0 and row["kafka_ratio"] != ""
        assert float(row["connect_cpu_us_per_change"]) >= 0


def test_schemas_and_the_old_row_cost_bytes_on_kafka(explained):
    done, _, _ = explained
    found = costs(done)

    def size(phase, triggers, identity, schemas):
        return float(found[phase, triggers, identity, schemas]["kafka_bytes_per_change"])

    for phase, triggers, identity in itertools.product(PHASES, TRIGGERS, IDENTITIES):
        assert size(phase, triggers, identity, "on") > 2 * size(phase, triggers, identity, "off")
    for triggers, schemas in itertools.product(TRIGGERS, SCHEMAS):
        for phase in ("update", "delete"):
            assert size(phase, triggers, "full", schemas) > size(phase, triggers, "default", schemas)
    for identity, schemas in itertools.product(IDENTITIES, SCHEMAS):
        assert size("update", "both", identity, schemas) > size("update", "none", identity, schemas)
    assert "Kafka bytes" in done.stdout


def test_nothing_is_left_of_any_condition(explained):
    _, pipeline, before = explained
    pipeline.expect_nothing_left()
    assert pipeline.database.catalog() == before


def test_an_interrupt_leaves_nothing_behind(pipeline, out, started):
    before = pipeline.database.catalog()
    run = started(pipeline.start(out, "--explain-cost", "-c", "1", "--set",
                                 "phases.load.insert.rows=60k", "--set",
                                 "phases.update.update.rows=60k"))
    pipeline.await_rows(1)
    cdc.await_true(lambda: not run.is_running() or pipeline.database.count_updated() > 0
                   or pipeline.database.count_rows() > 10_000, "the first condition is loaded")
    assert pipeline.name in pipeline.connectors() and pipeline.slot in pipeline.database.slots()
    run.signal()
    run.end().expect(INTERRUPTED)
    assert (out / folder(CONDITIONS[0]) / "run.json").exists()
    pipeline.expect_nothing_left()
    assert pipeline.database.catalog() == before
