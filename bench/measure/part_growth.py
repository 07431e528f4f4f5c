"""How cost grows: with the number of rows, of connections, of rows a transaction; and what the load costs at a
fixed rate. One contender a point: no ratios."""

from . import part_copy, postgres, programs

SECONDS = 30  # the process's start is then a hundredth of what it uses
LOADER = ("--rows", 0, "--insert-rate", "100k", "--insert-rows-per-txn", 1000, "--update-rate", "off",
          "-T", SECONDS, "-c", 2, "-j", 1)


def rows(writer, args):
    points = [10_000, 100_000, 1_000_000, 10_000_000]
    with postgres.Server() as server:
        for number in range(args.rounds):
            for n in points[:None if number == 0 else 3]:  # the last takes a minute: once
                writer.turn(f"rows_{n}", number, part_copy.by_cdcbench(server, n, 1000, 2))


def connections(writer, args):
    n_rows = args.rows or 200_000
    with postgres.Server() as server:
        for number in range(args.rounds):
            for n in (1, 2, 4, 8, 16, 32, 64):
                writer.turn(f"connections_{n}", number,
                            part_copy.by_cdcbench(server, n_rows, 1000, n))


def transactions(writer, args):
    with postgres.Server() as server:
        for number in range(args.rounds):
            for size, n_rows in ((1, 10_000), (10, 50_000), (100, 100_000), (1000, 200_000),
                                 (10_000, 200_000), (100_000, 200_000)):
                writer.turn(f"rows_per_txn_{size}", number,
                            part_copy.by_cdcbench(server, n_rows, size, 2))


def loader(writer, args):
    """Open loop at 100,000 rows a second: the client's CPU, generation included, is what is asked."""
    with postgres.Server() as server:
        for number in range(args.rounds):
            programs.output(programs.CDCBENCH, "clean", "--dsn", "", "--quiet")
            postgres.settle()
            writer.turn("100k_rows_per_s", number, programs.cdcbench_run(
                server, *LOADER, phase="mixed", operation="insert"))


def memory(writer, args):
    """10M rows with the wal tap on, every event verified: what docs/design.md bounds, under Memory."""
    n_rows = args.rows or 10_000_000
    with postgres.Server() as server:
        for n in (100_000, n_rows):
            programs.output(programs.CDCBENCH, "clean", "--dsn", "", "--quiet")
            postgres.settle()
            writer.turn(f"wal_tap_{n}", 0, programs.cdcbench_run(
                server, "--rows", n, "--rows-per-txn", 1000, "-c", 2, "-j", 2,
                "--drain-timeout", "200s", *part_copy.LOAD_ONLY, phase="load", operation="insert",
                taps="wal"))
