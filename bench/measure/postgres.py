"""A server of the benchmark's own, and what it costs."""

import os
import pathlib
import re
import time

from . import programs
from .turns import Turn

COLUMNS = ("transaction_id, user_id, timestamp, amount, currency, city, country, merchant_name, "
           "payment_method, ip_address, voucher_code, affiliateId")


def psql(sql, *options):
    return programs.output("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-At", *options, "-c",
                           sql).strip()


def psql_turn(server, sql, rows):
    """A Turn of statements that psql sends; seconds as its \\timing counts them."""
    before = server.cpu_s()
    used = programs.Used("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", stdin=f"\\timing on\n{sql}\n")
    seconds = sum(float(ms) for ms in re.findall(r"Time: ([\d.]+) ms", used.output)) / 1000
    return Turn(rows=rows, seconds=seconds, client_cpu_s=used.cpu_s,
                server_cpu_s=server.cpu_s() - before, client_peak_bytes=used.peak_bytes)


class Server:
    """`cdcbench server start`: libpq's environment leads to it while it is there."""

    def __enter__(self):
        shown = programs.output(programs.CDCBENCH, "server", "start")
        self.environment = dict(re.findall(r"^export (\w+)=(.*)$", shown, re.M))
        os.environ.update(self.environment)
        # A vacuum that begins in the middle of one contender's turn would be its bad luck.
        psql("ALTER SYSTEM SET autovacuum = off")
        psql("ALTER SYSTEM SET max_wal_size = '16GB'")
        psql("ALTER SYSTEM SET max_slot_wal_keep_size = -1")
        psql("SELECT pg_reload_conf()")
        data = pathlib.Path(psql("SHOW data_directory"))
        self.pid = int((data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        return self

    def __exit__(self, *_):
        programs.output(programs.CDCBENCH, "server", "stop", os.environ["CDCBENCH_SERVER"])
        for name in self.environment:
            del os.environ[name]

    def cpu_s(self):
        """Of all its processes so far, those that have ended included: their time is the postmaster's once it
        has buried them. A reading in which that happens is taken again."""
        while True:
            pids = programs.children(self.pid)
            try:
                seconds = sum(programs.cpu_s(self.pid)[1:]) + sum(programs.cpu_s(pid)[1] for pid in pids)
            except OSError:
                continue
            if programs.children(self.pid) == pids:
                return seconds


def settle():
    """Every turn begins with nothing left to write."""
    psql("CHECKPOINT")
    time.sleep(0.3)


def fresh_table():
    programs.output(programs.CDCBENCH, "clean", "--dsn", "", "--quiet")
    programs.output(programs.CDCBENCH, "init", "--dsn", "", "--quiet")
