"""A password reaches no log, no result, no message and no process list. (That it is in no output and
no result is looked at by every run whose secrets are named: cdc.Ended.)"""

import pathlib

import pytest

import cdc


def keyword_dsn(database):
    return database.dsn


def uri(database):
    return database.server.uri(database.name)


@pytest.mark.parametrize("form", [keyword_dsn, uri], ids=["keywords", "uri"])
@pytest.mark.parametrize("option", [("--dsn", "{}"), ("--dsn={}",), ("-d", "{}"), ("-d{}",)],
                         ids=" ".join)
def test_a_password_on_the_command_line_is_gone_from_it(database, out, started, form, option):
    words = [word.replace("{}", form(database)) for word in option]
    running = started(cdc.start("run", "--debug", "--rows", "1k", "--duration", "60s", *words,
                                out=out, secrets=[database.server.password]))
    cdc.await_true(lambda: database.count_rows() >= 1000, "rows come in")
    line = pathlib.Path(f"/proc/{running.process.pid}/cmdline").read_bytes()
    for secret in cdc.secret_forms([database.server.password]):
        assert secret.encode() not in line
    assert b"--rows" in line and b"***" in line
    running.signal()
    done = running.end().expect(130)
    assert "****" in str(done.json["options"]["dsn"])


def test_a_wrong_password_is_not_repeated(database, out):
    wrong = database.server.password + "x"
    dsn = database.server.uri(database.name).replace("@127", "x@127")
    for command in ("run", "init", "clean"):
        done = cdc.run(command, dsn=dsn, secrets=[database.server.password, wrong],
                       out=out if command == "run" else None).expect(2)
        assert "password authentication failed" in done.stderr, done.output
    assert not out.exists()


@pytest.mark.parametrize("words", [
    ("--nonsense",), ("--rows", "many"), ("quick.yaml",), ("--name", "a/b"),
])
def test_a_mistake_beside_a_password_does_not_bring_it_up(database, out, words):
    cdc.run("run", *words, dsn=database.dsn, secrets=[database.server.password], out=out).expect(1)


def test_a_dsn_that_cannot_be_read_is_not_repeated(out):
    for dsn in ("postgresql://u:hunter2@[::1/x", "host=h password=hunter2 nonsense",
                "host=h password='hunter2"):
        cdc.run("run", dsn=dsn, secrets=["hunter2"], out=out).expect(1)
