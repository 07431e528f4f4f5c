"""A server that stands still in the middle of a constant rate: one-row inserts, its backends stopped
(SIGSTOP) for a while, and how many transactions that made late, counted twice: by the program's
histogram, and from the server's own commit timestamps against the schedule.

Row n is due n / rate after its phase's start, whatever the server does. A stall from s to e makes every
transaction due in it wait at least until e: those due before e - x are later than x, rate * (e - s - x)
of them. What was due from e - x on and is later than x all the same waited for the backlog to be worked
off: the catch-up, measured by the server's timestamps."""

import contextlib
import datetime
import os
import signal
import time

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

import cdc
from rows_reference import Space

SEED = 42
SCENARIO = """
name: stall
seed: {seed}
connections: {connections}
phases:
  - name: steady
    duration: {seconds}s
    insert: {{rate: {rate}, rows_per_txn: 1}}
  - name: drain
    until: caught-up
    at_most: 60s
"""
THRESHOLDS_S = (0.2, 0.5, 1.0, 1.5, 1.8)


@contextlib.contextmanager
def stopped(pids):
    """Processes of the server that sleep; yields the list that takes both moments (Unix time)."""
    moments = []
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    moments.append(time.time())
    try:
        yield moments
    finally:
        moments.append(time.time())
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def stall(database, running, before_s, stall_s):
    """Waits until it is under way, then stops what loads. The two moments."""
    cdc.await_true(lambda: not running.is_running() or database.count_rows() > 100, "it inserts")
    time.sleep(before_s)
    with stopped(database.backends()) as moments:
        time.sleep(stall_s)
    return moments


def histogram(done, tag):
    total = HdrHistogram(1, 2**40 - 1, 3)
    reader = HistogramLogReader(str(done.folder / "latency.hlog"), HdrHistogram(1, 2**40 - 1, 3))
    while True:
        interval = reader.get_next_interval_histogram()
        if interval is None:
            return total
        if interval.get_tag() == tag:
            total.add(interval)


def count_above(hist, seconds):
    return sum(item.count_at_value_iterated_to for item in hist.get_recorded_iterator()
               if item.value_iterated_to > seconds * 1e6)


def phase_start(done):
    """Of the first phase, Unix time."""
    started = datetime.datetime.fromisoformat(done.json["started"].replace("Z", "+00:00"))
    return started.timestamp() + done.json["phases"][0]["start_s"]


def lateness(database, done, rate):
    """(when it was due, how late the server committed it), Unix time and seconds, row by row."""
    start = phase_start(done)
    space = Space(SEED, "uuid4")
    committed = dict(database.rows(
        "SELECT transaction_id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 "
        "FROM transactions"))
    due = ((number, start + number / rate) for number in range(len(committed)))
    return [(at, committed[space.key(number)] - at) for number, at in due]


def compare(database, done, rate, moments):
    """A line for each threshold x: how many were later than x by the histogram, and how many should
    be: rate * (length - x), and the catch-up by the server's clock."""
    begin, end = moments
    latency = histogram(done, "latency.insert")
    late = lateness(database, done, rate)
    lines = []
    for x in THRESHOLDS_S:
        by_rate = rate * (end - begin - x)
        catch_up = sum(1 for due, seconds in late
                       if seconds > x and not begin <= due < end - x)
        measured = count_above(latency, x)
        lines.append({"above_s": x, "measured": measured, "by_rate": round(by_rate),
                      "catch_up": catch_up, "expected": round(by_rate + catch_up),
                      "ratio": round(measured / (by_rate + catch_up), 4)})
    return lines
