"""The Grafana dashboard and Prometheus's configuration, against what /metrics says."""

import json
import re

from prometheus_client.openmetrics import parser

from stack import ROOT

DASHBOARD = ROOT / "docker/grafana/dashboards/cdcbench.json"
# What src/report/serve/metrics.c writes: a unit test holds it equal.
METRICS = ROOT / "tests/golden/report/metrics.txt"


def exported():
    """{sample: its labels}, of every sample and, where a family has none there, of the family."""
    found = {}
    for family in parser.text_string_to_metric_families(METRICS.read_text(encoding="utf-8")):
        found.setdefault(family.name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def panels():
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]


def queries():
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"]


def names(expression):
    return re.findall(r"\bcdcbench_\w+", re.sub(r'"[^"]*"', "", expression))


def test_every_query_names_what_is_exported():
    known = exported()
    for title, expression, _ in queries():
        assert names(expression), title
        for name in names(expression):
            assert name in known or name.removesuffix("_total") in known, (title, name)


def test_legends_use_labels_that_the_metrics_have():
    known = exported()
    for title, expression, legend in queries():
        labels = set().union(*(known.get(name, set()) for name in names(expression)))
        for label in re.findall(r"{{(\w+)}}", legend):
            # A family without a sample in the golden text does not show its labels.
            assert label in labels or not labels, (title, label)


def test_every_count_is_shown_as_a_rate():
    for title, expression, _ in queries():
        for name in names(expression):
            if name.endswith(("_total", "_bucket")):
                assert re.search(rf"rate\({name}\b", expression), (title, name)


def test_panels_do_not_overlap():
    cells = set()
    for panel in panels():
        at = panel["gridPos"]
        mine = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                for y in range(at["y"], at["y"] + at["h"])}
        assert not mine & cells and max(x for x, _ in mine) < 24, panel["title"]
        cells |= mine


def test_prometheus_looks_where_the_documentation_says():
    text = (ROOT / "docker/prometheus.yaml").read_text(encoding="utf-8")
    assert re.findall(r'targets: \["(\S+)"\]', text) == ["127.0.0.1:9464"]
    assert "--listen 9464" in (ROOT / "docs/live.md").read_text(encoding="utf-8")
