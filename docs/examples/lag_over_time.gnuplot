# The lag on each tap over time, from timeline.csv:
#
#     gnuplot -e "run='results/reference/kafka-poll-500'" docs/examples/lag_over_time.gnuplot
#
# writes lag_over_time.svg. Columns are named, never counted; what was not measured is empty, and a gap.
if (!exists("run")) run = "."
set datafile separator ","
set datafile missing ""
set key autotitle columnhead
set terminal svg size 900,420 background rgb "white"
set output "lag_over_time.svg"
set xlabel "seconds since the run's start"
set ylabel "lag from commit to receipt, ms"
set logscale y
set grid
timeline = run . "/timeline.csv"
plot timeline using "second":(column("wal_lag_p50_us") / 1000) with lines lw 2 title "wal p50", \
     timeline using "second":(column("wal_lag_p99_us") / 1000) with lines dt 2 title "wal p99", \
     timeline using "second":(column("kafka_lag_p50_us") / 1000) with lines lw 2 title "kafka p50", \
     timeline using "second":(column("kafka_lag_p99_us") / 1000) with lines dt 2 title "kafka p99"
