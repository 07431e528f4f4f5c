"""A secret in each way in, and a look at all that comes out: the process list, what is said, what is
published while it runs, what is written, and what is made of that."""

import base64
import contextlib
import http.server
import json
import pathlib
import threading

import cdc
import watching
from server import free_port

class Connect(http.server.BaseHTTPRequestHandler):
    """A Kafka Connect that says in its answer whatever it was told."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        login = base64.b64decode(self.headers.get("Authorization", "Basic ").split()[1]).decode()
        answer = json.dumps({"error_code": 500, "message": f"no, {login}:\n\n {body.decode()}"})
        self.send_response(500)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def talkative_connect():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Connect)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_basic_authentication_reaches_connect_and_no_message(database):
    with talkative_connect() as connect:
        url = f"http://me:conn%40Hush7@127.0.0.1:{connect.server_port}/"
        done = cdc.run("clean", "--connect-url", url, "--debug", dsn=database.dsn,
                       secrets=[database.server.password, "conn@Hush7", "Hush7"]).expect(2)
    assert "HTTP 500: no, me:**********:" in done.stderr, done.output
    assert f"http://me@127.0.0.1:{connect.server_port}" in done.stderr
    login = base64.b64encode(b"me:conn@Hush7").decode()
    assert {headers["Authorization"] for _, _, headers, _ in connect.asked} == {f"Basic {login}"}


def test_a_connect_that_does_not_answer_is_named_without_the_password(database):
    done = cdc.run("clean", "--connect-url", "http://me:connHush7@127.0.0.1:1", dsn=database.dsn,
                   secrets=["connHush7"]).expect(2)
    assert "Kafka Connect at http://me@127.0.0.1:1: GET" in done.stderr


# One for each way in, so that a leak says where it came in.
PLANTED = {
    "broker": ("--brokers", "SASL_SSL://me:{}@127.0.0.1:1"),
    "connect": ("--connect-url", "http://me:{}@127.0.0.1:1/"),
    "property": ("--kafka", "sasl.password={}"),
    "jaas": ("--kafka", "sasl.jaas.config=a.B required username=\"me\" password=\"{}\";"),
    "setting": ("--connector", "database.password={}"),
    "url": ("--connector", "http.proxy=http://me:{}@host:1"),
    "file": ("--connector-config", "/nonexistent?token={}"),
    "expect": ("--expect", "missing == 0"),
}


def live_data(running, port):
    """What the page shows, once that is more than the beginning; made when somebody has asked."""
    assert running.is_running()
    data = watching.get(port, "/data.json")[1]
    return data if "--taps" in data else None


def test_nothing_that_is_published_or_written_has_a_secret(database, out, started):
    secrets = {way: f"{way}Hush7" for way in PLANTED}
    words = [word.replace("{}", secrets[way]) for way, pair in PLANTED.items() for word in pair]
    hidden = [*secrets.values(), database.server.password]
    port = free_port()
    running = started(cdc.start(
        "run", "--taps", "wal", "--debug", "--rows", "1k", "--duration", "60s", "--listen", str(port),
        *words, "--tap-dsn", database.server.uri(database.name), out=out, secrets=hidden,
        dsn=database.dsn))
    assert cdc.await_true(lambda: not running.is_running() or watching.begun(port), "changes are seen")
    data = cdc.await_true(lambda: live_data(running, port), "the page's data has the command line")
    published = [data, *(watching.get(port, path)[1] for path in ("/", "/metrics"))]
    line = pathlib.Path(f"/proc/{running.process.pid}/cmdline").read_text(encoding="utf-8")
    running.signal()
    done = running.end().expect(130)
    options = done.json["options"]
    assert options["connect-url"] == "http://me:************@127.0.0.1:1/"
    assert "http://me:************@127.0.0.1:1/" in line
    assert "http://me:************@127.0.0.1:1/" in data
    report = cdc.run("report", str(out), secrets=hidden).expect(0)
    page = out / "report.html"
    texts = [*published, line, report.output, page.read_text(encoding="utf-8"), json.dumps(done.json)]
    for secret in cdc.secret_forms(hidden):
        assert not [text for text in texts if secret in text], secret
