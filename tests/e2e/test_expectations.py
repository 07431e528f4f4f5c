"""What is expected of a run: met or not, with what was measured, and as the exit code."""

import subprocess

import cdc

SMALL = ("--rows", "1k", "--duration", "1s")
UNMET = 4


def test_an_expectation_that_is_not_met_is_the_exit_code(database, out):
    done = cdc.run("run", *SMALL, "--expect", "missing == 0", "--expect", "mixed.latency_max < 1us",
                   dsn=database.dsn, secrets=[database.server.password], out=out).expect(UNMET)
    assert "MET      missing == 0: 0" in done.stdout
    assert "NOT MET  mixed.latency_max < 1us: " in done.stdout
    missing, latency = done.json["expectations"]
    assert (missing["met"], missing["measured"]) == (True, 0)
    assert latency["met"] is False and latency["measured"] > 1
    assert done.json["exit_code"] == UNMET
    assert done.json["verdict"] == "verified"


def test_the_scenario_in_run_json_is_one_that_can_be_run(database, out, tmp_path):
    done = cdc.run("run", *SMALL, "--set", "phases.mixed.update.keys.zipf=0.9", "--expect",
                   "missing == 0", dsn=database.dsn, secrets=[database.server.password],
                   out=out).expect(0)
    again = tmp_path / "again.yaml"
    again.write_text(done.json["scenario_yaml"])
    printed = subprocess.run([cdc.PROGRAM, "run", str(again), "--dry-run"], capture_output=True,
                             text=True, check=True).stdout
    assert printed.startswith(done.json["scenario_yaml"])
