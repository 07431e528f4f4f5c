/*
 * result: everything that a run yields, as plain data: made by the controller, read by the report
 * layer. Durations in µs or ns as their names say. A figure that was not measured is marked so
 * (`has_…` false, or NOT_MEASURED), never 0.
 */
#ifndef CDCBENCH_RESULT_RESULT_H
#define CDCBENCH_RESULT_RESULT_H

#include "base/clock.h"
#include "base/hist.h"
#include "base/lag.h"
#include "model/verify/verify.h"
#include "plan/schedule/scenario.h"
#include "result/foreign_clock.h"
#include "result/pace.h"
#include "result/stages.h"

/* What a lag is counted for: every event, or a transaction, by its first or its last event. */
typedef enum { SCOPE_EVENT, SCOPE_FIRST, SCOPE_LAST, SCOPE_COUNT } lag_scope_t;
extern const char *const lag_scope_names[SCOPE_COUNT]; /* "event", "first", "last" */

/* A figure that was not measured. */
#define NOT_MEASURED INT64_MIN

typedef enum {
    USAGE_WAL_BYTES,     /* that the server wrote, for whomever */
    USAGE_CHECKPOINTS,   /* begun meanwhile: full page images follow each */
    USAGE_SERVER_CPU_US, /* of all of its processes but the walsenders */
    USAGE_WALSENDER_CPU_US,
    USAGE_DEBEZIUM_WALSENDER_CPU_US,
    USAGE_CLIENT_CPU_US, /* of this process: load, taps and verification */
    USAGE_CONNECT_CPU_US,
    USAGE_BROKER_CPU_US,
    USAGE_KAFKA_BYTES, /* keys and values that the kafka tap read, uncompressed */
    USAGE_KINDS
} usage_kind_t;

/* What was used up in a phase, with whatever else goes on in these processes; each NOT_MEASURED
 * where it could not be read, or was not asked for (run_opts_t). */
typedef struct {
    int64_t of[USAGE_KINDS];
} usage_t;
extern const usage_t usage_unknown; /* all NOT_MEASURED */

/* Latency and counts of one stream in one phase, merged over the threads. */
typedef struct {
    uint64_t transactions, rows, errors, retries, bytes;
    uint64_t rolled_back, rows_rolled_back; /* transactions that the scenario has rolled back */
    int64_t first_sent_ns, last_acked_ns;   /* relative to the run's start; NOT_MEASURED: none */
    hist_t *latency;                        /* from the intended time; NULL: nothing recorded */
    hist_t *service;                        /* from the send */
} op_result_t;

typedef struct {
    op_result_t ops[STREAM_COUNT];
    int64_t start_ns,
        end_ns;           /* relative to the run's start; NOT_MEASURED: it did not begin (end) */
    hist_t *schedule_lag; /* how late an idle connection sent what was due; NULL: nothing due by the
                             clock */
    /* What was due by the clock and not done, looked at every BACKLOG_LOOK_NS. */
    uint64_t backlog_peak_rows;
    int64_t backlog_peak_us;  /* how long the oldest had been due */
    int64_t overload_from_ns; /* when it passed its bound first, relative; NOT_MEASURED: never */
    int64_t overload_us;      /* for how long, in all */
    struct {
        int64_t events; /* seen while draining; NOT_MEASURED: this is no drain, or the tap is off */
        int64_t us;     /* from the drain's start to the last of them */
    } drain[TAP_COUNT];
    usage_t used;
    pace_t pace[TAP_COUNT]; /* whether each tap kept up; of phases with a rate */
} phase_result_t;

/* What came of holding Debezium's own count of each transaction's events, which the END records of
 * its transaction topic carry, against the events that a tap saw (run/tap/transaction_ends.h). */
typedef enum {
    END_DIFFERS, /* its END counts other events than were seen */
    END_MISSING, /* events were seen, and no END */
    END_UNSEEN,  /* an END counts events, and none was seen */
    END_FAULT_KINDS
} end_fault_kind_t;
extern const char *const end_fault_names[END_FAULT_KINDS]; /* as verify.csv's columns */

