"""PostgreSQL servers for the tests: made with the installed server's initdb, on loopback TCP with
scram, and run as user postgres where we are root, since the server refuses to be root."""

import contextlib
import glob
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.parse

import psycopg
import psycopg.conninfo

import cdc

# All that a password may have to be quoted for in a DSN, a URI, a shell, JSON or CSV.
AWKWARD = " '\"\\%@:/?#&="

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # the servers of the tests never have to survive their host
    "wal_level": "logical",
    "max_wal_senders": "4",
    "max_replication_slots": "4",
    "max_connections": "40",
    "log_statement": "none",
}


def programs():
    """The folder with the newest installed server's programs."""
    folders = [folder for folder in glob.glob("/usr/lib/postgresql/*/bin")
               if os.path.exists(f"{folder}/initdb")]
    if folders:
        return max(folders, key=lambda folder: int(folder.split("/")[-2]))
    found = shutil.which("initdb")
    assert found, "no PostgreSQL server is installed"
    return os.path.dirname(os.path.realpath(found))


def identity():
    """What makes subprocess run a program as somebody who is not root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def free_port():
    """One below those that the kernel gives to connections: it stays free until a server takes it,
    whatever other tests connect to meanwhile."""
    while True:
        port = secrets.choice(range(20000, 32000))
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def asleep(pid):
    """A process of a server that sleeps."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class Server:
    """One cluster, made by `Server.make()` or as a copy of one that does not run."""

    def __init__(self, folder, password):
        self.folder = folder
        self.data = folder / "data"
        self.password = password
        self.port = None
        self.process = None

    @classmethod
    def make(cls):
        server = cls(cls.new_folder(), secrets.token_hex(8) + AWKWARD)
        password_file = server.folder / "password"
        password_file.write_text(server.password + "\n", encoding="ascii")
        cls.give(password_file)
        server.call("initdb", "-D", server.data, "-U", "postgres", "-A", "scram-sha-256",
                    "--pwfile", password_file, "-E", "UTF8", "--locale=C", "--no-sync")
        return server

    def copy(self):
        other = Server(self.new_folder(), self.password)
        subprocess.run(["cp", "-a", self.data, other.data], check=True)
        return other

    @classmethod
    def new_folder(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cdcbench-e2e-"))
        cls.give(folder)
        return folder

    @staticmethod
    def give(path):
        who = identity()
        if who:
            os.chown(path, who["user"], who["group"])

    def call(self, program, *arguments):
        done = subprocess.run([f"{programs()}/{program}", *arguments], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              **identity())
        assert done.returncode == 0, done.stdout + done.stderr

    def set_clock(self, clock):
        """What its processes take for the time: that of the machine and "+3s", for a server that was
        started with a clock of its own."""
        (self.folder / "clock").write_text(clock + "\n", encoding="ascii")

    def false_time(self, clock):
        """The environment that makes libfaketime show `clock`. Elapsed time stays as it is."""
        library, = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        self.set_clock(clock)
        return {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_DONT_RESET": "1"}

    def start(self, clock=None, **settings):
        """On a port of its own, which it keeps when it is started again. With `clock` ("+3s") its
        clock is wrong by as much."""
        self.port = self.port or free_port()
        chosen = SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        words = [f"--{name}={value}" for name, value in (chosen | settings).items()]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [f"{programs()}/postgres", "-D", self.data, *words], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=os.environ | (self.false_time(clock) if clock else {}), **identity())
        cdc.await_true(self.answers, "the server answers")
        return self

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, mode="fast"):
        self.call("pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", "-s")
        self.process.wait()

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.stop("immediate")
        shutil.rmtree(self.folder)

    def connect(self, database="postgres"):
        return psycopg.connect(self.dsn(database), autocommit=True)

    def dsn(self, database, user="postgres"):
        """As keywords and values."""
        return psycopg.conninfo.make_conninfo(host="127.0.0.1", port=self.port, dbname=database,
                                              user=user, password=self.password)

    def uri(self, database, user="postgres"):
        password = urllib.parse.quote(self.password, safe="")
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"


class Database:
    """A database of a test's own on a server that tests share, and a session to look into it."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        with contextlib.closing(server.connect()) as session:
            session.execute(f"CREATE DATABASE {name}")
        self.session = server.connect(name)
        self.dsn = server.dsn(name)

    def drop(self):
        self.session.close()
        with contextlib.closing(self.server.connect()) as session:
            session.execute(f"DROP DATABASE {self.name} WITH (FORCE)")

    def execute(self, sql, *parameters):
        return self.session.execute(sql, parameters or None)

    def value(self, sql, *parameters):
        return self.execute(sql, *parameters).fetchone()[0]

    def rows(self, sql, *parameters):
        return self.execute(sql, *parameters).fetchall()

    def count_rows(self):
        """Of the table; 0 while there is none."""
        try:
            return self.value("SELECT count(*) FROM transactions")
        except psycopg.errors.UndefinedTable:
            return 0

    def count_updated(self):
        try:
            return self.value("SELECT count(*) FROM transactions WHERE change_info IS NOT NULL")
        except psycopg.errors.UndefinedTable:
            return 0

    def slots(self):
        return [name for (name,) in self.rows("SELECT slot_name FROM pg_replication_slots "
                                              "WHERE database = current_database()")]

    def walsender(self):
        """The pid of the one that feeds the wal tap."""
        return self.value("SELECT active_pid FROM pg_replication_slots "
                          "WHERE database = current_database()")

    def backends(self):
        """Of the program, its walsender left out."""
        return [pid for (pid,) in self.rows(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'cdcbench' "
            "AND datname = current_database() AND backend_type = 'client backend'")]

    def catalog(self):
        """All that a run could have made or changed on the server, for comparing."""
        return self.rows("""
            SELECT 'relation', n.nspname || '.' || c.relname,
                   concat_ws(' ', c.relkind, c.relreplident, obj_description(c.oid, 'pg_class'))
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
            UNION ALL
            SELECT 'function', p.oid::regprocedure::text, md5(p.prosrc)
              FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
            UNION ALL
            SELECT 'trigger', tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL
            SELECT 'publication', pubname, pubowner::regrole::text FROM pg_publication
            UNION ALL
            SELECT 'role', rolname, concat_ws(' ', rolsuper, rolreplication) FROM pg_roles
            UNION ALL
            SELECT 'slot', slot_name, plugin FROM pg_replication_slots
            UNION ALL
            SELECT 'setting', name, setting FROM pg_file_settings
            ORDER BY 1, 2, 3""")
