#include "plan/scenario.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

const char *const stream_names[STREAM_COUNT] = {"insert", "update", "delete", "transaction"};

bool scenario_has_lanes(const phase_t *phase, uint32_t stream)
{
    if (stream == STREAM_MIX)
        return phase->mix.updates + phase->mix.deletes > 0;
    return stream != OP_INSERT;
}

/* How far the phases before have come. */
typedef struct {
    uint64_t rows;       /* row numbers handed out */
    uint64_t population; /* rows 0 … population − 1 are surely there */
} progress_t;

static bool check_name(const scenario_t *scenario, uint32_t number, err_t *err)
{
    const char *name = scenario->phases[number].name;
    if (name[0] == '\0') {
        return err_set(err, ERR_USAGE, "phase %" PRIu32 " has no name", number + 1);
    }
    for (uint32_t i = 0; i < number; i++) {
        if (strcmp(scenario->phases[i].name, name) == 0) {
            return err_set(err, ERR_USAGE,
                           "two phases are called %s: results could not be told apart", name);
        }
    }
    return true;
}

static bool check_drain(const phase_t *phase, err_t *err)
{
    for (int op = 0; op < OP_COUNT; op++) {
        if (phase->streams[op].kind != STREAM_OFF) {
            return err_set(err, ERR_USAGE, "%s: a drain only waits, it has no streams",
                           op_names[op]);
        }
    }
    if (phase->at_most_ns <= 0) {
        return err_set(err, ERR_USAGE, "a drain needs the time that it may take at most");
    }
    return true;
}

/* Takes row numbers for the phase's inserts. */
static bool resolve_inserts(const scenario_t *scenario, phase_t *phase, progress_t *progress,
                            err_t *err)
{
    uint64_t rows = schedule_rows(&phase->streams[OP_INSERT], phase->duration_ns);
    bool known = rows != SCHEDULE_UNBOUNDED;
    if (!known) {
        rows =
            (uint64_t)((double)phase->duration_ns / (double)NS_PER_S * SCENARIO_CLOSED_ROWS_PER_S) +
            (uint64_t)scenario->connections * phase->streams[OP_INSERT].rows_per_txn;
    }
    /* The population has no holes: it grows only while every row number handed out is surely made.
     */
    if (known && progress->population == progress->rows) {
        progress->population += rows;
    }
    progress->rows += rows;
    phase->row_end = progress->rows;
    if (progress->rows > ROW_NUMBER_MAX) {
        return err_set(err, ERR_USAGE,
                       "with the phases before, that makes %" PRIu64 " rows: there are keys for "
                       "%" PRIu64,
                       progress->rows, (uint64_t)ROW_NUMBER_MAX);
    }
    return true;
}

/* Binds an update or delete stream to the rows that are there. */
static bool resolve_keys(const scenario_t *scenario, uint32_t number, phase_t *phase, op_t op,
                         err_t *err)
{
    const stream_t *stream = &phase->streams[op];
    if (phase->rows_before == 0) {
        return err_set(err, ERR_USAGE,
                       "there are no rows to %s when the phase begins: load some in a phase before "
                       "it, or turn these %ss off",
                       op_names[op], op_names[op]);
    }
    if (stream->rows_per_txn > phase->rows_before) {
        return err_set(err, ERR_USAGE,
                       "%" PRIu32 " rows a transaction, but only %" PRIu64 " rows are there when "
                       "the phase begins: load more in a phase before it, or make transactions "
                       "smaller",
                       stream->rows_per_txn, phase->rows_before);
    }
    keys_init(&phase->keys[op], scenario->seed, number * OP_COUNT + (uint32_t)op,
              phase->rows_before, stream->rows_per_txn);
    return true;
}

static bool resolve_stream(const scenario_t *scenario, uint32_t number, phase_t *phase, op_t op,
                           progress_t *progress, err_t *err)
{
    if (!schedule_check(&phase->streams[op], phase->duration_ns, err)) {
        return false;
    }
    return op == OP_INSERT ? resolve_inserts(scenario, phase, progress, err)
                           : resolve_keys(scenario, number, phase, op, err);
}

static bool resolve_phase(const scenario_t *scenario, uint32_t number, phase_t *phase,
                          progress_t *progress, err_t *err)
{
    phase->first_row = progress->rows;
    phase->rows_before = progress->population;
    if (phase->kind == PHASE_DRAIN) {
        return check_drain(phase, err);
    }
    bool any = false;
    for (op_t op = OP_INSERT; op < OP_COUNT; op++) {
        if (phase->streams[op].kind == STREAM_OFF) {
            continue;
        }
        any = true;
        if (!resolve_stream(scenario, number, phase, op, progress, err)) {
            return err_wrap(err, "%s", op_names[op]);
        }
    }
    return any || err_set(err, ERR_USAGE, "nothing is inserted, updated or deleted in it");
}

bool scenario_resolve(scenario_t *scenario, err_t *err)
{
    if (scenario->n_phases == 0 || scenario->n_phases > SCENARIO_PHASES_MAX) {
        return err_set(err, ERR_USAGE, "a scenario has 1 to %d phases, not %" PRIu32,
                       SCENARIO_PHASES_MAX, scenario->n_phases);
    }
    if (scenario->connections == 0 || scenario->connections > SCENARIO_CONNECTIONS_MAX) {
        return err_set(err, ERR_USAGE, "a scenario has 1 to %d connections, not %" PRIu32,
                       SCENARIO_CONNECTIONS_MAX, scenario->connections);
    }
    progress_t progress = {0};
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        phase_t *phase = &scenario->phases[i];
        if (!check_name(scenario, i, err)) {
            return false;
        }
        if (!resolve_phase(scenario, i, phase, &progress, err)) {
            return err_wrap(err, "phase %s", phase->name);
        }
    }
    scenario->rows = progress.rows;
    return true;
}
