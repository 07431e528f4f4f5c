#!/usr/bin/env python3
"""Where the lag of a run comes from, with pandas:

    python3 docs/examples/where_the_lag_is.py results/reference/kafka-poll-500

The CSV files load as they are: a header with units in the names, empty for what was not measured."""
import sys

import pandas as pd

WHOLE = "commit_to_receipt"
NO_PART = {WHOLE, "ack_to_receipt", "intended_to_receipt", "kafka_minus_wal"}

run = sys.argv[1] if len(sys.argv) > 1 else "."

lag = pd.read_csv(f"{run}/lag.csv")
lag = lag[lag.operation == "all"].set_index(["phase", "tap", "stage"])

print("mean lag, ms, by stage: the parts sum to the whole")
means = lag.mean_us.div(1000).unstack("stage").dropna(axis="columns", how="all").round(3)
print(means.to_string(na_rep="-"))

parts = means.drop(columns=[stage for stage in means if stage in NO_PART])
print("\nlargest part")
for (phase, tap), row in parts.iterrows():
    print(f"{phase} {tap}: {row.idxmax()}, {row.max() / row.sum():.0%}")

timeline = pd.read_csv(f"{run}/timeline.csv")
print("\nseconds in which a tap was more than a second behind")
for tap in ("wal", "kafka"):
    column = timeline[f"{tap}_lag_p99_us"]
    print(f"{tap}: {int((column > 1e6).sum())} of {int(column.notna().sum())} measured")
