"""COPY beside server-side COPY FROM a file with the same rows in the same order, and psql \\copy."""

import os
import tempfile
import threading

from . import postgres, programs

LOAD_ONLY = ("--insert-rate", "off", "--update-rate", "off")


def run(writer, args):
    rows = args.rows or 400_000
    with postgres.Server() as server, tempfile.TemporaryDirectory(prefix="cdcbench-bench-") as folder:
        os.chmod(folder, 0o755)  # the server reads the files itself
        files = make_files(folder, rows)
        contenders = {
            "server_copy_1": lambda: by_server(server, [files["text"]], "text", rows),
            "server_copy_binary_1": lambda: by_server(server, [files["binary"]], "binary", rows),
            "server_copy_2": lambda: by_server(server, [files["half 1"], files["half 2"]], "text", rows),
            "psql_copy_1": lambda: by_psql(server, files["text"], rows),
            "cdcbench_1": lambda: by_cdcbench(server, rows, rows, 1),
            "cdcbench_text_1": lambda: by_cdcbench(server, rows, rows, 1, "text"),
            "cdcbench_1_1000_rows_per_txn": lambda: by_cdcbench(server, rows, 1000, 1),
            "cdcbench_2": lambda: by_cdcbench(server, rows, rows // 2, 2),
            "cdcbench_2_1000_rows_per_txn": lambda: by_cdcbench(server, rows, 1000, 2),
        }
        writer.take_turns(contenders, args.rounds, [
            ("cdcbench_1", "server_copy_1", 1.0), ("cdcbench_2", "server_copy_2", 1.0),
            ("cdcbench_1", "server_copy_binary_1", None),
            ("cdcbench_text_1", "server_copy_1", None), ("cdcbench_text_1", "cdcbench_1", None),
            ("cdcbench_1_1000_rows_per_txn", "server_copy_1", None),
            ("cdcbench_2_1000_rows_per_txn", "server_copy_2", None),
            ("psql_copy_1", "server_copy_1", None), ("cdcbench_1", "psql_copy_1", None)])


def make_files(folder, rows):
    """The rows that cdcbench loads, in its order."""
    kinds = {"text": ("--format", "text"), "binary": ("--format", "binary"),
             "half 1": ("--shard", "1/2"), "half 2": ("--shard", "2/2")}
    files = {}
    for kind, options in kinds.items():
        files[kind] = f"{folder}/{kind.replace(' ', '-')}"
        programs.output(programs.CDCBENCH, "gen", "--quiet", "--rows", rows, *options, "--output",
                        files[kind])
        os.chmod(files[kind], 0o644)
    return files


def by_server(server, files, form, rows):
    """As many connections as there are files, at once."""
    postgres.fresh_table()
    postgres.settle()
    if len(files) == 1:
        return postgres.psql_turn(server, copy_sql(files[0], form), rows)
    before = server.cpu_s()
    halves = [None] * len(files)

    def work(number):
        halves[number] = postgres.psql_turn(server, copy_sql(files[number], form), rows)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(files))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = max(halves, key=lambda half: half.seconds)
    whole.client_cpu_s = sum(half.client_cpu_s for half in halves)
    whole.server_cpu_s = server.cpu_s() - before
    return whole


def copy_sql(file, form):
    return f"COPY transactions ({postgres.COLUMNS}) FROM '{file}' (FORMAT {form});"


def by_psql(server, file, rows):
    postgres.fresh_table()
    postgres.settle()
    return postgres.psql_turn(server, f"\\copy transactions ({postgres.COLUMNS}) from '{file}'", rows)


def by_cdcbench(server, rows, rows_per_txn, connections, form="binary"):
    programs.output(programs.CDCBENCH, "clean", "--dsn", "", "--quiet")
    postgres.settle()
    return programs.cdcbench_run(
        server, "--rows", rows, "--rows-per-txn", rows_per_txn, "-c", connections, "-j",
        min(connections, 2), "--copy-format", form, *LOAD_ONLY, phase="load",
        operation="insert")
