"""What a run says while it goes on, to people and to programs."""

import json

import cdc

LOAD = ("--rows", "3k", "--inserts", "600", "--insert-rate", "400", "--updates", "200",
        "--update-rate", "200")
CHANGES = 3000 + 600 + 200


def test_json_lines_are_the_timeline_and_the_verdict(database, out):
    done = cdc.run("run", *LOAD, "--json", dsn=database.dsn, out=out).expect(0)
    *seconds, last = [json.loads(line) for line in done.stdout.splitlines()]
    columns, rows = done.csv("timeline.csv")
    assert [list(second) for second in seconds] == [columns] * len(rows)
    # The same figures: CSV has text, and nothing where JSON has null.
    for second, row in zip(seconds, rows):
        for column in columns:
            value, text = second[column], row[column]
            assert (value is None) == (text == ""), column
            if text and column != "phase":
                assert float(text) == value, column
    assert sum(second["insert_acked_rows"] for second in seconds) == 3600
    assert last == {"verdict": "verified", "exit_code": 0, "acknowledged": CHANGES,
                    "folder": str(out)}
    # People read the rest.
    assert "VERIFIED" in done.stderr and "progress: " in done.stderr


def test_quiet_leaves_the_answer_alone(database, out):
    done = cdc.run("run", *LOAD, "--quiet", dsn=database.dsn, out=out).expect(0)
    assert done.stdout.startswith("VERIFIED") and done.stderr == ""


def test_plain_lines_where_there_is_no_terminal(database, out):
    done = cdc.run("run", *LOAD, "-P", "500ms", dsn=database.dsn, out=out).expect(0)
    heading, *lines = done.stderr.splitlines()
    assert heading.startswith("quick · seed 42 · PostgreSQL ")
    assert lines and all(line.startswith("progress: ") for line in lines), done.stderr
    assert "\033" not in done.stdout + done.stderr
