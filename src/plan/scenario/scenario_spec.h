/*
 * scenario_spec: a scenario as it was written: its phases and their streams, before anything is
 * worked out, and the tables of the keys that these have. Filled from YAML, from --set and from the
 * options that stand for keys; config_scenario makes the scenario_t of it (scenario_file.h). Owned
 * by the config; one thread.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_SCENARIO_SPEC_H
#define CDCBENCH_PLAN_SCENARIO_SCENARIO_SPEC_H

#include "plan/options/options.h"
#include "plan/scenario/yaml.h"

/* Where a stream of one operation does not say. */
#define INSERT_ROWS_PER_TXN 10
#define UPDATE_ROWS_PER_TXN 20
#define DELETE_ROWS_PER_TXN 1

typedef enum { UNTIL_END, UNTIL_CAUGHT_UP } until_t;

typedef struct {
    bool given;
    yaml_place_t place;    /* where the file has it; nowhere for one that an option added */
    rate_t rate;           /* rows per second; of mixed transactions: transactions per second */
    bool rate_given;       /* else as fast as it goes, or the bursts alone */
    uint64_t rows;         /* 0: what rate and duration give */
    uint64_t transactions; /* the same for mixed transactions */
    uint64_t rows_per_txn; /* 0: that of its operation, above */
    shape_t shape;
    char *replay_file; /* of shape.replay; owned */
    arrivals_t arrivals;
    uint64_t burst_rows;
    int64_t burst_every_ns;
    send_mode_t mode;
    double rollback, savepoint; /* shares */
    keys_spec_t keys;
    uint64_t mix_insert, mix_update_own, mix_update, mix_delete;
} stream_spec_t;

typedef struct {
    yaml_place_t place;
    char *name; /* owned; NULL: none given */
    until_t until;
    int64_t duration_ns, at_most_ns;
    bool warm_up;
    stream_spec_t streams[STREAM_COUNT];
} phase_spec_t;

/* An entry of `tables`. */
typedef struct {
    char *name;     /* owned */
    table_t *table; /* as it was described; owned; NULL: it is a built-in one */
    bool triggers_given, replica_identity_given; /* else what holds for all tables */
    triggers_t triggers;
    bool replica_identity_full;
} table_spec_t;

struct scenario_spec {
    char *source;      /* "scenarios/a.yaml", or of a built-in one "scenario steady"; owned */
    uint32_t n_tables; /* 0: transactions */
    table_spec_t tables[TABLES_MAX];
    char *tables_text; /* the same as they were written, in one line of YAML; owned; NULL: none */
    uint32_t n_phases;
    phase_spec_t phases[SCENARIO_PHASES_MAX];
};

/*
 * The keys that stand below `phases` in a scenario, in the style of the table of options: they
 * drive the reader, --set, the defaults, the scenario that --dry-run prints, and the manual. Keys
 * above are options (option_t.key). Offsets are into the structure that the table is for. Constant.
 */
extern const key_table_t phase_keys;  /* phase_spec_t */
extern const key_table_t stream_keys; /* stream_spec_t; a row says which streams have it */

/* The row of that name, among those that `streams` (bits, 0: all) have; NULL when there is none. */
const option_t *key_table_find(const key_table_t *table, unsigned streams, const char *name,
                               size_t len);

/* ERR_USAGE: there is no such key; which are allowed, and which is near. */
bool key_table_unknown(const key_table_t *table, unsigned streams, const char *name, size_t len,
                       err_t *err);

/* What every key has that is not given, as its table says. */
void phase_spec_defaults(phase_spec_t *phase);
void phase_spec_free(phase_spec_t *phase);

/* NULL when memory is out. */
scenario_spec_t *scenario_spec_new(const char *source);
void scenario_spec_free(scenario_spec_t *spec); /* NULL is ignored */

/* The phase of that name; NULL: there is none. */
phase_spec_t *scenario_spec_phase(scenario_spec_t *spec, const char *name, size_t len);

/* Reads the list under the key `tables` into the spec: names of built-in tables, and tables that
 * the user describes column by column (docs/tables.md). False with *err (ERR_USAGE), the place of
 * the mistake in *place. */
bool scenario_tables_read(const yaml_node_t *list, scenario_spec_t *spec, yaml_place_t *place,
                          err_t *err);

#endif
