"""What a run says while it goes on, to people and to programs."""

import json
import socket
import time

import pytest

import cdc
import watching
from server import free_port
from watching import total

LOAD = ("--rows", "3k", "--inserts", "600", "--insert-rate", "400", "--updates", "200",
        "--update-rate", "200")
CHANGES = 3000 + 600 + 200


def test_json_lines_are_the_timeline_and_the_verdict(database, out):
    done = cdc.run("run", *LOAD, "--json", dsn=database.dsn, out=out).expect(0)
    *seconds, last = [json.loads(line) for line in done.stdout.splitlines()]
    columns, rows = done.csv("timeline.csv")
    assert [list(second) for second in seconds] == [columns] * len(rows)
    # The same figures: CSV has text, and nothing where JSON has null.
    for second, row in zip(seconds, rows):
        for column in columns:
            value, text = second[column], row[column]
            assert (value is None) == (text == ""), column
            if text and column != "phase":
                assert float(text) == value, column
    assert sum(second["insert_acked_rows"] for second in seconds) == 3600
    # The phase with a rate takes a second and a half: too little to tell.
    assert last == {"verdict": "verified", "pace": "not_decided", "exit_code": 0, "acknowledged": CHANGES,
                    "folder": str(out)}
    # People read the rest.
    assert "VERIFIED" in done.stderr and "progress: " in done.stderr


def test_quiet_leaves_the_answer_alone(database, out):
    done = cdc.run("run", *LOAD, "--quiet", dsn=database.dsn, out=out).expect(0)
    assert done.stdout.startswith("VERIFIED") and done.stderr == ""


@pytest.mark.parametrize("options", [(), ("--json",), ("--repeat", "2")], ids=" ".join)
def test_an_answer_that_could_not_be_written_is_an_error(database, out, options):
    with open("/dev/full", "wb") as full:
        done = cdc.run("run", *LOAD, *options, dsn=database.dsn, out=out,
                       popen={"stdout": full}).expect(2)
    assert done.stderr.count("could not write to stdout: No space left on device") == 1
    assert [file.name for file in done.files()].count("run.json") == (2 if "--repeat" in options else 1)


def test_plain_lines_where_there_is_no_terminal(database, out):
    done = cdc.run("run", *LOAD, "-P", "500ms", dsn=database.dsn, out=out).expect(0)
    heading, *lines = done.stderr.splitlines()
    assert heading.startswith("quick · seed 42 · PostgreSQL ")
    assert lines and all(line.startswith("progress: ") for line in lines), done.stderr
    assert "\033" not in done.stdout + done.stderr


def test_a_run_can_be_watched_over_http(database, out):
    port = free_port()
    running = cdc.start("run", "--rows", "3k", "--inserts", "1k", "--insert-rate", "200",
                        "--update-rate", "off", "--listen", str(port), dsn=database.dsn, out=out)
    try:
        first = cdc.await_true(lambda: running.is_running() and watching.begun(port), "a second has passed")
        later = cdc.await_true(
            lambda: (samples := watching.scrape(port)) != first and samples, "another second has passed")
        assert total(later, "cdcbench_acked_rows_total") > total(first, "cdcbench_acked_rows_total")
        assert total(later, "cdcbench_seen_events_total") > 3000
        assert later[("cdcbench_phase", ("cdcbench_phase", "mixed"))] == 1
        bucket = ("cdcbench_latency_seconds_bucket", ("le", "+Inf"), ("operation", "insert"))
        assert later[bucket] == later[("cdcbench_latency_seconds_count", ("operation", "insert"))]
        assert watching.get(port, "/")[1].startswith("<!doctype html>")
        assert json.loads(watching.get(port, "/data.json")[1])["live"] is True
    finally:
        running.signal()
        done = running.end()
    assert f"http://127.0.0.1:{port}/" in done.stderr
    with pytest.raises(OSError):
        watching.get(port, "/metrics")


def test_each_repeat_counts_from_its_own_start(database, out, started):
    """Watched without a break: what Prometheus sees of the second run is the second run's."""
    port, rows = free_port(), 600
    running = started(cdc.start("run", "--rows", "0", "--inserts", str(rows), "--insert-rate", "400",
                                "--update-rate", "off", "--repeat", "2", "--listen", str(port),
                                dsn=database.dsn, out=out))
    seen = []
    while running.is_running():
        samples = watching.begun(port)
        if samples and (not seen or samples != seen[-1]):
            seen.append(samples)
        time.sleep(0.05)
    running.end().expect(0)
    elapsed = [total(samples, "cdcbench_elapsed_seconds") for samples in seen]
    again = next(i for i in range(1, len(seen)) if elapsed[i] < elapsed[i - 1])
    for run in seen[:again], seen[again:]:
        acked = [total(samples, "cdcbench_acked_rows_total") for samples in run]
        assert acked == sorted(acked) and 0 < acked[-1] <= rows
        assert acked[-1] > rows / 2
        for samples in run:
            assert total(samples, "cdcbench_latency_seconds_count") <= total(
                samples, "cdcbench_acked_rows_total")
            assert total(samples, "cdcbench_seen_events_total") <= rows


def test_a_port_that_is_taken_is_an_error_before_the_server_is_touched(database, out):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = cdc.run("run", *LOAD, "--listen", str(port), dsn=database.dsn, out=out).expect(2)
    assert f"port {port}" in done.stderr and "--listen" in done.stderr
    assert database.rows("SELECT to_regclass('transactions')::text") == [(None,)]
    assert not out.exists()
