"""Contenders that take turns, and what their turns say.

In each round every contender does its work once, so that a slow minute of the machine hits them all. What
counts is the ratio within a round: its median, and a 95 % interval by resampling the rounds (percentile
bootstrap of the median; with few rounds hardly less than their whole range)."""

import csv
import dataclasses
import random
import statistics

TURN_COLUMNS = ["part", "contender", "round", "rows", "seconds", "rows_per_s", "mb_per_s",
                "client_cpu_s_per_million_rows", "server_cpu_s_per_million_rows", "client_peak_bytes"]
RATIO_COLUMNS = ["part", "contender", "against", "rounds", "rows_per_s", "against_rows_per_s", "ratio",
                 "ratio_low", "ratio_high", "wanted"]
RESAMPLES = 10_000


@dataclasses.dataclass
class Turn:
    """One contender's work, once. What was not measured is None, and an empty field."""
    rows: int
    seconds: float
    size_bytes: int | None = None
    client_cpu_s: float | None = None
    server_cpu_s: float | None = None
    client_peak_bytes: int | None = None

    @property
    def speed(self):
        """Rows a second; bytes a second where there are no rows."""
        return (self.rows or self.size_bytes) / self.seconds

    def fields(self):
        per_million = 1e6 / self.rows if self.rows else None
        return {
            "rows": self.rows or None, "seconds": round(self.seconds, 6),
            "rows_per_s": round(self.rows / self.seconds) if self.rows else None,
            "mb_per_s": None if self.size_bytes is None
            else round(self.size_bytes / self.seconds / 1e6, 1),
            "client_cpu_s_per_million_rows": None if self.client_cpu_s is None or not per_million
            else round(self.client_cpu_s * per_million, 3),
            "server_cpu_s_per_million_rows": None if self.server_cpu_s is None or not per_million
            else round(self.server_cpu_s * per_million, 3),
            "client_peak_bytes": self.client_peak_bytes,
        }


def interval(ratios):
    """Of their median, 95 %. The same every time: the resampling has a seed of its own."""
    chance = random.Random(0)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios)))
                     for _ in range(RESAMPLES))
    return medians[int(RESAMPLES * 0.025)], medians[int(RESAMPLES * 0.975)]


class Writer:
    """<part>.csv, a line a turn, and <part>_ratios.csv; each is there when it has a first line."""

    def __init__(self, folder, part):
        self.folder, self.part = folder, part
        self.files, self.tables = [], {}

    def write(self, columns, row, kind=""):
        if kind not in self.tables:
            self.files.append(open(self.folder / f"{self.part}{kind}.csv", "w", newline="",
                                   encoding="utf-8"))
            self.tables[kind] = csv.DictWriter(self.files[-1], columns, lineterminator="\n")
            self.tables[kind].writeheader()
        self.tables[kind].writerow(row)
        for file in self.files:
            file.flush()
        print(" ".join(f"{k}={v}" for k, v in row.items() if v is not None), flush=True)

    def turn(self, contender, number, turn):
        self.write(TURN_COLUMNS, {"part": self.part, "contender": contender, "round": number}
                   | turn.fields())

    def ratio(self, contender, turns, against, against_turns, wanted):
        ratios = [a.speed / b.speed for a, b in zip(turns, against_turns)]
        low, high = interval(ratios)
        self.write(RATIO_COLUMNS, {
            "part": self.part, "contender": contender, "against": against, "rounds": len(ratios),
            "rows_per_s": round(statistics.median(t.speed for t in turns)),
            "against_rows_per_s": round(statistics.median(t.speed for t in against_turns)),
            "ratio": round(statistics.median(ratios), 3), "ratio_low": round(low, 3),
            "ratio_high": round(high, 3), "wanted": wanted}, "_ratios")

    def take_turns(self, contenders, rounds, comparisons):
        """contenders: {name: function that returns a Turn}; comparisons: (name, against, wanted ratio
        or None). Each round begins with the next contender: nobody always comes after the same one's
        work."""
        turns = {name: [] for name in contenders}
        names = list(contenders)
        for number in range(rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                turns[name].append(contenders[name]())
                self.turn(name, number, turns[name][-1])
        for name, against, wanted in comparisons:
            self.ratio(name, turns[name], against, turns[against], wanted)

    def close(self):
        for file in self.files:
            file.close()
