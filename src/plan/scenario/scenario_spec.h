/*
 * scenario_spec: a scenario as it was written: its phases and their streams, before anything is
 * worked out. Filled from YAML (scenario_read.h), from --set and from the options that stand for
 * keys; config_scenario makes the scenario_t of it. Owned by the config; one thread.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_SCENARIO_SPEC_H
#define CDCBENCH_PLAN_SCENARIO_SCENARIO_SPEC_H

#include "plan/options/config.h"
#include "plan/scenario/yaml.h"

typedef enum { UNTIL_END, UNTIL_CAUGHT_UP } until_t;

typedef struct {
    bool given;
    yaml_place_t place;    /* where the file has it; nowhere for one that an option added */
    rate_t rate;           /* rows per second; of mixed transactions: transactions per second */
    bool rate_given;       /* else as fast as it goes, or the bursts alone */
    uint64_t rows;         /* 0: what rate and duration give */
    uint64_t transactions; /* the same for mixed transactions */
    uint64_t rows_per_txn; /* 0: the default of its operation */
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

/* What every key has that is not given. */
void phase_spec_defaults(phase_spec_t *phase);
void phase_spec_free(phase_spec_t *phase);

/* NULL when memory is out. */
scenario_spec_t *scenario_spec_new(const char *source);
void scenario_spec_free(scenario_spec_t *spec); /* NULL is ignored */

phase_spec_t *scenario_spec_phase(scenario_spec_t *spec, const char *name, size_t len);

#endif
