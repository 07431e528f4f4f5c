"""What a run claims, checked in SQL."""

import json
import re

import pytest

import cdc
from rows_reference import Space
from server import Database

ROWS, INSERTS, UPDATES = 20000, 2000, 4000
MAIN_JOB = ("--rows", "20k", "--rows-per-txn", "500", "--inserts", "2k", "--insert-rate", "4k",
            "--insert-rows-per-txn", "10", "--updates", "4k", "--update-rate", "8k",
            "--update-rows-per-txn", "20")

GENERATED = ("transaction_id", "user_id", "timestamp", "amount", "currency", "city", "country",
             "merchant_name", "payment_method", "ip_address", "voucher_code", "affiliateid")


@pytest.fixture(scope="module")
def main_job(server, tmp_path_factory):
    """One run for all the tests of this module that only look."""
    database = Database(server, "main_job")
    done = cdc.run("run", *MAIN_JOB, dsn=database.dsn, secrets=[server.password],
                   out=tmp_path_factory.mktemp("main") / "results")
    yield done, database
    database.drop()


def cents(text):
    """12.30 → 1230: two decimals, as they must be."""
    assert re.fullmatch(r"\d+\.\d\d", text), text
    return int(text.replace(".", ""))


def version_of(space, row, amount):
    """How many updates made this amount of the row's first."""
    return next(k for k in range(50) if space.cents(row, k) == amount)


@pytest.mark.main_job
def test_every_change_is_proven(main_job):
    done, _ = main_job
    done.expect_verified(ROWS + INSERTS + UPDATES)


@pytest.mark.main_job
def test_the_table_holds_the_rows_that_were_sent_and_no_others(main_job):
    _, database = main_job
    assert database.rows("SELECT count(*), count(DISTINCT transaction_id) FROM transactions") == [
        (ROWS + INSERTS, ROWS + INSERTS)]
    assert database.rows("SELECT min(amount) >= 10, max(amount) <= 1000, bool_and(scale(amount) = 2)"
                         " FROM transactions") == [(True, True, True)]


def test_every_row_is_what_the_reference_makes_of_its_number(main_job):
    _, database = main_job
    space = Space(42, "uuid4")
    columns = ", ".join(f"{name}::text" for name in GENERATED)
    found = {row[0]: row for row in database.rows(f"SELECT {columns} FROM transactions")}
    for number in range(ROWS + INSERTS):
        expected = space.row(number).split("\t")
        actual = list(found[expected[0]])
        amount = GENERATED.index("amount")
        del expected[amount], actual[amount]
        assert actual == expected


def test_the_triggers_noted_every_update_and_nothing_else(main_job):
    _, database = main_job
    space = Space(42, "uuid4")
    numbers = {space.key(number): number for number in range(ROWS + INSERTS)}
    updates = 0
    for key, amount, old, new, by, noted_by, same_time in database.rows("""
            SELECT transaction_id, amount::text, change_info #>> '{amount,old}',
                   change_info #>> '{amount,new}', modified_by, change_info ->> 'modified_by',
                   (change_info ->> 'modified_at')::timestamptz AT TIME ZONE 'UTC' = modified_at
              FROM transactions"""):
        row = numbers[key]
        version = version_of(space, row, cents(amount))
        updates += version
        if version == 0:
            assert (old, new, by, noted_by, same_time) == (None, None, None, None, None)
        else:
            assert cents(old) == space.cents(row, version - 1) and new == amount
            assert by == noted_by == "postgres" and same_time
    assert updates == UPDATES
    assert UPDATES * 0.8 < database.count_updated() <= UPDATES  # keys repeat, but not often


def test_nothing_of_the_run_stays_on_the_server_but_the_table(main_job):
    _, database = main_job
    assert database.slots() == []
    assert database.backends() == []
    assert {(kind, name) for kind, name, _ in database.catalog()
            if kind in ("publication", "trigger", "function")} == {
        ("publication", "cdcbench_transactions"),
        ("trigger", "trigger_record_user_update"), ("trigger", "trigger_record_change_info"),
        ("function", "record_change_user()"), ("function", "record_change_columns()")}


