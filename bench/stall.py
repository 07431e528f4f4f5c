#!/usr/bin/env python3
"""A server stopped for two seconds in the middle of a constant rate.

Its backends that load are sent SIGSTOP, and SIGCONT two seconds later, while one-row inserts are due at
a constant rate. For several x, the transactions with a latency above x by the run's own histogram stand
beside rate * (2 s - x) and the catch-up, which is measured by the server's commit timestamps
(tests/e2e/stall.py). In service time only what was under way shows the stall.

    build/venv/bin/python bench/stall.py --out results/reference/stall

needs build/release/cdcbench and build/venv (scripts/test makes it); starts and removes a server of its
own. Ends with 1 when a count is off by more than --tolerance.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/golden")]

import cdc  # noqa: E402
import stall  # noqa: E402
from measure import machine  # noqa: E402
from server import Database, Server  # noqa: E402


def measure(options, folder):
    server = Server.make()
    try:
        server.start(track_commit_timestamp="on", fsync="on")
        database = Database(server, "stall")
        scenario = pathlib.Path(folder) / "stall.yaml"
        scenario.write_text(stall.SCENARIO.format(
            seed=stall.SEED, connections=options.connections, seconds=options.seconds,
            rate=options.rate), encoding="utf-8")
        running = cdc.start("run", str(scenario), dsn=database.dsn, out=pathlib.Path(folder) / "run",
                            secrets=[server.password])
        moments = stall.stall(database, running, options.seconds / 3, options.stall)
        done = running.end().expect_verified(options.rate * options.seconds)
        lines = stall.compare(database, done, options.rate, moments)
        in_service = stall.count_above(stall.histogram(done, "service.insert"), options.stall / 2)
        database.session.close()
        return done, lines, in_service, moments
    finally:
        server.remove()


def write(options, done, lines, in_service, moments):
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "stall.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, lines[0], lineterminator="\n")
        table.writeheader()
        table.writerows(lines)
    for name in ("summary.csv", "timeline.csv", "verify.csv", "latency.hlog"):
        (out / name).write_bytes((done.folder / name).read_bytes())
    (out / "summary.txt").write_text(done.stdout.replace(str(done.folder), "run"), encoding="utf-8")
    manifest = {
        "command": "bench/stall.py " + " ".join(sys.argv[1:]),
        "commit": subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True,
                                 text=True, check=True).stdout.strip(),
        "machine": machine.facts(),
        "server": done.json["server"]["version"],
        "rate_per_s": options.rate, "connections": options.connections,
        "stopped_s": round(moments[1] - moments[0], 6),
        "stalls_told": done.json["stalls"]["kept"],
        "service_above_half_the_stall": in_service,
        "scenario": stall.SCENARIO.format(seed=stall.SEED, connections=options.connections,
                                          seconds=options.seconds, rate=options.rate),
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=12)
    parser.add_argument("--stall", type=float, default=2)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--tolerance", type=float, default=0.02)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done, lines, in_service, moments = measure(options, folder)
        write(options, done, lines, in_service, moments)
    print(f"{'above':>6} {'measured':>9} {'by rate':>8} {'catch-up':>9} {'expected':>9} {'ratio':>7}")
    for line in lines:
        print(f"{line['above_s']:>4} s {line['measured']:>9} {line['by_rate']:>8} "
              f"{line['catch_up']:>9} {line['expected']:>9} {line['ratio']:>7}")
    print(f"service time above {options.stall / 2} s: {in_service} transactions, of "
          f"{options.connections} connections")
    off = [line for line in lines if abs(line["ratio"] - 1) > options.tolerance]
    sys.exit(1 if off or in_service > options.connections else 0)


if __name__ == "__main__":
    main()
