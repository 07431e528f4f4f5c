/*
 * config: every setting of a run as one plain structure, with its defaults; filled by options.h
 * from the command line, and by a scenario. Precedence: defaults, scenario, command line, --set.
 * One thread; strings are owned by it.
 *
 * The options of the group "What is done to them" stand for keys of the scenario quick; with
 * another one they work where it has such a phase and stream. Two of them depend on what was given:
 *   - The duration bounds only those streams that have no count (--inserts, --updates). Where both
 *     have one, the mixed phase lasts as long as they take.
 *   - Bursts are a part of the update rate. With a rate and no burst given, updates are even; with
 * a burst and no rate given (or the rate off), the bursts are all there is. With neither, the
 *     defaults of both hold.
 */
#ifndef CDCBENCH_PLAN_OPTIONS_CONFIG_H
#define CDCBENCH_PLAN_OPTIONS_CONFIG_H

#include "plan/schedule/scenario.h"

typedef enum { OVERLOAD_MARK, OVERLOAD_STOP } on_overload_t;

/* A stream's rate as the user gives it: off, max (closed loop), or rows per second. */
typedef struct {
    stream_kind_t kind;
    double per_s;
} rate_t;

/* Texts in the order in which they were given; owned by the config. */
typedef struct {
    char **items;
    size_t n;
} text_list_t;

typedef enum { DELIVERY_EXACTLY_ONCE, DELIVERY_AT_LEAST_ONCE } delivery_t;

/* The first of these are model/encode/encode.h's formats, by the same numbers. */
typedef enum { GEN_TEXT, GEN_BINARY, GEN_CSV, GEN_DEBEZIUM } gen_format_t;

#define CONFIG_OPTIONS_MAX 160

/* A scenario as its file has it: plan/scenario/scenario_spec.h, which also frees it. */
typedef struct scenario_spec scenario_spec_t;

typedef struct {
    bool given[CONFIG_OPTIONS_MAX]; /* on the command line, by the option's place in the table */
    char *scenario;                 /* the file's path or the built-in one's name; NULL: quick */
    scenario_spec_t *spec;          /* of config_read_scenario; owned … */
    void (*spec_free)(scenario_spec_t *spec); /* … and freed by this */
    text_list_t set;                          /* KEY=VALUE: keys of the scenario */
    text_list_t expect;                       /* "lag_p99 < 2s" */
    uint64_t repeat;                          /* how often the scenario is run, one after another */
    bool repeat_same_table;                   /* else on a fresh table each time */
    bool explain_cost; /* run the scenario COST_SCENARIO under several conditions */
    bool dry_run, list_scenarios;
    /* where */
    char *dsn;              /* NULL: PGHOST and friends, or the embedded server */
    char *tap_dsn;          /* the replication connection's way; NULL: as dsn */
    char *pg_bin;           /* NULL: look for the installed server */
    bool keep;              /* leave the embedded server running */
    char *brokers;          /* NULL: no Kafka */
    text_list_t kafka;      /* librdkafka's properties, KEY=VALUE */
    char *topic;            /* that produce writes into */
    uint64_t partitions;    /* of it, when it is made */
    char *connect_url;      /* NULL: whoever runs the connector, it is not us */
    char *connector_config; /* a JSON file; NULL: none */
    text_list_t connector;  /* KEY=VALUE, over the file and the defaults */
    delivery_t delivery;
    /* what */
    char *name; /* of the scenario: "quick" */
    uint64_t seed;
    key_kind_t key_kind;
    text_list_t tables; /* names; none: the scenario's, else transactions */
    bool replica_identity_full;
    triggers_t triggers;
    uint64_t rows, rows_per_txn; /* phase load */
    int64_t duration_ns;         /* phase mixed */
    rate_t insert_rate;
    uint64_t inserts, insert_rows_per_txn; /* inserts 0: by rate and duration */
    rate_t update_rate;
    bool update_rate_given;
    uint64_t updates, update_rows_per_txn;
    uint64_t burst_rows;
    bool burst_given;
    int64_t burst_every_ns;
    /* how */
    uint64_t connections, threads;
    bool copy_binary;
    bool connections_given;
    bool tap_wal, tap_kafka;
    bool taps_given; /* else kafka is on where there are brokers */
    int64_t drain_timeout_ns, reconnect_timeout_ns;
    int64_t ddl_at_ns;          /* after the run's start; 0: never */
    uint64_t backlog_max_rows;  /* due and not done; 0: no bound */
    int64_t backlog_max_age_ns; /* for how long the oldest of it may have been due; 0: no bound */
    uint64_t ledger_max;        /* transactions not yet passed by every tap */
    on_overload_t on_overload;
    /* gen */
    gen_format_t gen_format;
    uint64_t gen_first;
    char *gen_shard;  /* "2/3" (plan/schedule/shard.h); NULL: the whole */
    bool gen_schemas; /* of produce too */
    char *gen_output; /* NULL or "-": stdout */
    /* size; NULL, 0 or not given: as the run measured, or what is assumed (report/analysis/size.c)
     */
    int64_t size_retention_ns, size_outage_ns;
    uint64_t size_replication, size_consumers, size_event_bytes;
    bool size_retention_given, size_outage_given, size_replication_given, size_consumers_given;
    char *size_peak, *size_growth, *size_events, *size_drain, *size_broker, *size_partition;
    char *compare_phase; /* NULL: the one that changed rows for the longest time */
    /* watch */
    char *watch_publication; /* NULL: one is made */
    char *watch_topic;       /* NULL: Kafka is not read */
    int64_t watch_ns;        /* 0: until it is interrupted */
    /* output */
    char *out; /* NULL: results/<UTC time>-<name> */
    int64_t progress_ns;
    bool progress_given; /* -P: plain lines even on a terminal */
    char *listen;        /* NULL: nobody can watch over HTTP */
    bool json;           /* a line a second on stdout */
    bool quiet, debug;
    bool help, version; /* asked for: print it and do nothing else */
} config_t;

/* Fills a fresh structure (whatever was in it is not freed). False when memory is out. */
bool config_defaults(config_t *config);

/* Frees the strings; the structure is then as fresh as before. */
void config_free(config_t *config);

/* Whether changes are read from Kafka: as --taps says, else where there are brokers. */
bool config_tap_kafka(const config_t *config);

#endif
