"""The generator beside memcpy between buffers larger than the caches, on one core; and each field's cost."""

import csv
import statistics

from . import programs
from .turns import Turn

ROWS = 3_000_000


def run(writer, args):
    shown = programs.output(programs.BUILD / "generator", args.rounds, ROWS)
    turns = {}
    for row in csv.DictReader(shown.splitlines()):
        turn = Turn(rows=int(row["rows"]), seconds=int(row["ns"]) / 1e9, size_bytes=int(row["bytes"]))
        turns.setdefault(row["contender"], []).append(turn)
        writer.turn(row["contender"], row["round"], turn)
    for name, contender in turns.items():
        if name.startswith(("text", "binary", "csv", "debezium")):
            # Bytes beside bytes: memcpy has no rows.
            writer.ratio(name, [as_bytes(t) for t in contender], "memcpy", turns["memcpy"],
                         0.5 if name == "text_avx2_memory" else None)
    write_fields(writer.folder, turns)


def as_bytes(turn):
    return Turn(rows=0, seconds=turn.seconds, size_bytes=turn.size_bytes)


def write_fields(folder, turns):
    """ns a row: a part alone, less the draw that all share; and the whole."""
    draw = statistics.median(t.seconds / t.rows for t in turns["field_draw"])
    with open(folder / "generator_fields.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["field", "ns_per_row"])
        for name, contender in turns.items():
            if name.startswith("field_"):
                cost = statistics.median(t.seconds / t.rows for t in contender)
                field = name.removeprefix("field_")
                out.writerow([field, round((cost if field == "draw" else cost - draw) * 1e9, 2)])
        whole = statistics.median(t.seconds / t.rows for t in turns["text_avx2_cached"])
        out.writerow(["the whole row, COPY text", round(whole * 1e9, 2)])
