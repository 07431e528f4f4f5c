import os

import pytest

from stack import Stack


def pytest_configure(config):
    config.addinivalue_line("markers", "stack: starts Kafka and Connect, a minute or two")


@pytest.fixture(scope="module")
def stack():
    """A stack of the tests' own, up, with a PostgreSQL. Its caller had a pipe open."""
    stack = Stack()
    ours, theirs = os.pipe()
    stack.callers_pipe = f"pipe:[{os.fstat(theirs).st_ino}]"
    try:
        stack.good("up", "--local", "--postgres", pass_fds=[theirs])
        yield stack
    finally:
        stack.run("down")
        os.close(ours)
        os.close(theirs)


@pytest.fixture
def other_stack():
    """Another one, of which nothing runs."""
    stack = Stack()
    yield stack
    stack.run("down")
