"""Each ready-made scenario, its times and sizes shortened, runs to its end complete on both taps."""

import re
import subprocess

import pytest

import cdc

# What makes a scenario short. Its phases, streams and what they are about stay.
SHORT = {
    "quick": ["--rows", "1k", "-T", "1s"],
    "steady": ["--set", "phases.load.insert.rows=1k", "--set", "phases.warm-up.duration=500ms",
               "--set", "phases.steady.duration=1s"],
    "nightly-batch": ["--set", "phases.load.insert.rows=1k", "--set", "phases.evening.duration=500ms",
                      "--set", "phases.batch.insert.rows=2k", "--set",
                      "phases.batch.insert.rows_per_txn=1k", "--set", "phases.rewrite.update.rows=400",
                      "--set", "phases.rewrite.update.rows_per_txn=200", "--set",
                      "phases.morning.duration=500ms"],
    "flash-sale": ["--set", "phases.load.insert.rows=1k", "--set", "phases.before.duration=500ms",
                   "--set", "phases.sale.duration=1s", "--set", "phases.sale.insert.rate=100",
                   "--set", "phases.sale.update.rate=50", "--set", "phases.after.duration=500ms"],
    "giant-transaction": ["--set", "phases.load.insert.rows=1k", "--set",
                          "phases.giant.update.rows=1k", "--set",
                          "phases.giant.update.rows_per_txn=1k", "--set", "phases.giant.duration=1s"],
    "hot-row": ["--set", "phases.load.insert.rows=1k", "--set", "phases.hot.duration=1s"],
    "trickle": ["--set", "phases.load.insert.rows=200", "--set", "phases.trickle.duration=1s"],
    "delete-heavy": ["--set", "phases.load.insert.rows=2k", "--set", "phases.churn.duration=1s"],
    "soak": ["--set", "phases.load.insert.rows=1k", "--set", "phases.soak.duration=1s", "--set",
             "phases.soak.insert.shape.sine.period=500ms", "--set",
             "phases.soak.update.burst={rows: 200, every: 500ms}"],
    "explain-cost": ["--rows", "1k", "--set", "phases.warm-up.insert.rows=1k", "--set",
                     "phases.warm-up-changes.update.rows=1k"],
}


def built_in():
    listed = subprocess.run([cdc.PROGRAM, "run", "--list-scenarios"], capture_output=True, text=True,
                            check=True).stdout
    return re.findall(r"^([^:]+):", listed, re.MULTILINE)


def test_each_of_them_is_run_below():
    assert built_in() == list(SHORT)


@pytest.mark.parametrize("name", SHORT)
def test_a_ready_made_scenario_runs_to_its_end_on_both_taps(name, pipeline, out):
    done = pipeline.run(out, name, *SHORT[name])
    done.expect(0)
    assert done.json["verdict"] == "verified"
    _, taps = done.csv("verify.csv")
    assert [tap["tap"] for tap in taps] == ["wal", "kafka"]
    for tap in taps:
        assert int(tap["expected"]) == int(tap["delivered"]) > 0
