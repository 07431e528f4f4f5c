"""The command line against golden files.

Each tests/cli/*.golden is one case: its first line is the command line, the rest what came of it. It
is run in an empty folder, without any setting of libpq's. To add a case, write a file with the first
line alone and run

    build/venv/bin/python -m pytest -c tests/pytest.ini tests/cli --update-golden

and read what it wrote."""

import pathlib
import re
import shlex
import subprocess

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
