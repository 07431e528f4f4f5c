"""*.hlog, read by HdrHistogram's own reader: what is in it is what the CSV files say."""

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

import cdc

HIGHEST_US = 2**40 - 1


def read(path):
    """Tag → histogram of all its intervals, and tag → the intervals' (start, end) in seconds."""
    sums, times = {}, {}
    reader = HistogramLogReader(str(path), HdrHistogram(1, HIGHEST_US, 3))
    while (interval := reader.get_next_interval_histogram()) is not None:
        tag = interval.get_tag()
        sums.setdefault(tag, HdrHistogram(1, HIGHEST_US, 3)).add(interval)
        times.setdefault(tag, []).append((interval.get_start_time_stamp() / 1000,
                                          interval.get_end_time_stamp() / 1000))
    return sums, times


@pytest.fixture(scope="module")
def ended(module_database, tmp_path_factory):
    return cdc.run("run", "--rows", "3k", "-T", "3s", "-R", "1k", "--update-rate", "500", "--burst", "0",
                   dsn=module_database.dsn, out=tmp_path_factory.mktemp("hlog") / "run").expect(0)


def test_operations_are_those_of_summary_csv(ended):
    sums, _ = read(ended.folder / "latency.hlog")
    _, rows = ended.csv("summary.csv")
    for operation in ("insert", "update"):
        transactions = sum(int(row["transactions"]) for row in rows if row["operation"] == operation)
        for kind in ("latency", "service"):
            assert sums[f"{kind}.{operation}"].get_total_count() == transactions
            largest = max(int(row[f"{kind}_max_us"]) for row in rows if row["operation"] == operation)
            histogram = sums[f"{kind}.{operation}"]
            assert histogram.get_lowest_equivalent_value(largest) <= histogram.get_max_value()
            assert histogram.get_max_value() <= histogram.get_highest_equivalent_value(largest)


def test_lags_are_those_of_lag_csv_with_those_below_zero_apart(ended):
    sums, _ = read(ended.folder / "lag.hlog")
    _, rows = ended.csv("lag.csv")
    rows = [row for row in rows if row["phase"] == "all"]
    seen = set()
    for row in rows:
        whole = row["stage"] == "commit_to_receipt"
        if whole == (row["operation"] == "all"):  # the whole by operation, stages all together
            continue
        tag = f"lag.{row['tap']}.{row['stage']}" + (f".{row['operation']}" if whole else "")
        negative = sums.get(f"{tag}.negative")
        below = negative.get_total_count() if negative else 0
        above = sums[tag].get_total_count() if tag in sums else 0
        assert (above + below, below) == (int(row["count"]), int(row["negative_count"])), tag
        if below == 0:
            for percent, column in ((50, "p50_us"), (99, "p99_us"), (99.9, "p999_us")):
                found = sums[tag].get_value_at_percentile(percent)
                # HdrHistogram rounds the rank where ours is the nearest above: a value off at most.
                assert abs(found - int(row[column])) <= neighbours(sums[tag], int(row[column])), tag
        seen |= {tag, f"{tag}.negative"}
    assert set(sums) <= seen


def neighbours(histogram, value):
    """How far the next recorded value lies from this one, to either side."""
    recorded = [item.value_iterated_to for item in histogram.get_recorded_iterator()]
    at = min(range(len(recorded)), key=lambda i: abs(recorded[i] - value))
    around = recorded[max(at - 1, 0):at + 2]
    return max(abs(other - value) for other in around)


def test_an_interval_is_a_second(ended):
    _, times = read(ended.folder / "latency.hlog")
    inserts = times["latency.insert"]
    assert 2 <= len(inserts) <= len(ended.csv("timeline.csv")[1])
    assert all(end > start for start, end in inserts)
    assert all(later[0] >= earlier[1] - 0.002 for earlier, later in zip(inserts, inserts[1:]))
