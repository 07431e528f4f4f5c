import itertools
import pathlib
import shutil
import tempfile

import pytest

from server import Database, Server

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def template():
    """A cluster that never runs: the others are copies of it."""
    server = Server.make()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def server(template):
    """The server that most tests share, as one for logical replication is set up."""
    server = template.copy()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def own_server(template):
    """Starts servers of the test's own, with settings of its own: own_server(wal_level=…)."""
    servers = []

    def start(**settings):
        servers.append(template.copy())
        return servers[-1].start(**settings)

    yield start
    for server in servers:
        server.remove()


@pytest.fixture
def database(server):
    database = Database(server, f"e2e_{next(numbers)}")
    yield database
    database.drop()


@pytest.fixture(scope="module")
def module_database(server):
    """One for a run that several tests look at."""
    database = Database(server, f"e2e_{next(numbers)}")
    yield database
    database.drop()


@pytest.fixture
def out(tmp_path):
    """A folder for results, not there yet."""
    return tmp_path / "results"


@pytest.fixture
def clusters():
    """A root for embedded clusters, not there yet; short, since sockets are made below it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cdcbench-e2e-"))
    folder.chmod(0o711)
    yield folder / "clusters"
    shutil.rmtree(folder)


@pytest.fixture
def started():
    """Ends whatever a failing test left running: started(cdc.start(…))."""
    running = []

    def note(command):
        running.append(command)
        return command

    yield note
    for command in running:
        command.kill()


@pytest.fixture
def scenario(tmp_path):
    """Writes a scenario file and names it."""
    def write(text, **values):
        path = tmp_path / "scenario.yaml"
        path.write_text(text.format(**values), encoding="utf-8")
        return str(path)
    return write
