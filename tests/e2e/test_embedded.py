"""The throw-away PostgreSQL of a run without --dsn: there for the run, and gone after it."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest

import cdc
from server import identity, programs

QUICK = ("--rows", "2k", "--insert-rate", "off", "--updates", "500", "--update-rate", "max")


def start(clusters, out, *options):
    return cdc.start("run", *options, out=out,
                     extra_environment={"CDCBENCH_CLUSTERS": str(clusters)})


def folders(clusters):
    return sorted(clusters.glob("pg-*"))


def postmaster(folder):
    """Its process id, or None while there is none."""
    try:
        return int((folder / "data/postmaster.pid").read_text(encoding="ascii").split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"


def await_mid_run(running, out):
    """Seconds of the timeline are there: rows are being written."""
    def lines():
        return sum(len(file.read_text(encoding="utf-8").splitlines())
                   for file in out.glob("timeline.csv*"))
    cdc.await_true(lambda: not running.is_running() or (out.exists() and lines() > 2),
                   "the timeline grows")
    if not running.is_running():
        running.end().expect("still running")


@pytest.mark.main_job
def test_a_run_brings_its_own_server_and_leaves_nothing_of_it(clusters, out):
    done = start(clusters, out, *QUICK).end().expect_verified(2500)
    server = done.json["server"]
    assert server["embedded"] is True and server["embedded_settings"]["wal_level"] == "logical"
    assert server["settings"]["fsync"] == "on"
    assert folders(clusters) == []


def test_the_server_is_not_root_and_listens_to_this_machine_alone(clusters, out, started):
    running = started(start(clusters, out, "--rows", "1k", "--duration", "60s"))
    await_mid_run(running, out)
    folder, = folders(clusters)
    pid = postmaster(folder)
    assert os.stat(f"/proc/{pid}").st_uid != 0
    settings = (folder / "data/postmaster.opts").read_text(encoding="utf-8")
    listening = (folder / "data/postmaster.pid").read_text(encoding="ascii").splitlines()[5]
    assert listening in ("127.0.0.1", "localhost"), settings
    running.signal()
    running.end().expect(130)
    assert not is_alive(pid) and folders(clusters) == []


def test_an_interrupt_leaves_nothing_of_it(clusters, out, started):
    for number in (signal.SIGINT, signal.SIGTERM):
        folder = out / number.name
        running = started(start(clusters, folder, "--rows", "1k", "--duration", "60s"))
        await_mid_run(running, folder)
        running.signal(number)
        done = running.end().expect(130)
        assert done.json["interrupted"] is True
        assert folders(clusters) == []


def test_an_interrupt_while_the_server_is_being_made_leaves_nothing_of_it(clusters, out, started):
    running = started(start(clusters, out, *QUICK))
    cdc.await_true(lambda: folders(clusters), "the cluster is being made")
    running.signal()
    running.end().expect(130)
    assert folders(clusters) == [] and not out.exists()


def test_what_a_killed_run_leaves_is_removed_at_the_next_start(clusters, out, started):
    running = started(start(clusters, out / "killed", "--rows", "1k", "--duration", "60s"))
    await_mid_run(running, out / "killed")
    folder, = folders(clusters)
    pid = postmaster(folder)
    running.kill()
    cdc.await_true(lambda: not is_alive(pid), "the server ends with its run")
    assert folders(clusters) == [folder]
    done = start(clusters, out / "next", *QUICK).end().expect_verified(2500)
    assert "removed 1 throw-away server" in done.stderr
    assert folders(clusters) == []


def test_a_run_leaves_the_server_of_another_run_alone(clusters, out, started):
    first = started(start(clusters, out / "first", "--rows", "1k", "--duration", "60s"))
    await_mid_run(first, out / "first")
    folder, = folders(clusters)
    start(clusters, out / "second", *QUICK).end().expect_verified(2500)
    assert folders(clusters) == [folder] and is_alive(postmaster(folder))
    first.signal()
    first.end().expect(130)
    assert folders(clusters) == []


def test_a_kept_server_goes_on_and_is_not_taken_for_a_left_over(clusters, out):
    done = start(clusters, out / "kept", *QUICK, "--keep").end().expect_verified(2500)
    folder, = folders(clusters)
    pid = postmaster(folder)
    try:
        assert is_alive(pid)
        assert str(folder) in done.stderr
        start(clusters, out / "next", *QUICK).end().expect_verified(2500)
        assert folders(clusters) == [folder] and is_alive(pid)
    finally:
        subprocess.run([f"{programs()}/pg_ctl", "stop", "-D", folder / "data", "-m", "immediate",
                        "-w", "-s"], check=True, cwd="/", **identity())
        shutil.rmtree(folder)


def test_a_server_that_nobody_was_told_of_is_stopped(clusters):
    with open("/dev/full", "wb") as full:
        done = cdc.run("server", "start", extra_environment={"CDCBENCH_CLUSTERS": str(clusters)},
                       popen={"stdout": full}).expect(2)
    assert "could not write to stdout: No space left on device" in done.stderr
    assert folders(clusters) == []


def test_a_server_started_by_hand_is_there_until_it_is_stopped(clusters, out):
    ours = {"CDCBENCH_CLUSTERS": str(clusters)}
    done = cdc.run("server", "start", extra_environment=ours).expect(0)
    settings = dict(line.removeprefix("export ").split("=", 1) for line in done.stdout.splitlines())
    folder = pathlib.Path(settings.pop("CDCBENCH_SERVER"))
    pid = postmaster(folder)
    try:
        assert os.stat(settings["PGPASSFILE"]).st_mode & 0o077 == 0
        cdc.run("init", extra_environment=settings).expect(0)
        cdc.run("run", *QUICK, extra_environment=settings, out=out).expect_verified(2500)
        assert is_alive(pid)
    finally:
        cdc.run("server", "stop", str(folder), extra_environment=ours).expect(0)
    assert not is_alive(pid) and folders(clusters) == []
