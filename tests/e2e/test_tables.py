"""Tables other than `transactions`, several at once, and one that a scenario describes, checked in SQL."""

import pytest

import cdc
from rows_reference import Space, hash_u64, hash_word
from tables_reference import TABLES

LOAD = ("--rows", "300", "--rows-per-txn", "50", "--insert-rate", "off", "--connections", "2")
WORK = (*LOAD, "--updates", "200", "--update-rate", "max")


def value_text(kind, row, column, seed=42):
    """What the reference makes of a column of a row; None: NULL."""
    make, nulls = TABLES[kind][column]
    draw = hash_word(hash_u64(hash_u64(seed, 7), row), column + 1)
    return None if hash_word(draw, 0) & 0xFFFF < nulls else make(row, draw)


def assert_rows_are_the_references(database, name, numbers, triggers):
    """Every column but the amount, of these rows and no others."""
    space = Space(42, "uuid4")
    names = [column for (column,) in database.rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 "
        "ORDER BY attnum", name)]
    assert len(names) == len(TABLES[name]) + triggers
    found = {row[0]: row for row in database.rows(
        "SELECT " + ", ".join(f'"{column}"::text' for column in names) + f" FROM {name}")}
    assert len(found) == len(numbers)
    for number in numbers:
        actual = found[space.key(number)]
        for column in range(2, len(TABLES[name])):
            expected = value_text(name, number, column)
            if names[column].startswith("flag"):  # these casts print more than COPY does
                expected = {"t": "true", "f": "false", None: None}[expected]
            if names[column].startswith("address"):
                expected += "/32"
            assert actual[column] == expected, (number, names[column])


@pytest.mark.parametrize("name, triggers", [("wide", 3), ("narrow", 0), ("toasted", 3)])
def test_rows_of_a_built_in_table_are_what_the_reference_makes(database, out, name, triggers):
    cdc.run("run", "--table", name, *WORK, dsn=database.dsn, out=out).expect_verified(500)
    assert_rows_are_the_references(database, name, range(300), triggers)
    assert database.value("SELECT count(*) FROM pg_class WHERE relname = 'transactions'") == 0


def test_row_i_lives_in_table_i_modulo_the_tables_and_a_transaction_spans_them(database, out):
    cdc.run("run", "--table", "wide", "--table", "transactions", "--table", "toasted", *LOAD,
            "--update-rate", "off", dsn=database.dsn, out=out).expect_verified(300)
    assert_rows_are_the_references(database, "wide", range(0, 300, 3), 3)
    assert_rows_are_the_references(database, "toasted", range(2, 300, 3), 3)
    space = Space(42, "uuid4")
    assert {key for (key,) in database.rows("SELECT transaction_id FROM transactions")} == {
        space.key(row) for row in range(1, 300, 3)}
    transactions = database.rows("""
        SELECT count(*), count(DISTINCT t) FROM (
            SELECT xmin, 'wide' AS t FROM wide UNION ALL SELECT xmin, 'tx' FROM transactions
            UNION ALL SELECT xmin, 'toasted' FROM toasted) AS rows GROUP BY xmin::text""")
    assert transactions == [(50, 3)] * 6


def test_arrays_change_rows_of_several_tables_whatever_the_type_of_their_keys(database, out):
    done = cdc.run("run", "--table", "wide", "--table", "transactions", *WORK,
                   "--set", "phases.mixed.update.mode=array", "--set", "phases.mixed.delete={rows: 60}",
                   "--set", "phases.mixed.delete.mode=array", dsn=database.dsn, out=out)
    done.expect_verified(500 + 60)
    assert database.value("SELECT (SELECT count(*) FROM wide) + (SELECT count(*) FROM transactions)"
                          ) == 300 - 60


def decoded(database, slot):
    return [text for (text,) in database.rows(
        "SELECT data FROM pg_logical_slot_get_changes(%s, NULL, NULL)", slot)]


@pytest.mark.parametrize("identity", ["default", "full"])
def test_an_update_leaves_long_values_unsent_and_full_identity_sends_the_old_ones(
        database, out, identity):
    database.execute("SELECT pg_create_logical_replication_slot('witness', 'test_decoding')")
    cdc.run("run", "--table", "toasted", "--replica-identity", identity, *WORK, dsn=database.dsn,
            out=out).expect_verified(500)
    updates = [line for line in decoded(database, "witness")
               if line.startswith("table public.toasted: UPDATE")]
    database.execute("SELECT pg_drop_replication_slot('witness')")
    assert len(updates) == 200
    for line in updates:
        assert "document[text]:unchanged-toast-datum" in line
        old = line.split("new-tuple:")[0]
        assert ("old-key:" in old and "document[text]:'" in old) == (identity == "full")