/* One count of one transaction that is not what was seen. */
typedef struct {
    end_fault_kind_t kind;
    uint64_t txid;
    char collection[2 * 64 + 1]; /* "public.transactions"; "": all of the run's tables */
    uint64_t told;               /* by the END; 0 with END_MISSING, which has none */
    uint64_t seen;
} end_fault_t;

#define END_FAULTS_KEPT 10

/* Transactions are those with events in the run's tables. */
typedef struct {
    bool measured;     /* there was a transaction topic, and every event named its transaction; else
                          all that follows means nothing */
    uint64_t nameless; /* events that did not: flattened rows without their source */
    uint64_t ends;     /* END records read, that count events of the run's tables */
    uint64_t agree;    /* transactions in which every count is what was seen */
    uint64_t faults[END_FAULT_KINDS]; /* transactions in which it is not */
    uint64_t undecided;  /* transactions that were not over when the tap stopped reading early */
    uint64_t repeated;   /* ENDs of a transaction that had one already */
    uint64_t unreadable; /* records that tell of no transaction */
    bool overflowed;     /* more were open at once than are kept: the rest was not held */
    size_t n_kept;       /* of the lowest transaction numbers */
    end_fault_t kept[END_FAULTS_KEPT];
} end_counts_t;

/* Transactions in which a count is not what was seen. */
uint64_t end_counts_faulty(const end_counts_t *counts);

/* Everything agrees, and nothing was left out. */
bool end_counts_clean(const end_counts_t *counts);

typedef struct {
    bool on;       /* this tap was asked for */
    bool complete; /* it was given all it needed: what it lacks is missing for good. False: it ended
                      early, or the run did, and nothing can be said of what it lacks */
    char error[1024]; /* why it ended early, or did not catch up in time; or "" */
    verify_totals_t verify;
    bool unverified;            /* others wrote what it read: nothing was held against anything */
    const verifier_t *verifier; /* for its faults; owned by the controller */
    lag_t
        *lag[SCOPE_COUNT][SCENARIO_PHASES_MAX][OP_COUNT][STAGE_COUNT]; /* NULL: nothing recorded */
    uint64_t seen[OP_COUNT]; /* distinct events of this run */
    uint64_t events, transactions, bytes;
    uint64_t
        unmatched_transactions; /* found in no ledger entry: stages that need one not recorded */
    uint64_t start_lsn, last_lsn;
    /* kafka only */
    uint64_t wire_bytes; /* as compressed as they were; 0: not known */
    uint64_t unreadable; /* of an unverified tap: records that are no event */
    uint64_t tombstones, removed_offsets, skipped_offsets, outages;
    end_counts_t ends;
} tap_result_t;

/* A time in which nothing was acknowledged although something was due (run/load/work.h). */
#define STALL_MIN_NS (INT64_C(500) * 1000 * 1000) /* what is shorter is not called one */
#define STALLS_MAX   64

typedef struct {
    int64_t from_ns; /* the last acknowledgement, or when the first one missing was due */
    int64_t to_ns;   /* the next acknowledgement; CLOCK_MONOTONIC, or relative in a result */
    uint32_t phase;  /* of that one */
} stall_t;

/* A replication slot: what the server keeps for it, and what its decoding has put aside since it
 * was made. NOT_MEASURED: there is none, or it could not be asked. */
typedef struct {
    int64_t retained_bytes, unconfirmed_bytes;
    int64_t spilled_bytes, streamed_bytes;
    int64_t spilled_txns;
} slot_row_t;

/* Checkpoints: those that the clock began, those that something asked for (enough WAL, for one),
 * and what they wrote. */
typedef struct {
    int64_t timed, requested, written_bytes;
} checkpoint_row_t;

/* What one series of *.hlog got in one interval (run/control/series.h); borrowed for the call. */
#define SERIES_TAG_BYTES 96
typedef struct {
    const char *tag;
    int64_t start_ns, end_ns; /* since the run's start … */
    int64_t zero_unix_us;     /* … which was then */
    const hist_t *hist;
} series_interval_t;

