#!/usr/bin/env python3
"""What each choice costs a change: run --explain-cost with both taps, on a server, Kafka and Connect of
its own. A first one of fewer rows, which is thrown away, is for Connect's compiler.

    build/venv/bin/python bench/explain_cost.py --out results/reference/explain-cost

needs build/release/cdcbench, PostgreSQL and the stack of scripts/stack. Keeps cost.csv, the table as it
was printed, and a manifest with the verdict of each condition's run.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
for folder in ("e2e", "stack", "kafka"):
    sys.path.insert(0, str(ROOT / "tests" / folder))
os.environ.setdefault("CDCBENCH", str(ROOT / "build/release/cdcbench"))

import server as servers  # noqa: E402
from stack import Stack  # noqa: E402

CDCBENCH = "build/release/cdcbench"
# The server as it is installed, but that no checkpoint and no vacuum falls into the ten minutes.
SERVER = {"fsync": "on", "max_wal_senders": 8, "max_replication_slots": 8,
          "checkpoint_timeout": "1h", "max_wal_size": "16GB", "autovacuum": "off"}
OPTIONS = ["--connector", "poll.interval.ms=10"]


def explain(made, environment, out, *more):
    words = ["run", "--explain-cost", "--quiet", "--brokers", environment["CDCBENCH_BROKERS"],
             "--connect-url", environment["CDCBENCH_CONNECT_URL"], *OPTIONS, *more]
    dsn = f"host=127.0.0.1 port={made.port} user=postgres dbname=postgres"
    done = subprocess.run([CDCBENCH, *words, "--dsn", dsn, "--out", str(out)], cwd=ROOT, text=True,
                          env=os.environ | {"PGPASSWORD": made.password}, capture_output=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return words, done.stdout


def manifest(scratch, words):
    told = {path.parent.name: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(scratch.glob("*/run.json"))}
    any_of_them = next(iter(told.values()))
    return {"command": " ".join(["bench/explain_cost.py", *sys.argv[1:]]),
            "runs": " ".join(["cdcbench", *words]),
            "cdcbench": any_of_them["version"],
            "server": any_of_them["server"]["version"], "server_settings": SERVER,
            "kafka": any_of_them["pipeline"]["kafka_version"],
            "debezium": any_of_them["pipeline"]["debezium_version"], "cores": os.cpu_count(),
            "conditions": {name: {"verdict": run["verdict"], "acknowledged": run["acknowledged"]}
                           for name, run in told.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--rows", default="50k")
    args = parser.parse_args()
    made, stack = servers.Server.make(), Stack()
    try:
        made.start(**SERVER)
        stack.good("up", "--local")
        with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
            scratch = pathlib.Path(folder)
            explain(made, stack.env(), scratch / "first", "--rows", "20k")
            words, table = explain(made, stack.env(), scratch / "kept", "--rows", args.rows)
            args.out.mkdir(parents=True, exist_ok=True)
            shutil.copy(scratch / "kept/cost.csv", args.out)
            (args.out / "table.txt").write_text(table[:table.rindex("\n\n") + 1], encoding="utf-8")
            (args.out / "manifest.json").write_text(
                json.dumps(manifest(scratch / "kept", words), indent=2) + "\n", encoding="utf-8")
        print(table, flush=True)
    finally:
        stack.run("down")
        made.remove()


if __name__ == "__main__":
    main()