ORDERS = """
name: orders
seed: 7
tables:
  - narrow
  - name: order
    triggers: both
    replica_identity: default
    columns:
      - {name: id, generator: key, type: varchar(36)}
      - {name: amount, generator: amount, type: "numeric(10, 2)"}
      - {name: state, generator: choice, of: [new, "a\\\\b", "tab\\there\\nline", "größe €", ""]}
      - {name: qty, generator: integer, type: smallint, min: -2, max: 20, nulls: 50%}
      - {name: user, generator: user}
      - {name: placed, generator: timestamp, from: 2020-01-01, to: 2020-01-02}
      - {name: hash, generator: bytes, length: 1..40}
      - {name: detail, generator: json}
phases:
  - name: load
    insert: {rows: 1000, rows_per_txn: 100}
  - name: mixed
    insert: {rows: 200, rollback: 20%}
    update: {rows: 600, rollback: 10%}
    transaction: {transactions: 30, insert: 7, update_own: 6, update: 5, delete: 2,
                  savepoint: 50%, rollback: 20%}
  - name: drain
    until: caught-up
"""


def test_a_table_that_a_scenario_describes(database, out, tmp_path):
    scenario = tmp_path / "orders.yaml"
    scenario.write_text(ORDERS, encoding="utf-8")
    done = cdc.run("run", str(scenario), dsn=database.dsn, out=out).expect(0)
    assert done.stdout.startswith("VERIFIED"), done.output
    assert {state for (state,) in database.rows('SELECT DISTINCT state FROM "order"')} == {
        "new", "a\\b", "tab\there\nline", "größe €", ""}
    rows, nulls, low, high, first, last = database.rows("""
        SELECT count(*), count(*) FILTER (WHERE qty IS NULL), min(qty), max(qty), min(placed) >=
               '2020-01-01', max(placed) <= '2020-01-02' FROM "order" """)[0]
    assert 500 <= rows <= 700 and 0.4 < nulls / rows < 0.6
    assert (low, high, first, last) == (-2, 20, True, True)
    assert database.value('SELECT count(*) FROM "order" WHERE change_info IS NOT NULL') > 100
    assert database.value("SELECT count(*) FROM narrow") > 500


def test_a_value_that_the_server_changed_is_named_with_its_table_column(database, out):
    database.execute("""
        CREATE FUNCTION damage() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF random() < 0.1 THEN NEW.city_3 := 'Nowhere'; END IF; RETURN NEW; END $$;
        CREATE FUNCTION arm() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            IF to_regclass('wide') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'damage')
            THEN CREATE TRIGGER damage BEFORE INSERT ON wide FOR EACH ROW EXECUTE FUNCTION damage();
            END IF; END $$;
        CREATE EVENT TRIGGER arm ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION arm()""")
    done = cdc.run("run", "--table", "wide", *LOAD, "--update-rate", "off", dsn=database.dsn, out=out)
    done.expect(3)
    tap, = done.json["taps"]
    faults = tap["verify"]["faults"]
    assert faults and all((fault["kind"], fault["column"], fault["found"]) ==
                          ("mismatched", "city_3", "Nowhere") for fault in faults)


def test_init_and_clean_know_all_tables(database):
    before = database.catalog()
    cdc.run("init", "--table", "wide", "--table", "narrow", dsn=database.dsn).expect(0)
    assert database.rows("SELECT tablename FROM pg_publication_tables ORDER BY 1") == [
        ("narrow",), ("wide",)]
    cdc.run("init", dsn=database.dsn).expect(0)
    assert database.rows("SELECT tablename FROM pg_publication_tables") == [("transactions",)]
    cdc.run("clean", dsn=database.dsn).expect(0)
    assert database.catalog() == before


def test_init_takes_the_tables_of_a_scenario(database, tmp_path):
    scenario = tmp_path / "orders.yaml"
    scenario.write_text(ORDERS, encoding="utf-8")
    cdc.run("init", str(scenario), dsn=database.dsn).expect(0)
    assert database.value('SELECT count(*) FROM "order"') == 0
    cdc.run("clean", dsn=database.dsn).expect(0)


def test_a_table_that_nobody_describes_is_refused_before_anything_is_touched(database, out):
    before = database.catalog()
    done = cdc.run("run", "--table", "orders", dsn=database.dsn, out=out).expect(1)
    assert "there is no table orders" in done.stderr
    assert database.catalog() == before


@pytest.mark.parametrize("identity", ["default", "full"])
def test_a_column_added_in_mid_run_is_passed_over(database, out, identity):
    done = cdc.run("run", "--table", "transactions", "--table", "toasted", "--replica-identity", identity,
                   "--rows", "300", "--insert-rate", "200", "--update-rate", "400", "-T", "2s",
                   "--ddl-at", "1s", dsn=database.dsn, out=out).expect(0)
    assert done.stdout.startswith("VERIFIED"), done.output
    assert 1 <= done.json["ddl_s"] < 2
    for table in ("transactions", "toasted"):
        assert database.value(f"SELECT count(*) FROM {table} WHERE cdcbench_added IS NOT NULL") == 0
        assert database.value(f"SELECT count(*) FROM {table}") > 150
