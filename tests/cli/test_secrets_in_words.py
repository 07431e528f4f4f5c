"""A secret may be typed where it belongs, where it does not, and with a mistake beside it: nothing that
is said of it has it in it. (No server is needed: tests/e2e/test_secrets.py looks at what a run writes.)"""

import shlex

import pytest

import cdc

SECRET = "Zw3rg%40Nase"  # %40: an '@' in a URI, and itself elsewhere
PIECES = ("Zw3rg", "Nase")

URI = f"postgresql://eve:{SECRET}@127.0.0.1:1/shop"
URL = f"http://eve:{SECRET}@127.0.0.1:1"

# A port that nobody listens on; an option that stands alone is ended by a mistake behind it.
CASES = [
    # the server's connection string, wherever it may stand
    f"run --dsn {URI}",
    f"run --dsn 'host=127.0.0.1 port=1 user=eve password={SECRET}'",
    f"run --dsn '{URI}?sslpassword={SECRET}'",
    "run --dsn postgresql://eve:Zw3rg@Nase@127.0.0.1:1/shop",
    "run --dsn postgresql://eve:Zw3rg/Nase@127.0.0.1:1/shop",
    f"run --dsn eve:{SECRET}@127.0.0.1/shop",
    f"run --dsn 127.0.0.1 --tap-dsn {URI}",
    f"init --dsn {URI}",
    f"clean -d{URI}",
    f"watch --dsn {URI} public.transactions",
    f"run {URI}",
    f"run --dns {URI}",
    f"run --dns={URI}",
    f"{URI}",
    f"--dsn={URI}",
    f"run --rows {URI}",
    f"run --taps {URI}",
    f"run --listen {URI} --dry-run",
    f"run --set {URI}",
    f"run --set seed={URI} --dry-run",
    f"run --set password={SECRET} --dry-run",
    f"run --expect 'password={SECRET}' --dry-run",
    f"report {URI}",
    f"compare {URI} {URI}",
    f"size {URI}",
    f"gen --shard {URI}",
    f"gen --output {URI}/x --rows 1",
    f"server {URI}",
    # Kafka and Connect
    f"run --connect-url {URL} --nonsense",
    f"run --connect-url {URL} --rows many",
    f"clean --dsn host=127.0.0.1,port=1 --connect-url {URL}",
    f"run --brokers SASL_SSL://eve:{SECRET}@127.0.0.1:1 --rows many",
    f"produce --brokers 127.0.0.1:1 --kafka sasl.password={SECRET} --kafka sasl.mechanisms=NONE",
    f"produce --brokers 127.0.0.1:1 --kafka ssl.key.pem={SECRET} --kafka security.protocol=ssl",
    f"produce --brokers 127.0.0.1:1 --kafka nonsense.password={SECRET}",
    f"produce --brokers 127.0.0.1:1 --kafka=debug={URL}",
    f"run --kafka {SECRET}",
    f"run --connector {SECRET}",
    f"run --connector={SECRET}",
]


def told(words, folder, environment=None):
    """What a command says, without a server, in an empty folder; nothing in it is a secret."""
    settings = {"CDCBENCH_CLUSTERS": "/nonexistent"}
    if words[0] in ("run", "produce"):
        words = [*words, "--out", str(folder / "out")]
    ended = cdc.Running(words, folder, extra_environment=settings | (environment or {}),
                        popen={"cwd": folder}).end(30)
    for piece in PIECES:
        assert piece not in ended.output
    return ended


@pytest.mark.parametrize("command", CASES)
def test_no_message_repeats_a_secret(command, tmp_path):
    ended = told(shlex.split(command), tmp_path)
    assert ended.code in (0, 1, 2), ended.output
    assert ended.files() == []


@pytest.mark.parametrize("variable", ["PGPASSWORD"])
def test_no_message_repeats_one_of_the_environment(variable, tmp_path):
    told(["run", "--debug"], tmp_path,
         {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGUSER": "eve", variable: SECRET}).expect(2)


SCENARIOS = [
    f"seed: {URI}",
    f"name: {URI}",
    f"password: {SECRET}",
    f"tables: {URI}",
    f"phases: {URI}",
    f"phases:\n  load: {URI}",
    f"phases:\n  mixed:\n    insert:\n      rate: {URI}",
    f"seed: [ {URI}",
    f"{URI}",
]


@pytest.mark.parametrize("text", SCENARIOS)
def test_no_message_repeats_one_of_a_scenario(text, tmp_path):
    (tmp_path / "mine.yaml").write_text(text + "\n", encoding="ascii")
    told(["run", "./mine.yaml", "--dry-run"], tmp_path).expect(1)