/* One second of the run. */
typedef struct {
    double second; /* since the run's start, at the end of this interval */
    double interval_s;
    uint32_t phase;
    struct {
        int64_t due_rows, sent_rows,
            acked_rows;                 /* in this interval; due NOT_MEASURED for closed streams */
        int64_t backlog_rows;           /* due and not yet acknowledged; NOT_MEASURED likewise */
        int64_t p50_us, p99_us, max_us; /* latency; NOT_MEASURED: no transaction ended */
        int64_t errors;
    } ops[STREAM_COUNT];
    struct {
        int64_t seen_rows;   /* events in this interval; NOT_MEASURED: tap off or ended */
        int64_t behind_rows; /* acknowledged and not yet seen */
        int64_t behind_us;   /* the age of the oldest of them (behind.h) */
        int64_t p50_us, p99_us, max_us; /* commit_to_receipt */
    } taps[TAP_COUNT];
    slot_row_t slots[TAP_COUNT];                   /* the wal tap's own, and Debezium's */
    int64_t client_cpu_permille, client_rss_bytes; /* permille of one core */
    int64_t server_cpu_permille,
        server_rss_bytes; /* all of its processes; embedded or same host only */
    int64_t walsender_cpu_permille, walsender_rss_bytes;
    int64_t broker_cpu_permille, broker_rss_bytes;
    int64_t connect_cpu_permille, connect_rss_bytes;
    int64_t clock_offset_us, clock_uncertainty_us;
    int64_t kafka_unread_messages; /* in the topic, and not yet received */
    int64_t debezium_walsender_cpu_permille, debezium_walsender_rss_bytes;
    int64_t wal_written_bytes;    /* in this interval, by everybody */
    checkpoint_row_t checkpoints; /* in this interval */
    int64_t overload_us; /* of the interval, past the backlog's bound; NOT_MEASURED: it has none */
} timeline_row_t;

typedef struct {
    const scenario_t *scenario;
    clock_anchor_t start; /* the run's zero */
    int64_t end_ns;       /* relative */
    phase_result_t phases[SCENARIO_PHASES_MAX];
    tap_result_t taps[TAP_COUNT];
    uint64_t acknowledged; /* changes: what the taps are held against */
    uint64_t reconnects, in_doubt,
        in_doubt_committed; /* transactions whose outcome had to be asked for */
    uint64_t undetermined;  /* transactions whose outcome was never learnt: done or not */
    int64_t ddl_ns; /* when a column had been added to every table; relative, or NOT_MEASURED */
    bool interrupted, overloaded; /* overloaded: the ledger, or the backlog, passed its bound */
    uint64_t n_stalls;            /* the first STALLS_MAX are kept; times relative */
    stall_t stalls[STALLS_MAX];
    err_t failure; /* code ERR_NONE, or why the load ended before its end */
    int64_t clock_offset_us,
        clock_uncertainty_us;         /* server minus client, at the end; NOT_MEASURED: no sample */
    int64_t clock_uncertainty_max_us; /* the largest, of the timeline's and the end's */
    double clock_drift_ppm, clock_drift_uncertainty_ppm; /* NAN: too few readings to tell */
    char watched[2 * 64]; /* the table that others wrote to: nothing was verified; "": a run */
    uint64_t clock_samples;
    uint64_t clock_breaks; /* how often a clock was set, or changed its rate */
    foreign_clock_t foreign_clocks[CLOCK_COUNT];
    int64_t client_cpu_us; /* user + system of the whole process, during the run */
    int64_t client_rss_peak_bytes;
    uint64_t ledger_peak, ledger_dropped;
    const char *pipeline; /* JSON: Kafka's and Debezium's versions, topic, connector; NULL: none */
    /* Why duplicates on Kafka are no fault. They are counted always. */
    bool restarts_seen; /* Connect or every broker was away for a while */
    bool at_least_once; /* --delivery */
    size_t n_timeline;  /* rows in `timeline`, oldest first; owned by the controller */
    const timeline_row_t *timeline;
} result_t;

/* From the first send to the last acknowledgement: of a stream in a phase, or of all of them; NAN
 * when there is neither. */
double result_op_seconds(const op_result_t *op);
double result_phase_seconds(const phase_result_t *phase);

/* Over these seconds; NAN when they are not above zero. */
double result_op_rows_per_s(const op_result_t *op);

/* Events per second of a drain on a tap; NAN where it had none to wait for. */
double result_drain_per_s(const phase_result_t *phase, tap_id_t tap);

#endif
