#!/usr/bin/env python3
"""The reference runs with Kafka and Debezium, and the tap's own speed.

1. Steady: 2,000 rows/s and 1,000 updates/s for 60 s, with poll.interval.ms 500 (Debezium's default)
   and with 10: what changes shows in lag.csv, by stage.
2. Drain: 500,000 events (300,000 inserts, 200,000 updates) loaded as fast as it goes, then waited for,
   with schemas (the default of Connect's JsonConverter) and without.
3. The tap's speed over those two topics, every event verified in full, beside the same consumer with
   the same settings that looks at nothing, and beside the tap that verifies nothing; in turns, so that a
   slow minute hits all.

    bench/kafka_reference.py --out results/reference

needs build/bench/cdcbench and build/bench/kafka_tap (preset bench); brings the stack of scripts/stack
up and takes it down again.
"""
import argparse
import csv
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# From the root, so that no manifest holds this machine's paths.
CDCBENCH, KAFKA_TAP, STACK = "build/bench/cdcbench", "build/bench/kafka_tap", "scripts/stack"

INSERTS, UPDATES = 300_000, 200_000
NO_SCHEMAS = ["--connector", "key.converter=org.apache.kafka.connect.json.JsonConverter",
              "--connector", "key.converter.schemas.enable=false",
              "--connector", "value.converter=org.apache.kafka.connect.json.JsonConverter",
              "--connector", "value.converter.schemas.enable=false"]
FORMS = {"schema": [], "noschema": NO_SCHEMAS}


def command(words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\nexit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def stack_environment():
    return dict(re.findall(r"^(\w+)=(.*)$", command([STACK, "env"]), re.M))


def run(out, stack, *options):
    """A run on both taps; its folder must not be there yet."""
    print(command([CDCBENCH, "run", "-b", stack["CDCBENCH_BROKERS"], "--connect-url",
                   stack["CDCBENCH_CONNECT_URL"], "--quiet", "--out", out, *options]), flush=True)


def steady(out, stack):
    for poll_ms in (500, 10):
        run(out / f"kafka-poll-{poll_ms}", stack, "--name", f"kafka-poll-{poll_ms}",
            "--rows", "10k", "-T", "60s", "-R", "2k", "--update-rate", "1k", "--burst", "0",
            "--connector", f"poll.interval.ms={poll_ms}")


def drain(out, stack):
    for form, options in FORMS.items():
        run(out / f"kafka-drain-{form}", stack, "--name", f"kafka-drain-{form}",
            "--rows", INSERTS, "--insert-rate", "off", "--update-rate", "max", "--updates", UPDATES,
            "--update-rows-per-txn", "100", "--drain-timeout", "10m",
            "--connector", f"topic.prefix={form}", *options)


def read_topic(mode, stack, form):
    shown = command([KAFKA_TAP, mode, stack["CDCBENCH_BROKERS"], f"{form}.public.transactions",
                     INSERTS + UPDATES, INSERTS])
    events, seconds, cpu_s, size, faults = shown.split()
    if faults != "0":
        sys.exit(f"the tap found {faults} faults in {form}")
    return {"events_per_s": int(events) / float(seconds), "cpu_us_per_event": float(cpu_s) * 1e6 / int(events),
            "bytes_per_event": int(size) / int(events)}


MODES = ("bare", "unverified", "tap")


def tap_speed(out, stack, repeats):
    out.mkdir(parents=True, exist_ok=True)
    columns = ["form", "mode", "repeat", "events_per_s", "cpu_us_per_event", "bytes_per_event", "ratio",
               "ratio_min", "ratio_max"]
    with open(out / "kafka_tap.csv", "w", newline="", encoding="ascii") as file:
        rows = csv.DictWriter(file, columns, lineterminator="\n")
        rows.writeheader()
        for form in FORMS:
            seen = {mode: [] for mode in MODES}
            read_topic("bare", stack, form)  # the topic comes into the page cache
            for repeat in range(repeats):
                for mode in MODES[repeat % len(MODES):] + MODES[:repeat % len(MODES)]:
                    seen[mode].append(read_topic(mode, stack, form))
                    rows.writerow({"form": form, "mode": mode, "repeat": repeat,
                                   **{k: round(v, 3) for k, v in seen[mode][-1].items()}})
            for mode, figures in seen.items():
                ratios = sorted(own["events_per_s"] / bare["events_per_s"]
                                for own, bare in zip(figures, seen["bare"]))
                row = {"form": form, "mode": mode, "repeat": "median",
                       **{k: round(statistics.median(f[k] for f in figures), 3) for k in figures[0]},
                       "ratio": round(statistics.median(ratios), 3), "ratio_min": round(ratios[0], 3),
                       "ratio_max": round(ratios[-1], 3)}
                rows.writerow(row)
                print(row, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--only", choices=["steady", "drain"], help="drain includes the tap's speed")
    args = parser.parse_args()
    os.chdir(ROOT)
    command([STACK, "up"])
    try:
        stack = stack_environment()
        if args.only != "drain":
            steady(args.out, stack)
        if args.only != "steady":
            drain(args.out, stack)
            tap_speed(args.out / "kafka-tap", stack, args.repeats)
            (args.out / "kafka-tap" / "manifest.json").write_text(json.dumps({
                "command": " ".join(["bench/kafka_reference.py", *sys.argv[1:]]),
                "cdcbench": command([CDCBENCH, "--version"]).strip(), "cores": os.cpu_count(),
                "events": INSERTS + UPDATES, "seed": 42}, indent=2) + "\n")
    finally:
        command([STACK, "down"])


if __name__ == "__main__":
    main()
