"""cdcbench watch: the lag of a table that others write to, and no trace of having been there."""

import signal
import time

import pytest

import cdc

OTHERS = """CREATE SCHEMA shop;
CREATE TABLE shop."Orders" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
CREATE TABLE public."Orders" (id bigint PRIMARY KEY)"""
TABLE = 'shop."Orders"'


@pytest.fixture
def shop(database):
    database.execute(OTHERS)
    database.execute(f"INSERT INTO {TABLE} (note) SELECT 'before' FROM generate_series(1, 50)")
    return database


@pytest.fixture
def watching(shop, out, started):
    """watching(option…): a watch under way, its slot in use."""
    def start(*options):
        running = started(cdc.start("watch", TABLE, *options, dsn=shop.dsn, out=out,
                                    secrets=[shop.server.password]))
        cdc.await_true(lambda: not running.is_running() or shop.value(
            "SELECT count(*) FROM pg_replication_slots WHERE active AND database = "
            "current_database()"), "it listens")
        cdc.await_true(lambda: not running.is_running() or (out / "timeline.csv").exists(), "it runs")
        return running
    return start


def write(database, inserts=200, updates=30, deletes=7):
    """As others do: each in a transaction of its own, and some of another table."""
    for _ in range(inserts // 10):
        database.execute(f"INSERT INTO {TABLE} (note) SELECT 'x' FROM generate_series(1, 10)")
    for i in range(updates):
        database.execute(f"UPDATE {TABLE} SET note = 'y' WHERE id = %s", i + 1)
    database.execute(f"DELETE FROM {TABLE} WHERE id <= %s", deletes)
    database.execute('INSERT INTO public."Orders" SELECT generate_series(1, 100)')
    return inserts // 10 + updates + 1


@pytest.mark.main_job
def test_it_counts_and_times_what_others_do_and_leaves_nothing(shop, watching):
    before = shop.catalog()
    running = watching()
    transactions = write(shop)
    time.sleep(1)
    running.signal()
    done = running.end().expect(0)  # that is how a watch without an end is ended
    assert done.stdout.startswith("WATCHED  shop.Orders: 237 changes seen on wal (200 inserts, "
                                  "30 updates, 7 deletes)"), done.output
    tap, = done.json["taps"]
    assert tap["seen"] == {"insert": 200, "update": 30, "delete": 7}
    assert tap["verify"] is None and done.json["verdict"] == "unverified"
    assert done.json["watched"] == "shop.Orders"
    assert [phase["kind"] for phase in done.json["scenario"]["phases"]] == ["watch"]
    _, rows = done.csv("lag.csv")
    lines = {(row["operation"], row["stage"]): row for row in rows if row["phase"] == "watch"}
    for operation, count in {"insert": 200, "update": 30, "delete": 7, "all": 237}.items():
        stages = {stage: row for (of, stage), row in lines.items() if of == operation}
        assert set(stages) == {*cdc.WAYS["wal"], "commit_to_receipt"}
        assert {int(row["count"]) for row in stages.values()} == {count}
        cdc.expect_stages_to_sum_to_the_whole(stages, "wal")
    _, rows = done.csv("lag_transactions.csv")
    assert {int(row["count"]) for row in rows if row["phase"] == row["operation"] == "all"} == {
        transactions}
    _, seconds = done.csv("timeline.csv")
    assert sum(int(second["wal_seen_rows"]) for second in seconds) == 237
    assert {second["wal_behind_rows"] for second in seconds} == {""}
    assert done.csv("verify.csv")[1] == []
    assert shop.catalog() == before


def test_a_publication_that_is_there_is_used_and_stays(shop, watching):
    shop.execute("CREATE PUBLICATION theirs FOR ALL TABLES")
    before = shop.catalog()
    running = watching("--publication", "theirs", "--for", "2s")
    write(shop, inserts=50)
    assert running.end().expect(0).json["taps"][0]["seen"]["insert"] == 50
    assert shop.catalog() == before


@pytest.mark.parametrize("how", ["second interrupt", "killed"])
def test_what_ends_it_early_leaves_nothing_for_long(shop, watching, how):
    before = shop.catalog()
    running = watching("--for", "60s")
    assert shop.catalog() != before
    if how == "killed":
        running.kill()
        cdc.await_true(lambda: shop.slots() == [] and shop.backends() == [], "its sessions are gone")
        cdc.run("clean", dsn=shop.dsn).expect(0)
    else:
        running.signal()
        running.signal(signal.SIGTERM)
        running.end(patience_s=30).expect(130)
    cdc.await_true(lambda: shop.catalog() == before, "nothing is left")


def test_the_next_watch_takes_away_what_a_killed_one_left(shop, watching, out):
    before = shop.catalog()
    watching().kill()
    cdc.await_true(lambda: shop.slots() == [] and shop.backends() == [], "its sessions are gone")
    cdc.run("watch", TABLE, "--for", "200ms", dsn=shop.dsn, out=out.parent / "again").expect(0)
    assert shop.catalog() == before


@pytest.mark.parametrize("make, words, said", [
    ("", ("shop.nothing",), "there is no table shop.nothing"),
    ("", ("shop..nothing",), "'shop..nothing' is no table's name"),
    ("CREATE VIEW shop.seen AS SELECT 1 AS one", ("shop.seen",), "there is no table shop.seen"),
    ("CREATE TABLE bare (id int)", ("bare",), "neither a primary key nor a replica identity"),
    ("", (TABLE, "--publication", "none"), "there is no publication none"),
    ("CREATE PUBLICATION other FOR TABLE public.\"Orders\"", (TABLE, "--publication", "other"),
     "does not publish table shop.Orders"),
    ("", (TABLE, "--from-topic", "t"), "--brokers"),
    ("", (TABLE, "another"), "one table"),
    ("", (), "one table"),
])
def test_what_cannot_be_watched_is_refused_and_nothing_touched(shop, out, make, words, said):
    if make:
        shop.execute(make)
    before = shop.catalog()
    done = cdc.run("watch", *words, "--for", "1s", dsn=shop.dsn, out=out)
    assert done.code in (1, 2) and said in done.stderr, done.output
    assert shop.catalog() == before


def test_a_lost_walsender_ends_the_watch_as_incomplete(shop, watching, out):
    running = watching("--for", "60s")
    cdc.await_true(lambda: len((out / "timeline.csv").read_text().splitlines()) > 1, "a second")
    shop.value("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
               "WHERE database = current_database()")
    done = running.end(patience_s=30).expect(2)
    assert done.stdout.startswith("INCOMPLETE"), done.output
