"""What a run needs and does not find: it says what to do, and changes nothing on the server."""

import psycopg
import pytest

import cdc
from server import Database


def expect_refusal(database, out, *words, dsn=None, code=2, options=()):
    """The run is refused with these words, and leaves server and disk as they were."""
    before = database.catalog()
    done = cdc.run("run", "--rows", "1k", "--duration", "1s", *options, dsn=dsn or database.dsn,
                   secrets=[database.server.password], out=out).expect(code)
    assert done.stdout == "", done.output
    for part in words:
        assert part in done.stderr, done.output
    assert database.catalog() == before
    assert not out.exists()


@pytest.fixture
def role(database):
    """A role that may do all that a run needs, on this database; yields its name."""
    name = f"bench_{database.name}"
    quoted = psycopg.sql.Literal(database.server.password)
    database.execute(psycopg.sql.SQL("CREATE ROLE {} LOGIN REPLICATION PASSWORD {}").format(
        psycopg.sql.Identifier(name), quoted))
    database.execute(f"GRANT CREATE ON DATABASE {database.name} TO {name}")
    database.execute(f"GRANT CREATE ON SCHEMA public TO {name}")
    yield name
    database.execute(f"DROP OWNED BY {name} CASCADE")
    database.execute(f"DROP ROLE {name}")


def test_a_role_needs_no_more_than_it_is_told_to_have(database, role, out):
    cdc.run("run", "--rows", "1k", "--insert-rate", "off", "--updates", "100", "--update-rate",
            "max", dsn=database.server.dsn(database.name, role), out=out).expect_verified(1100)
    assert database.value("SELECT count(*) FROM transactions WHERE modified_by = %s", role) > 0


def test_a_server_whose_wal_level_is_replica(own_server, out):
    database = Database(own_server(wal_level="replica"), "bench")
    expect_refusal(database, out, "wal_level is replica", "ALTER SYSTEM SET wal_level = 'logical'",
                   "restart")


def test_a_server_without_a_free_replication_slot(own_server, out):
    database = Database(own_server(max_replication_slots="1"), "bench")
    database.execute("SELECT pg_create_logical_replication_slot('other', 'pgoutput')")
    expect_refusal(database, out, "no replication slot is free", "max_replication_slots")


def test_a_server_without_a_free_wal_sender(own_server, out):
    database = Database(own_server(max_wal_senders="0"), "bench")
    expect_refusal(database, out, "no WAL sender is free", "max_wal_senders")


def test_a_role_that_may_not_replicate(database, role, out):
    database.execute(f"ALTER ROLE {role} NOREPLICATION")
    expect_refusal(database, out, f"ALTER ROLE {role} REPLICATION",
                   dsn=database.server.dsn(database.name, role))


def test_a_role_that_may_not_publish(database, role, out):
    database.execute(f"REVOKE CREATE ON DATABASE {database.name} FROM {role}")
    expect_refusal(database, out, f"GRANT CREATE ON DATABASE {database.name} TO {role}",
                   dsn=database.server.dsn(database.name, role))


def test_a_role_that_may_not_create_tables(database, role, out):
    database.execute(f"REVOKE CREATE ON SCHEMA public FROM {role}")
    database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    expect_refusal(database, out, f"GRANT CREATE ON SCHEMA public TO {role}",
                   dsn=database.server.dsn(database.name, role))


@pytest.mark.parametrize("made", [
    "CREATE TABLE transactions (id integer PRIMARY KEY, amount numeric)",
    "CREATE VIEW transactions AS SELECT 1 AS id",
    "CREATE TABLE other (id integer); CREATE PUBLICATION cdcbench_transactions FOR TABLE other",
    "CREATE FUNCTION record_change_user() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
], ids=["table", "view", "publication", "function"])
def test_a_name_that_is_somebody_elses(database, out, made):
    database.execute(made)
    expect_refusal(database, out, "was not made by cdcbench", "left alone")


def test_a_table_that_another_role_made(database, role, out):
    cdc.run("init", dsn=database.dsn).expect(0)
    expect_refusal(database, out, "was made by role postgres", f"GRANT postgres TO {role}",
                   dsn=database.server.dsn(database.name, role))


def test_a_database_that_is_not_there(database, out):
    expect_refusal(database, out, 'database "nowhere" does not exist',
                   dsn=database.server.dsn("nowhere"))


def test_an_output_folder_that_cannot_be_written(database, out):
    before = database.catalog()
    done = cdc.run("run", "--rows", "1k", dsn=database.dsn, out="/dev/null/results").expect(1)
    assert "/dev/null/results" in done.stderr and "--out" in done.stderr
    assert database.catalog() == before


def test_an_output_folder_that_holds_the_results_of_another_run(database, out):
    quick = ("--rows", "100", "--insert-rate", "off", "--update-rate", "off")
    cdc.run("run", *quick, dsn=database.dsn, out=out).expect_verified(100)
    before = (out / "run.json").read_bytes()
    done = cdc.run("run", *quick, dsn=database.dsn, out=out).expect(1)
    assert "holds the results of a run" in done.stderr
    assert (out / "run.json").read_bytes() == before
