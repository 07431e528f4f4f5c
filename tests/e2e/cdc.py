"""Running cdcbench, and reading what it wrote.

The program is build/release/cdcbench, or the one that CDCBENCH names. Every run is watched for what no run may do: print or write a
password, or be found at fault by a sanitizer."""

import csv
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.path.abspath(os.environ.get("CDCBENCH", ROOT / "build/release/cdcbench"))

# For what must happen; only a failing test waits so long. Sanitizers make everything slower.
PATIENCE_S = 120

# Words that only a sanitizer prints.
SANITIZERS = ("Sanitizer", "runtime error:")

VERIFY_FAULTS = ("missing,duplicated,out_of_order,mismatched,rolled_back,unknown,before_run,"
                 "untriggered").split(",")
END_COLUMNS = ["end_agrees", "end_differs", "end_missing", "end_unseen"]
VERIFY_COLUMNS = ["tap", "expected", "delivered", *VERIFY_FAULTS, *END_COLUMNS]
PERCENTILES = ("p50", "p90", "p95", "p99", "p999")
SUMMARY_COLUMNS = (
    "phase,operation,transactions,rows,errors,retries,rolled_back,seconds,rows_per_s,mb_per_s".split(",")
    + [f"{kind}_{figure}_us" for kind in ("latency", "service")
       for figure in ("mean", *PERCENTILES, "max")])
LAG_COLUMNS = (["phase", "tap", "operation", "stage", "count", "negative_count", "min_us", "mean_us"]
               + [f"{figure}_us" for figure in PERCENTILES] + ["max_us"])
LAG_TRANSACTIONS_COLUMNS = [*LAG_COLUMNS[:3], "event", *LAG_COLUMNS[3:]]
# Those of each tap that make up the whole, in order.
WAYS = {"wal": ("commit_to_send", "send_to_receipt"),
        "kafka": ("commit_to_debezium", "debezium_to_produce", "produce_to_receipt")}


def expect_stages_to_sum_to_the_whole(lines, tap):
    """Of lines by stage: every event is in every stage, and the sums are equal. Means are rounded to a
    tenth of a µs."""
    whole = lines["commit_to_receipt"]
    assert {lines[stage]["count"] for stage in WAYS[tap]} == {whole["count"]}
    parts = sum(float(lines[stage]["mean_us"]) for stage in WAYS[tap])
    assert abs(parts - float(whole["mean_us"])) <= 0.05 * (len(WAYS[tap]) + 1) + 1e-6


def await_true(condition, what, patience_s=PATIENCE_S):
    """What condition() returns, as soon as that is true."""
    deadline = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"still not so after {patience_s} s: {what}"
        time.sleep(0.02)


def environment(extra=None):
    """Ours without libpq's settings: a test names its server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | (extra or {})


def secret_forms(secrets):
    """The secrets as they could be printed: as they are, and as they stand in a URI."""
    for secret in secrets:
        yield secret
        yield urllib.parse.quote(secret, safe="")


class Ended:
    """A command that has ended: its exit code, its output, and the folder of its results."""

    def __init__(self, code, stdout, stderr, folder, secrets):
        self.code, self.stdout, self.stderr = code, stdout, stderr
        self.folder = folder
        self.output = f"exit code {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        for words in SANITIZERS:
            assert words not in stderr, self.output
        for secret in secret_forms(secrets):
            assert secret not in stdout + stderr, "a password was printed"
            for file in self.files():
                assert secret.encode() not in file.read_bytes(), f"a password stands in {file}"

    def files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def expect(self, code):
        assert self.code == code, self.output
        return self

    @property
    def json(self):
        return json.loads((self.folder / "run.json").read_text(encoding="utf-8"))

    def csv(self, name):
        with open(self.folder / name, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert all(len(row) == len(rows[0]) for row in rows), f"{name} is ragged"
        return rows[0], [dict(zip(rows[0], row)) for row in rows[1:]]

    def expect_verified(self, changes):
        """Exit code 0, and every file says that all these changes came once and right."""
        self.expect(0)
        assert self.stdout.startswith("VERIFIED"), self.output
        columns, rows = self.csv("verify.csv")
        assert columns == VERIFY_COLUMNS
        zeros = {column: "0" for column in VERIFY_FAULTS} | {column: "" for column in END_COLUMNS}
        assert rows == [{"tap": "wal", "expected": str(changes), "delivered": str(changes)} | zeros]
        assert self.json["verdict"] == "verified"
        assert self.json["acknowledged"] == changes
        return self


class Running:
    """A command under way."""

    def __init__(self, words, folder, secrets=(), extra_environment=None, popen=None):
        self.folder = pathlib.Path(folder)
        self.secrets = list(secrets)
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen([PROGRAM, *words], text=True,
                                        env=environment(extra_environment), **how | (popen or {}))

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number=signal.SIGINT):
        self.process.send_signal(number)

    def kill(self):
        if self.is_running():
            self.process.kill()
        self.process.communicate()

    def end(self, patience_s=PATIENCE_S):
        try:
            stdout, stderr = self.process.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
            raise AssertionError(f"still running after {patience_s} s\n{stdout}\n{stderr}") from None
        return Ended(self.process.returncode, stdout or "", stderr, self.folder, self.secrets)


def start(command, *options, dsn=None, out=None, **more):
    """Starts `cdcbench COMMAND OPTION…` without waiting for its end."""
    assert out is not None or command != "run", "a run of a test says where its results go"
    words = [command, *options]
    if dsn is not None:
        words += ["--dsn", dsn]
    if out is not None:
        words += ["--out", str(out)]
    return Running(words, out or "/nonexistent", **more)


def run(command, *options, patience_s=PATIENCE_S, **more):
    return start(command, *options, **more).end(patience_s)
