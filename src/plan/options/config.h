/*
 * config: every setting of a command as one plain structure, a part for each concern, with its
 * defaults; filled by options.h from the command line, and by a scenario. Precedence: defaults,
 * scenario, command line, --set. One thread; strings are owned by it.
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

#include "plan/options/taps.h"
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
    size_t n, cap;
} text_list_t;

typedef enum { DELIVERY_EXACTLY_ONCE, DELIVERY_AT_LEAST_ONCE } delivery_t;

/* The first of these are model/encode/encode.h's formats, by the same numbers. */
typedef enum { GEN_TEXT, GEN_BINARY, GEN_CSV, GEN_DEBEZIUM } gen_format_t;

#define CONFIG_OPTIONS_MAX 160

/* A scenario as its file has it: plan/scenario/scenario_spec.h, which also frees it. */
typedef struct scenario_spec scenario_spec_t;

/* The scenario: which one, as read, and what is asked of it. */
typedef struct {
    char *word;            /* the file's path or the built-in one's name; NULL: quick */
    scenario_spec_t *spec; /* of config_read_scenario; owned … */
    void (*spec_free)(scenario_spec_t *spec); /* … and freed by this */
    text_list_t set;                          /* KEY=VALUE: keys of the scenario */
    text_list_t expect;                       /* "lag_p99 < 2s" */
    char *name;                               /* what the run is called: "quick" */
    bool list;                                /* name the built-in ones and do nothing else */
} config_scenario_t;

/* The options that stand for keys of the scenario quick. */
typedef struct {
    uint64_t rows, rows_per_txn; /* phase load; rows: of gen too */
    int64_t duration_ns;         /* phase mixed, as all below */
    rate_t insert_rate;
    uint64_t inserts, insert_rows_per_txn; /* inserts 0: by rate and duration */
    rate_t update_rate;
    bool update_rate_given;
    uint64_t updates, update_rows_per_txn;
    uint64_t burst_rows;
    bool burst_given;
    int64_t burst_every_ns;
} config_quick_t;

typedef struct {
    char *dsn;     /* NULL: PGHOST and friends, or the embedded server */
    char *tap_dsn; /* the replication connection's way; NULL: as dsn */
    char *pg_bin;  /* NULL: look for the installed server */
    bool keep;     /* leave the embedded server running */
} config_server_t;

typedef struct {
    char *brokers;          /* NULL: no Kafka */
    text_list_t properties; /* librdkafka's, KEY=VALUE */
    char *connect_url;      /* NULL: whoever runs the connector, it is not us */
    char *connector_config; /* a JSON file; NULL: none */
    text_list_t connector;  /* KEY=VALUE, over the file and the defaults */
    delivery_t delivery;
} config_kafka_t;

typedef struct {
    uint64_t seed;
    key_kind_t key_kind;
    text_list_t names; /* none: the scenario's, else transactions */
    bool replica_identity_full;
    triggers_t triggers;
} config_table_t;

/* How the load is written. */
typedef struct {
    uint64_t connections;
    uint64_t threads; /* of gen too */
    bool copy_binary;
    int64_t reconnect_timeout_ns;
    int64_t ddl_at_ns;          /* after the run's start; 0: never */
    uint64_t backlog_max_rows;  /* due and not done; 0: no bound */
    int64_t backlog_max_age_ns; /* for how long the oldest of it may have been due; 0: no bound */
    uint64_t ledger_max;        /* transactions not yet passed by every tap */
    on_overload_t on_overload;
} config_load_t;

typedef struct {
    bool on[TAP_COUNT];
    bool given; /* else a tap that reads topics is on where there are brokers */
    int64_t drain_timeout_ns;
} config_taps_t;

/* Of the command run alone. */
typedef struct {
    uint64_t repeat;        /* how often the scenario is run, one after another */
    bool repeat_same_table; /* else on a fresh table each time */
    bool explain_cost;      /* run the scenario COST_SCENARIO under several conditions */
    bool dry_run;
} config_run_t;

typedef struct {
    char *topic;         /* that it writes into */
    uint64_t partitions; /* of it, when it is made */
} config_produce_t;

typedef struct {
    gen_format_t format;
    uint64_t first;
    char *shard;  /* "2/3" (plan/schedule/shard.h); NULL: the whole */
    bool schemas; /* of produce too */
} config_gen_t;

/* NULL, 0 or not given: as the run measured, or what is assumed (report/analysis/size.c). */
typedef struct {
    int64_t retention_ns, outage_ns;
    uint64_t replication, consumers, event_bytes;
    bool retention_given, outage_given, replication_given, consumers_given;
    char *peak, *growth, *events, *drain, *broker, *partition;
} config_size_t;

typedef struct {
    char *phase; /* NULL: the one that changed rows for the longest time */
} config_compare_t;

typedef struct {
    char *publication; /* NULL: one is made */
    char *topic;       /* NULL: Kafka is not read */
    int64_t for_ns;    /* 0: until it is interrupted */
} config_watch_t;

typedef struct {
    char *folder; /* NULL: results/<UTC time>-<name> */
    char *file;   /* of gen and compare; NULL or "-": stdout, with compare the page's usual name */
    int64_t progress_ns;
    bool progress_given; /* -P: plain lines even on a terminal */
    char *listen;        /* NULL: nobody can watch over HTTP */
    bool json;           /* a line a second on stdout */
    bool quiet, debug;
} config_output_t;

typedef struct {
    bool given[CONFIG_OPTIONS_MAX]; /* on the command line, by the option's place in the table */
    bool help, version;             /* asked for: print it and do nothing else */
    config_server_t server;
    config_kafka_t kafka;
    config_table_t table;
    config_scenario_t scenario;
    config_quick_t quick;
    config_load_t load;
    config_taps_t taps;
    config_run_t run;
    config_produce_t produce;
    config_gen_t gen;
    config_size_t size;
    config_compare_t compare;
    config_watch_t watch;
    config_output_t output;
} config_t;

/* Fills a fresh structure (whatever was in it is not freed). False when memory is out. */
bool config_defaults(config_t *config);

/* Frees the strings; the structure is then as fresh as before. */
void config_free(config_t *config);

/* Whether the tap is asked for: as --taps says, or, of one that reads topics and where it says
 * nothing, by the brokers. */
bool config_tap_on(const config_t *config, tap_id_t tap);

/* Whether one with the trait is (plan/options/taps.h); and how many are in all. */
bool config_has_tap(const config_t *config, unsigned trait);
uint32_t config_taps(const config_t *config);

#endif
