"""The command line against golden files.

Each tests/cli/*.golden is one case: its first line is the command line, the rest what came of it. It
is run in an empty folder, without any setting of libpq's. To add a case, write a file with the first
line alone and run

    build/venv/bin/python -m pytest -c tests/pytest.ini tests/cli --update-golden

and read what it wrote."""

import pathlib
import re
import shlex
import shutil
import subprocess
from unittest import mock

import pytest

import cdc

CASES = sorted(pathlib.Path(__file__).parent.glob("*.golden"))


def outcome(command, folder):
    words = shlex.split(command)
    assert words[0] == "cdcbench"
    environment = cdc.environment({"CDCBENCH_CLUSTERS": "/nonexistent"})
    done = subprocess.run([cdc.PROGRAM, *words[1:]], cwd=folder, env=environment, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    text = f"$ {command}\nexit code {done.returncode}\n"
    for name, stream in (("stdout", done.stdout), ("stderr", done.stderr)):
        if stream:
            text += f"--- {name}\n{stream}"
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    if left:
        text += "--- left behind\n" + "\n".join(left) + "\n"
    # Of the version only that there is one.
    return re.sub(r"(?<![\d.])\d+\.\d+\.\d+(?![\d.])", "VERSION", text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_command_line_answers_as_its_golden_file_says(case, tmp_path, request):
    expected = case.read_text(encoding="utf-8")
    command = expected.splitlines()[0].removeprefix("$ ")
    found = outcome(command, tmp_path)
    if request.config.getoption("--update-golden"):
        case.write_text(found, encoding="utf-8")
    else:
        assert found == expected


SAYINGS = ["--version", "--help", "manual", "keys", "columns", "run --help", "run --version",
           "run --list-scenarios", "run --dry-run", "run --explain-cost --dry-run --set seed=7",
           "produce --list-scenarios", "gen --rows 3"]
READINGS = ["report {run}", "size {run}", "size {run} --json", "compare a={run} b={run} -o {page}"]


def outcome_on(stdout, command, run, folder):
    """Its exit code and what it says on stderr, with this for stdout; None: a closed descriptor."""
    words = shlex.split(command.format(run=run, page=folder / "page.html"))
    shell = ["sh", "-c", 'exec "$0" "$@" >&-'] if stdout is None else []
    done = subprocess.run([*shell, cdc.PROGRAM, *words], cwd=folder, env=cdc.environment(), text=True,
                          stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                          timeout=30, check=False)
    return done.returncode, done.stderr


@pytest.fixture
def copied_run(tmp_path):
    shutil.copytree(cdc.ROOT / "results/reference/page", tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize("command", SAYINGS + READINGS)
def test_an_answer_that_could_not_be_written_is_an_error(command, copied_run, tmp_path):
    assert outcome_on(subprocess.DEVNULL, command, copied_run, tmp_path) == (0, mock.ANY)
    with open("/dev/full", "wb") as full:
        code, said = outcome_on(full, command, copied_run, tmp_path)
    assert code == 2 and said.count("could not write to stdout: No space left on device") == 1, said
    code, said = outcome_on(None, command, copied_run, tmp_path)
    assert code == 2 and said.count("could not write to stdout: Bad file descriptor") == 1, said


def test_a_usage_error_stays_one_where_nothing_was_to_be_written(tmp_path):
    with open("/dev/full", "wb") as full:
        code, said = outcome_on(full, "run --rows 1.5", None, tmp_path)
    assert code == 1 and "stdout" not in said


def buffers_of(scenario, folder, *options):
    """What --dry-run says of the buffers' memory, in bytes."""
    path = folder / "scenario.yaml"
    path.write_text(scenario)
    done = subprocess.run([cdc.PROGRAM, "run", str(path), "--dry-run", "--threads", "2", *options],
                          capture_output=True, text=True, check=True, timeout=30)
    number, unit = re.search(r"^# +(\S+) (\S+) +buffers:", done.stdout, re.MULTILINE).groups()
    return float(number) * {"kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


WIDE = """tables: [{name: long, columns: [{name: id, generator: key}, {name: amount, generator: amount},
  %s]}]
phases: [{name: load, insert: {rows: 10}}]
"""


def test_the_memory_of_rows_that_are_wide_is_told(tmp_path):
    column = "{name: c%d, generator: random_text, length: 65536..65536}"
    wide = WIDE % ", ".join(column % i for i in range(20))
    assert buffers_of(wide, tmp_path) >= 2 * 20 * 65536


def test_the_memory_of_transactions_that_are_large_is_told(tmp_path):
    load = "phases: [{name: load, insert: {rows: 100k}}%s]\n"
    update = ", {name: all, update: {rows: 100k, rows_per_txn: %s}}"
    small = buffers_of(load % update % "10", tmp_path)
    large = buffers_of(load % update % "100k", tmp_path)
    assert large - small >= 100_000 * 10  # of each row its number and its state
    assert buffers_of(load % update % "25k", tmp_path) - small >= 100_000 * 10


def test_the_documented_columns_are_those_that_are_written():
    printed = subprocess.run([cdc.PROGRAM, "columns"], capture_output=True, text=True,
                             check=True).stdout
    documented = (cdc.ROOT / "docs/results.md").read_text()
    assert documented.endswith(printed)


def test_the_documented_keys_are_those_that_are_read():
    printed = subprocess.run([cdc.PROGRAM, "keys"], capture_output=True, text=True,
                             check=True).stdout
    assert (cdc.ROOT / "docs/scenarios.md").read_text().endswith(printed)


def documented_scenarios():
    """Every YAML in the documents that has phases, and the files of scenarios/."""
    for path in sorted(cdc.ROOT.glob("docs/**/*.md")) + [cdc.ROOT / "README.md"]:
        blocks = re.findall(r"^```yaml\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)
        yield from ((f"{path.name}-{i}", text) for i, text in enumerate(blocks, 1))
    yield from ((path.name, path.read_text()) for path in sorted(cdc.ROOT.glob("scenarios/*.yaml")))


@pytest.mark.parametrize("text", [pytest.param(text, id=name)
                                  for name, text in documented_scenarios()])
def test_every_scenario_in_the_documents_resolves(text, tmp_path):
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    (tmp_path / "day.csv").write_text("second,rate\n0,100\n60,0\n")
    done = subprocess.run([cdc.PROGRAM, "run", str(path), "--dry-run", "--brokers", "localhost:1"],
                          capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
