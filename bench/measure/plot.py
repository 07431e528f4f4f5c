"""speed.svg: every ratio with its interval, those that have a reach beside it, and the curves of growth."""

import csv
import statistics

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "cdcbench"  # the same file from the same numbers
from matplotlib import pyplot  # noqa: E402

NAMES = {"rows": "rows loaded", "connections": "connections", "rows_per_txn": "rows a transaction"}
LINE_INCHES = 0.19


def read(folder, pattern):
    rows = []
    for path in sorted(folder.glob(pattern)):
        with open(path, newline="", encoding="utf-8") as file:
            rows += csv.DictReader(file)
    return rows


def label(row, last):
    """One line's name; where a part begins, that too."""
    part = f"{row['part']}:  " if last is None or last["part"] != row["part"] else ""
    return f"{part}{row['contender']}  /  {row['against']}"


def draw_ratios(axes, ratios, title, of_reach):
    """A line a comparison; of_reach: the axis is the ratio divided by what was wanted of it, so that 1 is
    the reach of all, and 255 stands beside 0.6."""
    scale = [float(r["wanted"]) if of_reach else 1 for r in ratios]
    middles, lows, highs = ([float(r[name]) / by for r, by in zip(ratios, scale)]
                            for name in ("ratio", "ratio_low", "ratio_high"))
    ys = range(len(ratios))
    axes.errorbar(middles, ys, fmt="o", markersize=4, capsize=3, color="#1f6feb",
                  xerr=[[m - low for m, low in zip(middles, lows)],
                        [high - m for m, high in zip(middles, highs)]])
    axes.axvline(1, color="#d1242f", linewidth=1)
    axes.set_yticks(ys, [label(r, last) for r, last in zip(ratios, [None, *ratios])], fontsize=7)
    told = axes.secondary_yaxis("right")
    told.set_yticks(ys, [f"{float(r['ratio']):.3g}" + (f" of {float(r['wanted']):g}" if of_reach else "")
                         for r in ratios], fontsize=7)
    axes.set_ylim(len(ratios) - 0.5, -0.5)
    axes.set_xlim(left=min(0.4, *lows))
    axes.tick_params(axis="x", labelsize=7)
    axes.grid(axis="x", alpha=0.3)
    axes.set_title(title, fontsize=9)


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
    axes.yaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k")
    axes.set_title(f"COPY, rows/s by {NAMES[kind]}", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.2)


def draw(folder):
    ratios = [r for r in read(folder, "*_ratios.csv") if r["part"] != "generator" or r["wanted"]]
    with_reach = [r for r in ratios if r["wanted"]]
    others = [r for r in ratios if not r["wanted"]]
    turns = read(folder, "growth-*.csv")
    heights = [len(with_reach) * LINE_INCHES + 0.5, len(others) * LINE_INCHES + 0.5, 2.5]
    figure = pyplot.figure(figsize=(10, sum(heights) + 0.5), layout="constrained")
    grid = figure.add_gridspec(3, 3, height_ratios=heights)
    if with_reach:
        draw_ratios(figure.add_subplot(grid[0, :]), with_reach, of_reach=True,
                    title="speed against the reach: ratio within a round divided by the ratio wanted; "
                          "median, 95 % interval")
    if others:
        draw_ratios(figure.add_subplot(grid[1, :]), others, of_reach=False,
                    title="other comparisons: ratio of speeds within a round; median, 95 % interval")
    for number, kind in enumerate(NAMES):
        if any(turn["contender"].rpartition("_")[0] == kind for turn in turns):
            draw_curve(figure.add_subplot(grid[2, number]), turns, kind)
    figure.savefig(folder / "speed.svg", metadata={"Date": None})
    text = (folder / "speed.svg").read_text(encoding="utf-8")
    (folder / "speed.svg").write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n",
                                      encoding="utf-8")
