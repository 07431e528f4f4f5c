"""docs/examples do what they say, on a reference run."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import cdc

EXAMPLES = cdc.ROOT / "docs/examples"
RUN = cdc.ROOT / "results/reference/page"


def call(*words, folder):
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True,
                          timeout=cdc.PATIENCE_S, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr
    return done.stdout


def test_pandas_finds_where_the_lag_is(tmp_path):
    printed = call(sys.executable, EXAMPLES / "where_the_lag_is.py", RUN, folder=tmp_path)
    assert "mixed kafka: debezium_to_produce, 43%" in printed
    assert "mixed wal: commit_to_send, 90%" in printed
    assert "kafka: 21 of 80 measured" in printed


def test_gnuplot_draws_the_lag_over_time(tmp_path):
    assert shutil.which("gnuplot"), "gnuplot is not installed: apt-get install gnuplot-nox"
    call("gnuplot", "-e", f"run='{RUN}'", EXAMPLES / "lag_over_time.gnuplot", folder=tmp_path)
    drawn = (tmp_path / "lag_over_time.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(drawn)
    for name in ("wal p50", "wal p99", "kafka p50", "kafka p99"):
        assert name in drawn
    curves = [path for path in re.findall(r"<path[^>]*\sd='([^']*)'", drawn) if path.count(",") > 40]
    assert len(curves) >= 4, "a curve each, of a minute's seconds"
