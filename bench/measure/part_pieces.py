"""The size of the pieces in which COPY is sent: over one connection, past the loader (bench/copy_pieces)."""

from . import postgres, programs
from .turns import Turn

SIZES = (10, 40, 160, 320, 640, 1280, 5120)  # rows: 2 kB to 1 MB


def run(writer, args):
    rows = args.rows or 200_000
    with postgres.Server() as server:
        contenders = {f"{form}_{size}_rows": lambda f=form, s=size: turn(server, f, s, rows)
                      for form in ("text", "binary") for size in SIZES}
        writer.take_turns(contenders, args.rounds, [
            (name, "text_320_rows", None) for name in contenders if name != "text_320_rows"])


def turn(server, form, size, rows):
    postgres.fresh_table()
    postgres.settle()
    before = server.cpu_s()
    used = programs.Used(programs.BUILD / "copy_pieces", form, size, rows)
    return Turn(rows=rows, seconds=float(used.output), client_cpu_s=used.cpu_s,
                server_cpu_s=server.cpu_s() - before, client_peak_bytes=used.peak_bytes)
