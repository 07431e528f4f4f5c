"""That the proof proves: what is done behind its back in mid-run is found on both taps, and named.
Records that are gone from the topic: test_other_events.py; duplicates in it: test_mid_run.py."""

import pytest

import cdc
import pipeline as pipelines

STEADY = ("--rows", "500", "--duration", "5s", "--insert-rate", "100", "--update-rate", "400",
          "--burst", "0")


@pytest.fixture
def steady(pipeline, out, started):
    run = started(pipeline.start(out, *STEADY))
    cdc.await_true(lambda: pipeline.database.count_updated() > 50, "the run updates rows")
    return run


def faults_of(done, tap, kind):
    """The kept faults of a kind, in full."""
    told, = (one for one in done.json["taps"] if one["tap"] == tap)
    return [fault for fault in told["verify"]["faults"] if fault["kind"] == kind]


def test_a_row_changed_behind_its_back_is_found_on_both_taps(pipeline, steady):
    key, = pipeline.database.rows("UPDATE transactions SET city = 'Atlantis' WHERE transaction_id = "
                                  "(SELECT min(transaction_id) FROM transactions) "
                                  "RETURNING transaction_id")[0]
    done = steady.end().expect(pipelines.FAULTY)
    assert done.stdout.startswith("FAILED"), done.output
    for tap in ("wal", "kafka"):
        found = [fault for fault in faults_of(done, tap, "mismatched") if fault["key"] == key]
        assert {"column": "city", "found": "Atlantis", "operation": "update"}.items() <= {
            name: value for fault in found if fault["column"] == "city"
            for name, value in fault.items()}.items(), done.output
        assert pipelines.counts(done, tap)["missing"] == 0
    assert f"key {key}, column city" in done.stdout


def test_a_row_deleted_behind_its_back_is_found_on_both_taps(pipeline, steady):
    key, = pipeline.database.rows("DELETE FROM transactions WHERE transaction_id = (SELECT "
                                  "transaction_id FROM transactions WHERE change_info IS NULL LIMIT 1)"
                                  " RETURNING transaction_id")[0]
    done = steady.end().expect(pipelines.FAULTY)
    for tap in ("wal", "kafka"):
        named = [fault for kind in pipelines.FAULTS for fault in faults_of(done, tap, kind)
                 if fault["key"] == key]
        assert named, done.output


@pytest.mark.parametrize("trigger, column", [("trigger_record_change_info", "change_info"),
                                             ("trigger_record_user_update", "modified_by")])
def test_a_trigger_dropped_in_mid_run_is_found_on_both_taps(pipeline, steady, trigger, column):
    pipeline.database.execute(f"DROP TRIGGER {trigger} ON transactions")
    done = steady.end().expect(pipelines.FAULTY)
    for tap in ("wal", "kafka"):
        found = pipelines.counts(done, tap)
        assert found["untriggered"] > 0
        assert found["untriggered"] <= found["mismatched"] < found["expected"]
        assert found["missing"] == found["duplicated"] == found["unknown"] == 0
        named = [fault for fault in faults_of(done, tap, "mismatched")
                 if fault["column"] == column and fault["trigger"] == trigger]
        assert named, done.output
    assert f"{trigger} did not run" in done.stdout, done.output
