"""The kafka tap, every event verified in full, beside the same consumer with the same settings that looks at
nothing (bare), and beside the tap that verifies nothing (unverified): over topics that a run has filled, with
schemas (the default of Connect's JsonConverter) and without. Seconds run from the first batch."""

import tempfile

from . import programs
from .stack import FORMS, Stack
from .turns import Turn

MODES = ("bare", "unverified", "tap")


def run(writer, args):
    inserts = args.rows or 300_000
    updates = inserts * 2 // 3
    with Stack() as stack, tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        for form in FORMS:
            stack.fill(programs.CDCBENCH, f"{folder}/{form}", form, inserts, updates)
        for form in FORMS:
            by_mode = {f"{mode}_{form}": lambda mode=mode, form=form:
                       read_topic(stack, mode, form, inserts + updates, inserts) for mode in MODES}
            by_mode[f"bare_{form}"]()  # the topic comes into the page cache
            writer.take_turns(by_mode, args.rounds, [
                (f"tap_{form}", f"bare_{form}", 0.8), (f"unverified_{form}", f"bare_{form}", None),
                (f"tap_{form}", f"unverified_{form}", None)])


def read_topic(stack, mode, form, events, inserts):
    used = programs.Used(programs.BUILD / "kafka_tap", mode, stack.brokers, f"{form}.public.transactions",
                         events, inserts)
    seen, seconds, cpu_s, size, faults = used.output.split()
    if faults != "0":
        raise SystemExit(f"the tap found {faults} faults in {form}")
    return Turn(rows=int(seen), seconds=float(seconds), size_bytes=int(size), client_cpu_s=float(cpu_s),
                client_peak_bytes=used.peak_bytes)
