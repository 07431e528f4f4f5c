"""A run watched over HTTP (--listen)."""

import urllib.request

from prometheus_client.openmetrics import parser


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def scrape(port):
    """The samples at /metrics by name and labels, read by Prometheus's own parser of OpenMetrics."""
    kind, text = get(port, "/metrics")
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    families = parser.text_string_to_metric_families(text)
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for family in families for sample in family.samples}


def total(samples, name):
    return sum(value for (sample, *_), value in samples.items() if sample == name)


def begun(port):
    try:
        samples = scrape(port)
    except OSError:
        return None
    return samples if total(samples, "cdcbench_seen_events_total") > 0 else None
