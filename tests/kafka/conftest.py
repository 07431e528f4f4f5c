import itertools

import pytest

from pipeline import Pipeline
from server import Database, Server
from stack import Stack

numbers = itertools.count(1)

# Connect notes what it has sent this often: what a kill makes it send again is of this length.
FLUSH_INTERVAL_MS = 3000


@pytest.fixture(scope="session")
def stack():
    """A stack of the tests' own, without a PostgreSQL."""
    stack = Stack()
    stack.environment["CDCBENCH_OFFSET_FLUSH_INTERVAL_MS"] = str(FLUSH_INTERVAL_MS)
    try:
        stack.good("up", "--local")
        yield stack
    finally:
        stack.run("down")


@pytest.fixture(scope="session")
def server():
    server = Server.make()
    try:
        yield server.start(max_wal_senders=8, max_replication_slots=8)
    finally:
        server.remove()


@pytest.fixture
def pipeline(stack, server):
    database = Database(server, f"kafka_{next(numbers)}")
    pipeline = Pipeline(stack, database)
    yield pipeline
    pipeline.clean()
    database.drop()


@pytest.fixture
def out(tmp_path):
    """A folder for results, not there yet."""
    return tmp_path / "results"


@pytest.fixture
def started():
    """Ends whatever a failing test left running: started(pipeline.start(…))."""
    running = []

    def note(command):
        running.append(command)
        return command

    yield note
    for command in running:
        command.kill()
