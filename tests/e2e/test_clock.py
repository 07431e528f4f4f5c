"""Lag between two clocks: a server whose clock is wrong, one whose clock is set in mid-run, and a tap
at the end of a long link. What is held against what: nothing here depends on how fast the machine is."""

import time

import pytest

import cdc
from proxy import DelayProxy
from server import Database

SMALL = ("--rows", "2k", "--inserts", "1k", "--insert-rate", "2k", "--updates", "1k", "--update-rate",
         "2k", "--burst", "0")
EVENTS = 2000 + 1000 + 1000
DELAY_MS = 50


def whole(done):
    """lag.csv's lines over every phase and operation, of events: {stage: line}."""
    _, rows = done.csv("lag.csv")
    return {row["stage"]: {name: int(value) for name, value in row.items()
                           if name.endswith("_us") and name != "mean_us"}
            for row in rows if row["phase"] == row["operation"] == "all"
            and row.get("scope", "event") == "event"}


def expect_a_lag_that_can_be(done):
    """No event is received before it was sent, and none was committed before it was due: both hold
    by one clock for every event, and so for every percentile over two clocks that are known."""
    lag, uncertainty = whole(done), done.json["clock"]["uncertainty_max_us"]
    assert lag["send_to_receipt"]["min_us"] >= -uncertainty
    for figure, value in lag["commit_to_receipt"].items():
        # a percentile is the upper edge of its slot: 3 significant digits
        assert value <= lag["intended_to_receipt"][figure] * 1.001 + uncertainty + 1, figure
    assert lag["commit_to_send"]["min_us"] >= 0


@pytest.mark.parametrize("wrong_s", [3, -3])
def test_a_server_whose_clock_is_wrong_by_seconds_has_the_lag_it_has(own_server, out, wrong_s):
    server = own_server(clock=f"{wrong_s:+d}s")
    done = cdc.run("run", *SMALL, dsn=Database(server, "wrong").dsn, out=out,
                   secrets=[server.password]).expect_verified(EVENTS)
    clock = done.json["clock"]
    assert abs(clock["offset_us"] - wrong_s * 1_000_000) <= clock["uncertainty_us"] + 1
    assert clock["uncertainty_us"] <= clock["uncertainty_max_us"] < 100_000
    assert clock["breaks"] == 0 and "WARNING" not in done.stdout
    expect_a_lag_that_can_be(done)


def test_a_clock_that_is_set_in_mid_run_is_followed_and_told(own_server, out, started):
    server = own_server(clock="+1s")
    database = Database(server, "set")
    running = started(cdc.start("run", "--rows", "1k", "--duration", "60s", "--insert-rate", "500",
                                "--update-rate", "off", dsn=database.dsn, out=out,
                                secrets=[server.password]))
    cdc.await_true(lambda: not running.is_running() or database.count_rows() > 1500, "it runs")
    cdc.await_true(lambda: len((out / "timeline.csv").read_text().splitlines()) > 1, "a second")
    server.set_clock("+9s")
    time.sleep(1)
    running.signal()
    done = running.end().expect(130)
    clock = done.json["clock"]
    assert clock["breaks"] == 1
    assert abs(clock["offset_us"] - 9_000_000) <= clock["uncertainty_us"] + 1
    assert "WARNING: the server's clock or this host's was set" in done.stdout, done.output
    _, seconds = done.csv("timeline.csv")
    offsets = [int(second["clock_offset_us"]) for second in seconds]
    assert offsets[0] < 2_000_000 and offsets[-1] > 8_000_000


def test_a_long_link_to_the_tap_is_in_the_lag_and_not_in_the_clock(server, database, out):
    with DelayProxy(("127.0.0.1", server.port), DELAY_MS) as proxy:
        tap_dsn = server.dsn(database.name).replace(f"port={server.port}", f"port={proxy.port}")
        done = cdc.run("run", *SMALL, "--tap-dsn", tap_dsn, dsn=database.dsn, out=out,
                       secrets=[server.password]).expect_verified(EVENTS)
    lag, clock = whole(done), done.json["clock"]
    assert lag["send_to_receipt"]["min_us"] >= DELAY_MS * 1000 - clock["uncertainty_max_us"]
    assert abs(clock["offset_us"]) <= clock["uncertainty_us"] + 1
    assert clock["uncertainty_us"] < DELAY_MS * 1000 / 2
    expect_a_lag_that_can_be(done)


def test_a_long_link_to_everything_is_in_the_uncertainty_and_nowhere_else(server, database, out):
    """The same delay there and back moves no midpoint; it does widen what is known of it."""
    with DelayProxy(("127.0.0.1", server.port), DELAY_MS) as proxy:
        done = cdc.run("run", *SMALL, dsn=database.dsn.replace(f"port={server.port}",
                                                               f"port={proxy.port}"),
                       out=out, secrets=[server.password]).expect_verified(EVENTS)
    clock = done.json["clock"]
    assert clock["uncertainty_us"] >= DELAY_MS * 1000
    assert abs(clock["offset_us"]) <= clock["uncertainty_us"]
    lag = whole(done)
    assert lag["send_to_receipt"]["min_us"] >= DELAY_MS * 1000 - clock["uncertainty_max_us"]


def test_a_tap_dsn_that_leads_elsewhere_is_refused_before_anything_is_touched(server, database, out):
    other = Database(server, "elsewhere")
    before = database.catalog()
    done = cdc.run("run", *SMALL, "--tap-dsn", other.dsn, dsn=database.dsn, out=out,
                   secrets=[server.password]).expect(1)
    assert "--tap-dsn" in done.stderr and "elsewhere" in done.stderr
    assert database.catalog() == before
    other.drop()
