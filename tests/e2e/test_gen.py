"""cdcbench gen: what PostgreSQL reads it as, and how it ends."""

import filecmp
import json
import os
import re
import select
import signal
import subprocess

import pytest

import cdc
from server import programs

COLUMNS = ("transaction_id, user_id, timestamp, amount, currency, city, country, merchant_name, "
           "payment_method, ip_address, voucher_code, affiliateid")

# Of seed 42: every amount from 10.00 to 1000.00 stands in the first 1,020,941 rows (and what the
# test counts would show if it did not); row 1,159,721 has the last second there is, and row
# 16,805,771 the first.
EVERY_AMOUNT_ROWS = 1_160_000
FIRST_SECOND_ROW = 16_805_771


def gen(*options, **kwargs):
    return subprocess.run([cdc.PROGRAM, "gen", "--quiet", *map(str, options)], env=cdc.environment(),
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=cdc.PATIENCE_S,
                          check=False, **kwargs)


def rows(*options):
    done = gen(*options)
    assert done.returncode == 0 and done.stderr == b"", done.stderr
    return done.stdout


def piped(generator, *words):
    """`cdcbench gen … | words`: both exit codes and what the second printed."""
    with subprocess.Popen([cdc.PROGRAM, "gen", "--quiet", *map(str, generator)],
                          env=cdc.environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as first:
        second = subprocess.run([str(word) for word in words], stdin=first.stdout,
                                capture_output=True, timeout=cdc.PATIENCE_S, check=False)
        first.stdout.close()
        first_stderr = first.stderr.read()
        return first.wait(cdc.PATIENCE_S), first_stderr, second


def psql(database, sql):
    return f"{programs()}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.dsn, "-c", sql


def make_tables(database, *names):
    cdc.run("init", dsn=database.dsn).expect(0)
    for name in names:
        database.execute(f"CREATE UNLOGGED TABLE {name} (LIKE transactions)")


@pytest.mark.parametrize("key", ["uuid4", "uuid7"])
def test_text_binary_and_csv_are_the_same_table_and_what_the_server_itself_would_write(database, key):
    make_tables(database, "text", "binary_", "csv")
    options = ["--rows", 20_000, "--first", 5, "--seed", 7, "--key", key]
    for table, form in (("text", "text"), ("binary_", "binary"), ("csv", "csv")):
        code, stderr, copied = piped(
            ["--format", form, *options],
            *psql(database, f"\\copy {table} ({COLUMNS}) from stdin (format {form})"))
        assert (code, stderr, copied.returncode) == (0, b"", 0), copied.stderr
        if key == "uuid7":  # whose order is that of the rows
            with database.session.cursor().copy(
                    f"COPY (SELECT {COLUMNS} FROM {table} ORDER BY transaction_id) "
                    f"TO STDOUT (FORMAT {form})") as copy:
                assert b"".join(copy) == rows("--format", form, *options)
    assert database.value("SELECT count(*) FROM text") == 20_000
    for other in ("binary_", "csv"):
        assert database.value(f"SELECT count(*) FROM (TABLE text EXCEPT ALL TABLE {other}) x") == 0
        assert database.value(f"SELECT count(*) FROM (TABLE {other} EXCEPT ALL TABLE text) x") == 0


def test_the_server_reads_every_amount_and_both_ends_of_time_from_binary_as_from_text(
        database, tmp_path):
    make_tables(database, "read")
    for first, number in ((0, EVERY_AMOUNT_ROWS), (FIRST_SECOND_ROW, 1)):
        code, stderr, copied = piped(
            ["--format", "binary", "--first", first, "--rows", number, "--key", "uuid7"],
            *psql(database, f"\\copy read ({COLUMNS}) from stdin (format binary)"))
        assert (code, stderr, copied.returncode) == (0, b"", 0), copied.stderr
    assert database.rows("SELECT count(DISTINCT amount), min(amount), max(amount), "
                         "max(scale(amount)), min(timestamp)::text, max(timestamp)::text FROM read"
                         ) == [(99_001, 10, 1000, 2, "2023-01-01 00:00:00", "2024-12-31 23:59:59")]
    made, read = tmp_path / "made", tmp_path / "read"
    rows("--rows", EVERY_AMOUNT_ROWS, "--key", "uuid7", "--output", made)
    with open(made, "ab") as file:
        file.write(rows("--first", FIRST_SECOND_ROW, "--rows", 1, "--key", "uuid7"))
    subprocess.run(psql(database, f"\\copy (SELECT {COLUMNS} FROM read ORDER BY transaction_id) "
                                  f"to '{read}'"), check=True)
    assert filecmp.cmp(made, read, shallow=False)


def test_threads_and_shards_change_nothing(tmp_path):
    whole = rows("--rows", 30_001, "--first", 11, "--threads", 1)
    assert rows("--rows", 30_001, "--first", 11, "--threads", 5) == whole
    shards = [rows("--rows", 30_001, "--first", 11, "--shard", f"{i}/7") for i in range(1, 8)]
    assert b"".join(shards) == whole
    assert {shard.count(b"\n") for shard in shards} == {4285, 4286}
    file = tmp_path / "rows"
    file.write_text("what was there before\n" * 1_000_000)
    assert rows("--rows", 30_001, "--first", 11, "--output", file) == b""
    assert file.read_bytes() == whole


def test_debezium_messages_hold_the_row(database):
    lines = rows("--format", "debezium", "--rows", 1000, "--first", 3).splitlines()
    texts = rows("--rows", 1000, "--first", 3).decode().splitlines()
    assert len(lines) == len(texts) == 1000
    for line, text in zip(lines, texts):
        message = json.loads(line)
        after = message["after"]
        values = text.split("\t")
        assert [after[name] for name in COLUMNS.split(", ") if name != "timestamp"] == \
            values[:2] + values[3:]
        assert database.value("SELECT (extract(epoch FROM %s::timestamp) * 1000000)::bigint",
                              values[2]) == after["timestamp"]
        assert (message["op"], message["before"], after["change_info"]) == ("c", None, None)
    recorded = json.loads((cdc.ROOT / "tests/envelopes/schema_FULL_c.value.json").read_text())
    message = json.loads(rows("--format", "debezium", "--schemas", "--rows", 1))
    assert message["schema"] == recorded["schema"]
    assert list(message["payload"]) == list(recorded["payload"])


def test_a_rate_is_told_on_stderr():
    done = subprocess.run([cdc.PROGRAM, "gen", "--rows", "1000"], env=cdc.environment(),
                          capture_output=True, text=True, check=True)
    assert re.fullmatch(r"cdcbench: 1,000 rows, \d+ kB in .+: [\d,]+ rows/s, .*B/s\n", done.stderr)


def test_no_rows_are_an_empty_table():
    assert rows("--rows", 0) == b""
    assert rows("--rows", 0, "--format", "binary") == b"PGCOPY\n\377\r\n\0" + bytes(8) + b"\377\377"


@pytest.mark.parametrize("threads", [1, 3])
def test_a_reader_that_has_had_enough_ends_it_without_a_word(threads):
    code, stderr, head = piped(["--rows", "1G", "--threads", threads], "head", "-n", 3)
    assert head.stdout == rows("--rows", 3)
    assert (code, stderr) == (-signal.SIGPIPE, b"")


@pytest.mark.parametrize("threads", [1, 3])
def test_a_full_disk_is_an_error_that_says_how_far_it_came(threads):
    done = gen("--rows", "100k", "--output", "/dev/full", "--threads", threads)
    assert done.returncode == 2
    assert done.stderr == (b"cdcbench: error: could not write to /dev/full: No space left on device; "
                           b"of 100000 rows 0 (0 bytes) were written, and the last may be cut\n")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([cdc.PROGRAM, "gen", "--quiet"], env=cdc.environment(), stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2 and b"could not write to stdout: No space left" in done.stderr


@pytest.mark.parametrize("threads", [1, 3])
def test_an_interrupt_ends_it_while_its_reader_sleeps(threads):
    reader, writer = os.pipe()
    with subprocess.Popen(
            [cdc.PROGRAM, "gen", "--quiet", "--rows", "1G", "--threads", str(threads)],
            env=cdc.environment(), stdout=writer, stderr=subprocess.PIPE) as running:
        os.close(writer)
        cdc.await_true(lambda: select.select([reader], [], [], 0)[0] and sleeps(running.pid),
                       "the pipe is full, and the program waits for its reader")
        running.send_signal(signal.SIGINT)
        assert running.wait(cdc.PATIENCE_S) == 130
        assert b"interrupted; of 1000000000 rows" in running.stderr.read()
    os.close(reader)


def sleeps(pid):
    """In a system call that waits (the main thread)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0] == "S"


# 319 rows are the largest piece of a binary COPY: its head and tail stand in the first and the last.
@pytest.mark.parametrize("form", ["binary", "text"])
@pytest.mark.parametrize("rows_per_txn", [1, 318, 319, 320, 1276])
def test_a_run_loads_the_rows_of_gen_in_either_form_and_transactions_of_any_size(
        database, out, form, rows_per_txn):
    cdc.run("run", "--rows", str(2 * rows_per_txn), "--rows-per-txn", str(rows_per_txn),
            "--copy-format", form, "--key", "uuid7", "--insert-rate", "off", "--update-rate", "off",
            dsn=database.dsn, out=out).expect_verified(2 * rows_per_txn)
    with database.session.cursor().copy(
            f"COPY (SELECT {COLUMNS} FROM transactions ORDER BY transaction_id) TO STDOUT") as copy:
        assert b"".join(copy) == rows("--rows", 2 * rows_per_txn, "--key", "uuid7")
