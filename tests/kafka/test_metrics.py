"""What Prometheus sees of a run on the real stack: connector, topic, both taps."""

import cdc
import watching
from server import free_port

LOAD = ("--rows", "2k", "--insert-rate", "200", "--update-rate", "200", "--burst", "0", "--duration",
        "60s")


def test_connector_topic_and_taps_are_told_while_the_run_goes_on(pipeline, started, out):
    port = free_port()
    running = started(pipeline.start(out, *LOAD, "--listen", str(port)))
    in_mixed = ("cdcbench_phase", ("cdcbench_phase", "mixed"))

    def in_full_swing():
        assert running.is_running(), running.end().output
        samples = watching.begun(port)
        return samples if samples and samples[in_mixed] == 1 and of("seen_events_total", samples,
                                                                    tap="kafka") > 2000 else None

    def of(name, samples, **labels):
        return samples.get((f"cdcbench_{name}", *sorted(labels.items())), 0)

    samples = cdc.await_true(in_full_swing, "the mixed phase is seen on Kafka")
    for what in "connector", "connector_task":
        states = {labels[f"cdcbench_{what}_state"]: value for (name, *pairs), value in samples.items()
                  if name == f"cdcbench_{what}_state" and (labels := dict(pairs))}
        assert states["RUNNING"] == 1 and sum(states.values()) == 1
    where = {"topic": pipeline.topic, "partition": "0"}
    end, position = (of(name, samples, **where) for name in ("topic_end_offset", "topic_position"))
    assert 2000 < position <= end
    assert of("topic_unread_records", samples, **where) == end - position
    for tap, slot in ("wal", "wal"), ("kafka", "debezium"):
        assert 2000 < of("seen_events_total", samples, tap=tap) <= end + 2000
        assert ("cdcbench_behind_events", ("tap", tap)) in samples
        assert of("lag_seconds_bucket", samples, tap=tap, le="+Inf") > 2000
        assert ("cdcbench_slot_retained_bytes", ("slot", slot)) in samples
    for process in "broker", "connect", "server", "walsender", "debezium_walsender":
        assert of("resident_memory_bytes", samples, process=process) > 0, process
    running.signal()
    done = running.end().expect(130)
    assert pipeline.end_offset() >= end
    assert int(done.json["acknowledged"]) >= position
