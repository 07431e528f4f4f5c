"""What the timeline says of where lag comes from: the log, the slot, checkpoints, processes, backlog."""

import pytest

import cdc
from server import Database


@pytest.fixture(scope="module")
def seconds(template, tmp_path_factory):
    """Of a run over a server with little memory for decoding, and a checkpoint in its middle."""
    server = template.copy()
    try:
        server.start(logical_decoding_work_mem="64kB")
        database = Database(server, "timeline")
        running = cdc.start("run", "--rows", "30k", "--rows-per-txn", "10k", "--duration", "3s",
                            "--insert-rate", "500", "--update-rate", "off", dsn=database.dsn,
                            out=tmp_path_factory.mktemp("timeline") / "results",
                            secrets=[server.password])
        cdc.await_true(lambda: database.count_rows() > 30_000, "it inserts")
        database.execute("CHECKPOINT")
        done = running.end().expect(0)
        database.session.close()
        yield done.csv("timeline.csv")[1]
    finally:
        server.remove()


def total(seconds, column):
    return sum(int(second[column]) for second in seconds)


def test_the_log_that_the_run_wrote_is_counted(seconds):
    assert total(seconds, "wal_written_bytes") > 30_000 * 200


def test_a_checkpoint_is_seen_with_what_it_wrote(seconds):
    assert total(seconds, "checkpoints_requested") == 1
    assert total(seconds, "checkpoints_timed") == 0
    assert total(seconds, "checkpoint_written_bytes") > 0


def test_transactions_that_do_not_fit_in_memory_are_seen_to_be_spilled(seconds):
    assert int(seconds[-1]["slot_spilled_txns"]) == 3
    assert int(seconds[-1]["slot_spilled_bytes"]) > 0


def test_the_backlog_has_an_age_and_ends(seconds):
    assert all(float(second["wal_behind_s"]) >= 0 for second in seconds)
    assert float(seconds[-1]["wal_behind_s"]) == 0 == int(seconds[-1]["wal_behind_rows"])


def test_the_servers_processes_are_found_behind_its_address(seconds):
    for column in ("server_rss_bytes", "walsender_rss_bytes"):
        assert any(int(second[column] or 0) > 0 for second in seconds), column


def test_what_was_not_there_is_empty(seconds):
    for column in ("kafka_behind_s", "kafka_unread_messages", "debezium_slot_spilled_txns",
                   "debezium_walsender_rss_bytes"):
        assert {second[column] for second in seconds} == {""}, column
