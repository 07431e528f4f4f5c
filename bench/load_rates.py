#!/usr/bin/env python3
"""COPY beside psql \\copy, and pipelined updates beside pgbench's pipeline mode.

Every contender does the same work on the same server: the same rows in the same order, or the same
number of single-row updates in transactions of the same size over as many connections, on a table of
the same definition (key, both triggers, REPLICA IDENTITY FULL, publication). They take turns, so that
a slow minute of the machine hits them all; what counts is the ratio within a round. No tap runs.

    bench/load_rates.py --out results/reference/load-rates

needs build/release/cdcbench, psql and pgbench; starts and removes a server of its own.
"""
import argparse
import csv
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CDCBENCH = ROOT / "build/release/cdcbench"
COLUMNS = ("transaction_id, user_id, timestamp, amount, currency, city, country, merchant_name, "
           "payment_method, ip_address, voucher_code, affiliateId")
TWIN = "bench_twin"  # pgbench's table: keys that its arithmetic can make, all else alike
TWIN_KEY = "'00000000-0000-4000-8000-' || "
TWIN_FIRST = 100_000_000_000


def command(words, **kwargs):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, **kwargs)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


def psql(sql):
    return command(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-At", "-c", sql]).strip()


def start_server():
    environment = command([CDCBENCH, "server", "start"])
    for name, value in re.findall(r"^export (\w+)=(.*)$", environment, re.M):
        os.environ[name] = value
    # A vacuum that begins in the middle of one contender's turn would be its bad luck.
    psql("ALTER SYSTEM SET autovacuum = off")
    psql("SELECT pg_reload_conf()")


def stop_server():
    command([CDCBENCH, "server", "stop", os.environ["CDCBENCH_SERVER"]])


def settle():
    """Every measurement begins with nothing left to write."""
    psql("CHECKPOINT")
    time.sleep(0.5)


def cdcbench(folder, *options):
    """Runs it without taps; the rows of summary.csv by (phase, operation)."""
    out = tempfile.mkdtemp(dir=folder) + "/run"
    command([CDCBENCH, "run", "--dsn", "", "--taps", "none", "--quiet", "--out", out, *options])
    with open(f"{out}/summary.csv", newline="") as file:
        return {(r["phase"], r["operation"]): r for r in csv.DictReader(file)}


def copy_by_cdcbench(folder, rows, rows_per_txn, connections):
    command([CDCBENCH, "clean", "--dsn", "", "--quiet"])
    settle()
    summary = cdcbench(folder, "--rows", rows, "--rows-per-txn", rows_per_txn, "-c", connections,
                       "-j", min(connections, 2), "--insert-rate", "off", "--update-rate", "off")
    return float(summary[("load", "insert")]["rows_per_s"])


def fresh_table():
    command([CDCBENCH, "clean", "--dsn", "", "--quiet"])
    command([CDCBENCH, "init", "--dsn", "", "--quiet"])


def timed_copy(rows, statement):
    fresh_table()
    settle()
    shown = command(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"], input=f"\\timing on\n{statement}\n")
    return rows / (float(re.search(r"Time: ([\d.]+) ms", shown).group(1)) / 1000)


def copy_by_psql(file, rows):
    return timed_copy(rows, f"\\copy transactions ({COLUMNS}) from '{file}'")


def copy_by_server(file, rows):
    return timed_copy(rows, f"COPY transactions ({COLUMNS}) FROM '{file}';")


def bench_copy(folder, rows, repeats, write):
    cdcbench(folder, "--rows", rows, "-c", 1, "--insert-rate", "off", "--update-rate", "off")
    file = f"{folder}/rows.copy"
    psql(f"\\copy (select {COLUMNS} from transactions) to '{file}'")
    os.chmod(file, 0o644)
    contenders = {
        "psql_copy": lambda: copy_by_psql(file, rows),
        "server_copy_from_file": lambda: copy_by_server(file, rows),
        "cdcbench_1_connection_1_txn": lambda: copy_by_cdcbench(folder, rows, rows, 1),
        "cdcbench_1_connection_1000_rows_per_txn": lambda: copy_by_cdcbench(folder, rows, 1000, 1),
        "cdcbench_2_connections_1000_rows_per_txn": lambda: copy_by_cdcbench(folder, rows, 1000, 2),
    }
    take_turns("copy", contenders, repeats, write)


def make_twin(rows):
    psql(f"SET client_min_messages = warning; DROP TABLE IF EXISTS {TWIN}; CREATE TABLE {TWIN} (LIKE transactions INCLUDING ALL);"
         f"INSERT INTO {TWIN} SELECT {TWIN_KEY} ({TWIN_FIRST} + row_number() OVER () - 1)::text, "
         "user_id, timestamp, amount, currency, city, country, merchant_name, payment_method, "
         f"ip_address, voucher_code, affiliateId FROM transactions LIMIT {rows};"
         f"CREATE TRIGGER trigger_record_user_update BEFORE UPDATE ON {TWIN} "
         "FOR EACH ROW EXECUTE FUNCTION record_change_user();"
         f"CREATE TRIGGER trigger_record_change_info BEFORE UPDATE ON {TWIN} "
         "FOR EACH ROW EXECUTE FUNCTION record_change_columns();"
         f"ALTER TABLE {TWIN} REPLICA IDENTITY FULL")
    psql(f"VACUUM ANALYZE {TWIN}")


def pgbench_script(folder, rows, batch, connections):
    """Each client has rows of its own, as cdcbench's connections have: random keys over all would
    deadlock."""
    lines = []
    for i in range(batch):
        lines.append(f"\\set i{i} {TWIN_FIRST} + :client_id + {connections} * "
                     f"random(0, {rows // connections - 1})\n\\set a{i} random(1000, 100000)\n")
    lines.append("\\startpipeline\n")
    for i in range(batch):
        lines.append(f"UPDATE {TWIN} SET amount = :a{i} / 100.0 WHERE transaction_id = {TWIN_KEY}:i{i};\n")
    lines.append("\\endpipeline\n")
    path = f"{folder}/updates_{batch}_{connections}.sql"
    pathlib.Path(path).write_text("".join(lines))
    return path


def updates_by_pgbench(folder, rows, updates, batch, connections):
    make_twin(rows)
    settle()
    script = pgbench_script(folder, rows, batch, connections)
    shown = command(["pgbench", "-n", "-M", "prepared", "-c", connections, "-j", min(connections, 2),
                     "-t", updates // (batch * connections), "-f", script])
    if not re.search(r"number of failed transactions: 0 ", shown):
        sys.exit(f"pgbench lost transactions:\n{shown}")
    return float(re.search(r"tps = ([\d.]+) \(without", shown).group(1)) * batch


def updates_by_cdcbench(folder, rows, updates, batch, connections):
    psql(f"SET client_min_messages = warning; DROP TABLE IF EXISTS {TWIN}")
    command([CDCBENCH, "clean", "--dsn", "", "--quiet"])
    settle()
    summary = cdcbench(folder, "--rows", rows, "-c", connections, "-j", min(connections, 2),
                       "--insert-rate", "off", "--update-rate", "max", "--updates", updates,
                       "--update-rows-per-txn", batch)
    return float(summary[("mixed", "update")]["rows_per_s"])


def bench_updates(folder, rows, updates, batch, repeats, write):
    cdcbench(folder, "--rows", rows, "-c", 1, "--insert-rate", "off", "--update-rate", "off")
    for connections in (1, 4):
        contenders = {
            f"pgbench_pipeline_{batch}_c{connections}":
                lambda c=connections: updates_by_pgbench(folder, rows, updates, batch, c),
            f"cdcbench_pipeline_{batch}_c{connections}":
                lambda c=connections: updates_by_cdcbench(folder, rows, updates, batch, c),
        }
        take_turns("update", contenders, repeats, write)


def take_turns(work, contenders, repeats, write):
    """The first contender is what the others are held against, round by round."""
    first, *others = contenders
    rates = {name: [] for name in contenders}
    for repeat in range(repeats):
        for name, run in contenders.items():
            rates[name].append(run())
            write({"work": work, "contender": name, "repeat": repeat,
                   "rows_per_s": round(rates[name][-1])})
    for name in others:
        ratios = sorted(a / b for a, b in zip(rates[name], rates[first]))
        write({"work": work, "contender": name, "repeat": "median",
               "rows_per_s": round(statistics.median(rates[name])), "against": first,
               "ratio": round(statistics.median(ratios), 3), "ratio_min": round(ratios[0], 3),
               "ratio_max": round(ratios[-1], 3)})


def cpu_model():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*: (.*)$", text, re.M)
    return found.group(1) if found else platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--updates", type=int, default=200_000)
    parser.add_argument("--update-rows", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=["copy", "update"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    start_server()
    try:
        with open(args.out / "load_rates.csv", "w", newline="") as file, \
                tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
            os.chmod(folder, 0o755)  # the server reads the file of rows itself
            out = csv.DictWriter(file, ["work", "contender", "repeat", "rows_per_s", "against",
                                        "ratio", "ratio_min", "ratio_max"], lineterminator="\n")
            out.writeheader()

            def write(row):
                out.writerow(row)
                file.flush()
                print(" ".join(f"{k}={v}" for k, v in row.items()))
            if args.only != "update":
                bench_copy(folder, args.rows, args.repeats, write)
            if args.only != "copy":
                bench_updates(folder, args.update_rows, args.updates, args.batch, args.repeats,
                              write)
        manifest = {
            "command": " ".join(["bench/load_rates.py", *sys.argv[1:]]),
            "cdcbench": command([CDCBENCH, "--version"]).strip(),
            "server": psql("SHOW server_version"),
            "pgbench": command(["pgbench", "--version"]).strip(),
            "cpu": cpu_model(), "cores": os.cpu_count(), "kernel": platform.release(),
            "arguments": {k: str(v) for k, v in vars(args).items()},
        }
        (args.out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    finally:
        stop_server()


if __name__ == "__main__":
    main()
