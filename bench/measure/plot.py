"""speed.svg: every ratio with its interval and what was wanted, and the curves of growth."""

import csv
import statistics

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "cdcbench"  # the same file from the same numbers
from matplotlib import pyplot  # noqa: E402

CURVES = ["rows", "connections", "rows_per_txn"]


def read(folder, pattern):
    rows = []
    for path in sorted(folder.glob(pattern)):
        with open(path, newline="", encoding="utf-8") as file:
            rows += csv.DictReader(file)
    return rows


def draw_ratios(axes, ratios):
    names = [f"{r['contender']}  /  {r['against']}" for r in ratios]
    middles = [float(r["ratio"]) for r in ratios]
    axes.errorbar(middles, range(len(ratios)), fmt="o", markersize=4, capsize=3, color="#1f6feb",
                  xerr=[[m - float(r["ratio_low"]) for m, r in zip(middles, ratios)],
                        [float(r["ratio_high"]) - m for m, r in zip(middles, ratios)]])
    wanted = [(float(r["wanted"]), y) for y, r in enumerate(ratios) if r["wanted"]]
    axes.scatter(*zip(*wanted), marker="|", s=160, color="#d1242f", label="wanted", zorder=3)
    axes.set_yticks(range(len(ratios)), names, fontsize=7)
    axes.set_xscale("log")
    axes.invert_yaxis()
    axes.grid(axis="x", which="both", alpha=0.2)
    axes.legend(fontsize=7)
    axes.set_title("ratio of speeds within a round: median, 95 % interval", fontsize=9)


def draw_curve(axes, turns, kind):
    points = {}
    for turn in turns:
        name, _, number = turn["contender"].rpartition("_")
        if name == kind:
            points.setdefault(int(number), []).append(float(turn["rows_per_s"]))
    xs = sorted(points)
    axes.fill_between(xs, [min(points[x]) for x in xs], [max(points[x]) for x in xs], alpha=0.2)
    axes.plot(xs, [statistics.median(points[x]) for x in xs], "o-", markersize=3)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_title(f"COPY, rows/s by {kind.replace('_', ' ')}", fontsize=9)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.2)


def draw(folder):
    ratios = [r for r in read(folder, "*_ratios.csv") if r["part"] != "generator" or r["wanted"]]
    turns = read(folder, "growth-*.csv")
    figure = pyplot.figure(figsize=(10, 3 + 0.25 * len(ratios) + 2.5), layout="constrained")
    grid = figure.add_gridspec(2, 3, height_ratios=[max(1, len(ratios)) * 0.25 + 0.8, 2.5])
    if ratios:
        draw_ratios(figure.add_subplot(grid[0, :]), ratios)
    for number, kind in enumerate(CURVES):
        if any(turn["contender"].rpartition("_")[0] == kind for turn in turns):
            draw_curve(figure.add_subplot(grid[1, number]), turns, kind)
    figure.savefig(folder / "speed.svg", metadata={"Date": None})
    text = (folder / "speed.svg").read_text(encoding="utf-8")
    (folder / "speed.svg").write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n",
                                      encoding="utf-8")
