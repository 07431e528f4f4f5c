"""`cdcbench compare`: of reference runs, and of repeats made from one with known differences."""

import csv
import json
import re
import shutil

import pytest

import cdc
from browser import browser, console, open_page
from test_report_page import CANVASES

RUNS = cdc.ROOT / "results/reference"


def compare(folder, *words):
    return cdc.run("compare", *map(str, words), "-o", str(folder / "page.html"))


def document(folder):
    text = (folder / "page.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'id="document">(.*)</script>', text).group(1))


def verdicts(folder):
    return {row["metric"]: row for row in document(folder)["comparison"]["rows"]}


def repeat(folder, minute, factor):
    """The reference run, as if made at that minute, with the lags on kafka times a factor."""
    shutil.copytree(RUNS / "kafka-poll-500", folder)
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    manifest["started"] = f"2026-11-22T15:{minute:02}:00.000000Z"
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    with open(folder / "lag.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["tap"] == "kafka":
            for column in ("p50_us", "p99_us"):
                row[column] = str(round(int(row[column]) * factor))
    with open(folder / "lag.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_one_run_a_side_is_compared_by_its_seconds_and_says_so(tmp_path):
    done = compare(tmp_path, f"slow={RUNS}/kafka-poll-500", f"fast={RUNS}/kafka-poll-10").expect(0)
    found = verdicts(tmp_path)
    lag = found["kafka lag p50"]
    assert (lag["verdict"], lag["how"]) == ("real", "seconds")
    assert lag["a"] > 10 * lag["b"] and lag["high"] < 0
    assert lag["sentence"] in done.stdout
    assert lag["sentence"].endswith("is real, as far as so few runs tell.")
    assert found["wal lag p50"]["verdict"] == found["insert rate"]["verdict"] == "noise"
    assert "60 and 60 seconds, in blocks of 8 and 8" in done.stdout
    assert "it may be too narrow" in " ".join(done.stdout.split())
    assert done.stdout.splitlines()[-1] == str(tmp_path / "page.html")


def test_repeats_made_in_turns_are_taken_in_pairs(tmp_path):
    # Every later run is slower, by far more than what the two differ by.
    words = []
    for i in range(4):
        words.append(f"before={repeat(tmp_path / f'a{i}', 2 * i, 1 + i)}")
        words.append(f"after={repeat(tmp_path / f'b{i}', 2 * i + 1, (1 + i) * 0.9)}")
    done = compare(tmp_path, *words).expect(0)
    lag = verdicts(tmp_path)["kafka lag p50"]
    assert (lag["how"], lag["verdict"]) == ("pairs", "real")
    assert lag["high"] < 0 and "4 pairs of repeats" in done.stdout
    assert verdicts(tmp_path)["wal lag p50"]["verdict"] == "noise"


def test_repeats_not_made_in_turns_are_taken_by_side(tmp_path):
    words = [f"before={repeat(tmp_path / f'a{i}', i, 1 + i)}" for i in range(3)]
    words += [f"after={repeat(tmp_path / f'b{i}', 10 + i, (1 + i) * 0.9)}" for i in range(3)]
    compare(tmp_path, *words).expect(0)
    lag = verdicts(tmp_path)["kafka lag p50"]
    assert (lag["how"], lag["verdict"]) == ("repeats", "noise")


def test_a_folder_of_repeats_is_all_of_them(tmp_path):
    for side, factor in (("first", 1), ("second", 2)):
        (tmp_path / side).mkdir()
        for i in range(3):
            repeat(tmp_path / side / f"repeat-{i + 1}", i, factor + i / 100)
    compare(tmp_path, tmp_path / "first", tmp_path / "second").expect(0)
    data = document(tmp_path)
    assert [run["label"] for run in data["runs"]] == ["first"] * 3 + ["second"] * 3
    assert verdicts(tmp_path)["kafka lag p99"]["verdict"] == "real"


def test_three_labels_stand_against_the_first(tmp_path):
    done = compare(tmp_path, f"a={RUNS}/kafka-poll-500", f"b={RUNS}/kafka-poll-10",
                   f"c={RUNS}/kafka-poll-500").expect(0)
    rows = document(tmp_path)["comparison"]["rows"]
    assert {(row["label_a"], row["label_b"]) for row in rows} == {("a", "b"), ("a", "c")}
    assert all(row["verdict"] == "noise" for row in rows if row["label_b"] == "c")
    assert done.stdout.count("95 % interval") == 2


def test_the_page_lays_them_over_one_another(tmp_path):
    compare(tmp_path, f"slow={RUNS}/kafka-poll-500", f"fast={RUNS}/kafka-poll-10").expect(0)
    with browser() as driver:
        open_page(driver, (tmp_path / "page.html").as_uri())
        canvases = driver.execute_script(CANVASES)
        assert len(canvases) >= 8
        for name, coloured in canvases:
            assert coloured > 50, f"nothing is drawn in '{name}'"
        assert "lag on kafka, p99, commit → receipt: slow, fast" in [name for name, _ in canvases]
        assert "−98 %" in driver.find_element("id", "comparison").text
        assert console(driver) == []


@pytest.mark.parametrize("words, complaint", [
    ([], "compare takes the folders of two runs at least"),
    ([f"{RUNS}/kafka-poll-500"], "compare takes runs of two labels at least"),
    ([f"a={RUNS}/kafka-poll-500", "b=nowhere"], "cannot read nowhere/run.json"),
    (["=x", f"{RUNS}/kafka-poll-500"], "a label has 1 to 63 characters"),
    ([f"a={RUNS}/kafka-poll-500", f"b={RUNS}/kafka-poll-10", "--phase", "other"],
     "there is no figure of phase 'other'"),
])
def test_what_cannot_be_compared_is_named(tmp_path, words, complaint):
    done = compare(tmp_path, *words).expect(1)
    assert complaint in done.stderr and done.stdout == ""
    assert not (tmp_path / "page.html").exists()
