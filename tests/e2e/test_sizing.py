"""`cdcbench size`: the example of docs/sizing.md, and where each figure comes from."""

import csv
import json
import re
import shlex
import shutil

import pytest

import cdc

REFERENCE = cdc.ROOT / "results/reference/kafka-poll-500"
DOCUMENT = (cdc.ROOT / "docs/sizing.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(REFERENCE, tmp_path / "run")
    return tmp_path / "run"


def size(folder, *options):
    return cdc.run("size", str(folder), *options, out=None)


def rows(folder, **wanted):
    with open(folder / "sizing.csv", newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file)
                if all(row[name] == value for name, value in wanted.items())]


def values(folder, choice="this run"):
    return {row["quantity"]: row for row in rows(folder, choice=choice)}


def test_the_example_worked_by_hand_comes_out(folder):
    command, = re.findall(r"^cdcbench size RUN (.*)$", DOCUMENT, re.M)
    expected = dict(re.findall(r"^\| `(\w+)` \| .* \| (\d+) \|$", DOCUMENT, re.M))
    assert len(expected) == 15
    size(folder, *shlex.split(command)).expect(0)
    found = values(folder)
    assert {name: found[name]["value"] for name in expected} == expected
    assert {row["origin"] for row in rows(folder, choice="this run", kind="input")
            if row["quantity"] != "wal_bytes_per_event"} == {"given"}


def test_each_input_says_where_it_comes_from(folder):
    done = size(folder, "--peak", "3x", "--broker", "disk=4TB").expect(0)
    found = values(folder)
    origins = {name: row["origin"] for name, row in found.items() if row["kind"] == "input"}
    assert origins["bytes_per_event"] == origins["events_per_s"] == origins["drain_per_s"] == "measured"
    assert origins["peak"] == origins["broker_disk_bytes"] == "given"
    assert origins["broker_nic_bytes_per_s"] == origins["retention_s"] == "assumed"
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    tap, = (tap for tap in run["taps"] if tap["tap"] == "kafka")
    measured = tap["kafka"]["wire_bytes"] / tap["verify"]["delivered"]
    assert float(found["bytes_per_event"]["value"]) == pytest.approx(measured, abs=0.001)
    assert "measured: kafka tap" in done.stdout and "given: --peak" in done.stdout


def test_other_choices_are_the_run_s_own_bytes_by_measured_ratios(folder):
    size(folder).expect(0)
    with open(cdc.ROOT / "results/reference/sizing-factors/factors.csv", encoding="utf-8") as file:
        factors = {(row["schemas"], row["compression"], row["replica_identity"]):
                   float(row["wire_bytes_per_event"]) for row in csv.DictReader(file)}
    assert len(factors) == 12
    own = float(values(folder)["bytes_per_event"]["value"])
    for (schemas, compression, identity), bytes_per_event in factors.items():
        label = f"schemas {schemas}, {compression}, replica identity {identity}"
        found = float(values(folder, label)["bytes_per_event"]["value"])
        expected = own * bytes_per_event / factors["on", "none", "full"]
        assert found == pytest.approx(expected, rel=1e-5)


def test_json_and_csv_say_the_same(folder):
    printed = json.loads(size(folder, "--json").expect(0).stdout)
    assert json.loads((folder / "sizing.json").read_text(encoding="utf-8")) == printed
    for in_json, in_csv in zip(printed, rows(folder), strict=True):
        assert in_json["quantity"] == in_csv["quantity"]
        if in_csv["value"]:
            assert in_json["value"] == pytest.approx(float(in_csv["value"]))
        else:
            assert in_json["value"] is None


def test_more_than_is_drained_is_never_caught_up_with(folder):
    done = size(folder, "--events", "20k", "--drain", "10k").expect(0)
    assert "never caught up with" in done.stdout
    assert values(folder)["catch_up_s"]["value"] == ""


@pytest.mark.parametrize("options, complaint", [
    (["--broker", "nik=10Gbit"], "--broker: there is no 'nik'"),
    (["--broker", "disk=many"], '--broker: disk: "many" is not a size'),
    (["--broker", "disk"], "--broker: there is no 'disk': NAME=QUANTITY is read"),
    (["--peak", "0.5"], "--peak: cannot read '0.5': a factor at or above 1"),
    (["--partition", "produce=0"], "it must be above 0"),
    (["--events", "max"], '--events: "max" is not a rate'),
])
def test_what_cannot_be_read_is_named_and_nothing_is_written(folder, options, complaint):
    done = size(folder, *options).expect(1)
    assert complaint in done.stderr
    assert not (folder / "sizing.csv").exists()


def test_a_run_without_kafka_asks_for_the_bytes(tmp_path):
    shutil.copytree(cdc.ROOT / "results/reference/wal-1m", tmp_path / "run")
    assert "--event-bytes" in size(tmp_path / "run").expect(1).stderr
    size(tmp_path / "run", "--event-bytes", "1200").expect(0)
