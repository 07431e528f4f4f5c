"""cdcbench init and clean: they make and remove what is the tool's own, any number of times."""

import pytest

import cdc


@pytest.fixture
def others(database):
    """What somebody else has in the database."""
    database.execute("CREATE TABLE transactions_archive (id integer PRIMARY KEY)")
    database.execute("CREATE PUBLICATION cdcbench_other FOR TABLE transactions_archive")
    database.execute("CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql "
                     "AS 'BEGIN RETURN NEW; END'")
    database.execute("SELECT pg_create_logical_replication_slot('others_slot', 'pgoutput')")
    yield database.catalog()
    database.execute("SELECT pg_drop_replication_slot('others_slot')")


def test_init_makes_the_table_and_a_second_one_leaves_its_rows(database):
    cdc.run("init", dsn=database.dsn).expect(0)
    once = database.catalog()
    database.execute("INSERT INTO transactions (transaction_id, amount) VALUES ('a', 12.5)")
    cdc.run("init", dsn=database.dsn).expect(0)
    assert database.catalog() == once
    assert database.count_rows() == 1
    database.execute("UPDATE transactions SET amount = 13")
    assert database.rows("SELECT modified_by, change_info #>> '{amount,old}', "
                         "change_info #>> '{amount,new}' FROM transactions") == [
        ("postgres", "12.5", "13")]


def test_init_again_with_other_options_changes_what_they_say(database):
    cdc.run("init", dsn=database.dsn).expect(0)
    cdc.run("init", "--triggers", "user", "--replica-identity", "default",
            dsn=database.dsn).expect(0)
    assert database.rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == [
        ("trigger_record_user_update",)]
    assert database.value("SELECT relreplident FROM pg_class WHERE relname = 'transactions'") == "d"


def test_clean_removes_what_init_made_and_nothing_else(database, others):
    cdc.run("init", dsn=database.dsn).expect(0)
    assert database.catalog() != others
    cdc.run("clean", dsn=database.dsn).expect(0)
    assert database.catalog() == others
    done = cdc.run("clean", dsn=database.dsn).expect(0)
    assert "0 objects removed" in done.stderr
    assert database.catalog() == others


def test_clean_removes_what_a_run_made(database, others, out):
    cdc.run("run", "--rows", "100", "--insert-rate", "off", "--update-rate", "off",
            dsn=database.dsn, out=out).expect_verified(100)
    cdc.run("clean", dsn=database.dsn).expect(0)
    assert database.catalog() == others


def test_clean_removes_the_slots_that_a_crash_left(database):
    database.execute("SELECT pg_create_logical_replication_slot('cdcbench_left', 'pgoutput')")
    done = cdc.run("clean", dsn=database.dsn).expect(0)
    assert "1 object removed" in done.stderr
    assert database.slots() == []


def test_clean_leaves_a_table_of_that_name_that_is_not_its_own(database):
    database.execute("CREATE TABLE transactions (id integer)")
    before = database.catalog()
    cdc.run("clean", dsn=database.dsn).expect(0)
    assert database.catalog() == before


def test_init_refuses_a_table_that_is_not_its_own(database):
    database.execute("CREATE TABLE transactions (id integer)")
    before = database.catalog()
    done = cdc.run("init", dsn=database.dsn).expect(2)
    assert "was not made by cdcbench" in done.stderr
    assert database.catalog() == before


def test_a_run_uses_the_table_that_init_made(database, out):
    cdc.run("init", dsn=database.dsn).expect(0)
    cdc.run("run", "--rows", "1k", "--insert-rate", "off", "--updates", "100", "--update-rate",
            "max", dsn=database.dsn, out=out).expect_verified(1100)
    assert database.count_rows() == 1000


def test_libpq_s_environment_names_the_server_too(database, out):
    server = database.server
    settings = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres",
                "PGPASSWORD": server.password, "PGDATABASE": database.name}
    for command in ("init", "clean"):
        cdc.run(command, extra_environment=settings, secrets=[server.password]).expect(0)
    done = cdc.run("run", "--rows", "1k", "--insert-rate", "off", "--update-rate", "off",
                   extra_environment=settings, secrets=[server.password], out=out)
    done.expect_verified(1000)
    assert done.json["server"]["embedded"] is False
