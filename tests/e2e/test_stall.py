"""A server that stands still: the latency has all that was due, and the summary says when."""

import cdc
import stall
from server import Database

RATE, SECONDS, STALL_S, CONNECTIONS = 1000, 6, 2, 3


def test_a_server_that_stands_still_makes_late_all_that_was_due(own_server, tmp_path, out, started):
    database = Database(own_server(track_commit_timestamp="on"), "stall")
    path = tmp_path / "stall.yaml"
    path.write_text(stall.SCENARIO.format(seed=stall.SEED, connections=CONNECTIONS, seconds=SECONDS,
                                          rate=RATE), encoding="utf-8")
    running = started(cdc.start("run", str(path), dsn=database.dsn, out=out))
    moments = stall.stall(database, running, 1, STALL_S)
    done = running.end().expect_verified(RATE * SECONDS)

    lines = stall.compare(database, done, RATE, moments)
    for line in lines:
        # Two counts of the same, by two clocks. The bench (bench/stall.py) has a quiet machine and
        # asks for 2 %.
        assert 0.9 < line["ratio"] < 1.1, lines
    # Only what was under way when it stopped took long from its send.
    assert 1 <= stall.count_above(stall.histogram(done, "service.insert"), 1.5) <= CONNECTIONS

    told, = [found for found in done.json["stalls"]["kept"] if found["seconds"] > 1.5]
    assert told["phase"] == "steady"
    began = stall.phase_start(done) - done.json["phases"][0]["start_s"] + told["from_s"]
    assert abs(began - moments[0]) < 0.5
    assert f"STALLED: from second {told['from_s']:.2f} on nothing was acknowledged for " in done.stdout
    database.session.close()