def test_the_summary_counts_what_was_done(main_job):
    done, _ = main_job
    columns, rows = done.csv("summary.csv")
    assert columns == cdc.SUMMARY_COLUMNS
    assert [(row["phase"], row["operation"], row["transactions"], row["rows"], row["errors"],
             row["retries"]) for row in rows] == [
        ("load", "insert", "40", str(ROWS), "0", "0"),
        ("mixed", "insert", "200", str(INSERTS), "0", "0"),
        ("mixed", "update", "200", str(UPDATES), "0", "0")]
    for row in rows:
        assert float(row["seconds"]) > 0
        for kind in ("latency", "service"):
            figures = [float(row[f"{kind}_{figure}_us"]) for figure in (*cdc.PERCENTILES, "max")]
            assert figures == sorted(figures) and figures[0] > 0


def by_group(rows, *names):
    """Lines of a lag file by what `names` say, each as a dict by stage."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), {})[row["stage"]] = row
    return groups


def test_the_stages_of_an_event_sum_to_the_whole(main_job):
    done, _ = main_job
    for lines in by_group(done.csv("lag.csv")[1], "phase", "operation").values():
        cdc.expect_stages_to_sum_to_the_whole(lines, "wal")


def test_every_transaction_has_its_lag_by_its_first_and_its_last_event(main_job):
    done, _ = main_job
    columns, rows = done.csv("lag_transactions.csv")
    assert columns == cdc.LAG_TRANSACTIONS_COLUMNS
    groups = by_group(rows, "phase", "operation", "event")
    transactions = {(row["phase"], row["operation"]): row["transactions"]
                    for row in done.csv("summary.csv")[1]}
    for event in ("first", "last"):
        for group, count in transactions.items():
            lines = groups[*group, event]
            assert set(lines) == {*cdc.WAYS["wal"], "commit_to_receipt", "ack_to_receipt",
                                  "intended_to_receipt"}
            assert {line["count"] for line in lines.values()} == {count}
            cdc.expect_stages_to_sum_to_the_whole(lines, "wal")
    for (phase, operation, event), lines in groups.items():
        if event == "first":  # it does not come after the last one
            for stage in ("commit_to_receipt", "ack_to_receipt", "intended_to_receipt"):
                last = groups[phase, operation, "last"][stage]
                assert float(lines[stage]["mean_us"]) <= float(last["mean_us"])
    assert done.json["lag_transactions"][0]["event"] == "first"


def test_every_event_has_its_lag_in_every_stage(main_job):
    done, _ = main_job
    columns, rows = done.csv("lag.csv")
    assert columns == cdc.LAG_COLUMNS
    whole = {row["stage"]: int(row["count"]) for row in rows
             if row["phase"] == "all" and row["operation"] == "all"}
    assert whole == dict.fromkeys(("commit_to_send", "send_to_receipt", "commit_to_receipt",
                                   "ack_to_receipt", "intended_to_receipt"),
                                  ROWS + INSERTS + UPDATES)
    for row in rows:
        assert row["tap"] == "wal"
        figures = [int(row[name]) for name in columns if name.endswith("_us") and name != "mean_us"]
        assert figures == sorted(figures)
        assert 0 <= int(row["negative_count"]) <= int(row["count"])


def test_the_timeline_adds_up(main_job):
    done, _ = main_job
    columns, rows = done.csv("timeline.csv")
    assert columns[:3] == ["second", "interval_s", "phase"]
    totals = {name: sum(int(row[name] or 0) for row in rows)
              for name in columns if name.endswith(("_sent_rows", "_acked_rows", "_seen_rows"))}
    assert totals["insert_sent_rows"] == totals["insert_acked_rows"] == ROWS + INSERTS
    assert totals["update_sent_rows"] == totals["update_acked_rows"] == UPDATES
    assert totals["wal_seen_rows"] == ROWS + INSERTS + UPDATES
    seconds = [float(row["second"]) for row in rows]
    assert seconds == sorted(seconds) and rows[-1]["insert_backlog_rows"] in ("", "0")


def test_the_manifest_says_how_to_repeat_the_run(main_job):
    done, database = main_job
    manifest = done.json
    assert manifest["schema_version"] >= 1 and manifest["exit_code"] == 0
    assert manifest["scenario"]["seed"] == "42" and manifest["scenario"]["connections"] == 4
    assert manifest["options"]["update-rate"] and manifest["options"]["dsn"] == "****"
    assert f"dbname={database.name}" in manifest["server"]["address"]
    assert manifest["server"]["settings"]["wal_level"] == "logical"
    assert manifest["server"]["user"] == "postgres" and manifest["server"]["embedded"] is False
    assert manifest["client"]["reconnects"] == 0 and manifest["interrupted"] is False
    assert abs(manifest["clock"]["offset_us"]) < 1e6 and manifest["clock"]["samples"] > 0
    assert json.dumps(manifest["command_line"]).count("--rows") >= 1
    assert {file.name for file in done.files()} == {
        "run.json", "summary.csv", "lag.csv", "timeline.csv", "verify.csv", "latency.hlog",
        "lag.hlog", "lag_transactions.csv", "report.html"}


def table_digest(database):
    """Of all that the tool chose; not of the times, which the server did."""
    columns = ", ".join(GENERATED)
    return database.value(f"""
        SELECT md5(string_agg(concat_ws('|', {columns}, change_info -> 'amount'), E'\\n'
                              ORDER BY transaction_id)) FROM transactions""")


def test_the_same_seed_makes_the_same_table_however_many_write_it(database, tmp_path):
    digests = {}
    for seed, connections, threads in ((7, 1, 1), (7, 4, 2), (7, 7, 3), (8, 4, 2)):
        cdc.run("run", "--seed", str(seed), "-c", str(connections), "-j", str(threads),
                "--rows", "3k", "--rows-per-txn", "100", "--inserts", "500", "--insert-rate", "max",
                "--updates", "2k", "--update-rate", "max", dsn=database.dsn,
                out=tmp_path / f"{seed}-{connections}").expect_verified(5500)
        digests[seed, connections] = table_digest(database)
    assert digests[7, 1] == digests[7, 4] == digests[7, 7] != digests[8, 4]


@pytest.mark.parametrize("triggers, by, info", [("both", 300, 300), ("user", 300, 0),
                                                ("columns", 0, 300), ("none", 0, 0)])
@pytest.mark.parametrize("identity", ["full", "default"])
def test_a_run_is_proven_with_any_triggers_and_replica_identity(database, out, triggers, by, info,
                                                                identity):
    # Each of 300 rows once: one transaction of as many updates as there are rows has each row once.
    cdc.run("run", "--rows", "300", "--insert-rate", "off", "--updates", "300", "--update-rate",
            "max", "--update-rows-per-txn", "300", "--triggers", triggers, "--replica-identity",
            identity, "--key", "uuid7", dsn=database.dsn, out=out).expect_verified(600)
    assert database.rows("SELECT count(modified_by), count(modified_at), count(change_info) "
                         "FROM transactions") == [(by, by, info)]
    assert database.value("SELECT relreplident FROM pg_class WHERE relname = 'transactions'") == (
        "f" if identity == "full" else "d")


def test_bursts_come_as_often_as_they_were_asked_for(database, out):
    done = cdc.run("run", "--rows", "1k", "--insert-rate", "off", "--update-rate", "off", "--burst",
                   "200", "--burst-every", "500ms", "--duration", "2s", dsn=database.dsn, out=out)
    done.expect_verified(1000 + 4 * 200)


def test_without_a_tap_nothing_is_claimed(own_server, out):
    database = Database(own_server(wal_level="replica"), "untapped")
    done = cdc.run("run", "--taps", "none", "--rows", "1k", "--insert-rate", "off", "--updates",
                   "100", "--update-rate", "max", dsn=database.dsn, out=out).expect(0)
    assert done.stdout.startswith("UNVERIFIED") and done.json["verdict"] == "unverified"
    assert done.csv("verify.csv") == (cdc.VERIFY_COLUMNS, [])
    assert database.count_rows() == 1000
