#include "plan/schedule/scenario.h"

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

bool scenario_copies_binary(const scenario_t *scenario)
{
    return scenario->copy_binary && scenario->tables.n == 1 &&
           scenario->tables.use[0].table == &table_transactions;
}

/* Where the last stream of deletes left off: rows of each lane that were passed. */
typedef struct {
    keys_kind_t kind;
    uint64_t rows; /* of its keys; 0: there was none */
    uint32_t lanes;
    uint64_t passed;
} deletes_t;

/* How far the phases before have come. */
typedef struct {
    uint64_t rows;       /* row numbers handed out */
    uint64_t population; /* rows 0 … population − 1 are surely there, or were deleted */
    uint64_t deleted;    /* rows that streams of deletes took */
    deletes_t deletes;
} progress_t;

/* Row numbers that a stream was given. */
typedef struct {
    uint64_t first, end;
} range_t;

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

bool scenario_name_check(const char *name, err_t *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strlen(name);
    if (len == 0 || len >= SCENARIO_NAME_MAX || strspn(name, allowed) != len || name[0] == '.' ||
        name[0] == '-')
        return err_set(err, ERR_USAGE,
                       "cannot use '%s': a name has 1 to %d letters, digits, '.', '_' or '-', and "
                       "begins with a letter, a digit or '_'",
                       name, SCENARIO_NAME_MAX - 1);
    return true;
}

static bool check_name(const scenario_t *scenario, uint32_t number, err_t *err)
{
    const char *name = scenario->phases[number].name;
    if (name[0] == '\0') {
        return err_set(err, ERR_USAGE,
                       "phase %" PRIu32 " has no name: give it one, by the key name", number + 1);
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
    for (int i = 0; i < STREAM_COUNT; i++) {
        if (phase->streams[i].kind != STREAM_OFF) {
            return err_set(err, ERR_USAGE, "%s: a drain only waits, it has no streams",
                           stream_names[i]);
        }
    }
    if (phase->at_most_ns <= 0) {
        return err_set(err, ERR_USAGE, "a drain needs the time that it may take at most");
    }
    return true;
}

/* Takes row numbers for what the stream inserts: each transaction of `per_txn` rows. */
static bool resolve_inserts(const scenario_t *scenario, const phase_t *phase, int i,
                            uint64_t per_txn, range_t *range, progress_t *progress, err_t *err)
{
    const stream_t *stream = &phase->streams[i];
    uint64_t txns = schedule_txns(stream, phase->duration_ns);
    bool known = txns != SCHEDULE_UNBOUNDED;
    uint64_t rows =
        i == STREAM_MIX && known ? txns * per_txn : schedule_rows(stream, phase->duration_ns);
    if (!known) {
        rows =
            (uint64_t)((double)phase->duration_ns / (double)NS_PER_S * SCENARIO_CLOSED_ROWS_PER_S) +
            (uint64_t)scenario->connections * per_txn;
    }
    range->first = progress->rows;
    /* The population has no holes: it grows only while every row number handed out is surely made.
     */
    if (known && progress->population == progress->rows) {
        progress->population += rows;
    }
    progress->rows += rows;
    range->end = progress->rows;
    if (progress->rows > ROW_NUMBER_MAX) {
        return err_set(err, ERR_USAGE,
                       "with the phases before, that makes %" PRIu64 " rows: there are keys for "
                       "%" PRIu64,
                       progress->rows, (uint64_t)ROW_NUMBER_MAX);
    }
    return true;
}

/* How many of the rows that are there a transaction of the stream changes; 0: none. */
static uint32_t keyed_rows(const phase_t *phase, int i)
{
    if (i == OP_INSERT || phase->streams[i].kind == STREAM_OFF) {
        return 0;
    }
    return i == STREAM_MIX ? phase->mix.updates + phase->mix.deletes
                           : phase->streams[i].rows_per_txn;
}

/* One stream that needs the whole table on one connection takes the others of its phase with it. */
static bool is_whole(const phase_t *phase)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        uint32_t rows = keyed_rows(phase, i);
        if (rows > 0 && phase->rows_before > 0 && keys_need_whole(phase->rows_before, rows)) {
            return true;
        }
    }
    return false;
}

/* Notes that so many rows are to be deleted in a phase. */
static bool count_deletes(const phase_t *phase, uint64_t rows, progress_t *progress, err_t *err)
{
    if (rows > phase->rows_before - least_of(progress->deleted, phase->rows_before)) {
        return err_set(err, ERR_USAGE,
                       "%" PRIu64 " rows are to be deleted, and of the %" PRIu64
                       " that are there when the phase begins, phases before delete %" PRIu64
                       ": load more, or delete fewer",
                       rows, phase->rows_before, progress->deleted);
    }
    progress->deleted += rows;
    return true;
}

/* Binds a stream of deletes: as long as they can, phases go on with what the ones before left. */
static bool resolve_deletes(const scenario_t *scenario, phase_t *phase, progress_t *progress,
                            err_t *err)
{
    const keys_spec_t *spec = &phase->key_specs[OP_DELETE];
    const stream_t *stream = &phase->streams[OP_DELETE];
    keys_t *keys = &phase->keys[OP_DELETE];
    uint64_t rows = schedule_rows(stream, phase->duration_ns);
    if (spec->kind != KEYS_UNIFORM && spec->kind != KEYS_SEQUENTIAL) {
        return err_set(err, ERR_USAGE,
                       "deletes take each row once, so no row is more popular than another: keys "
                       "may be uniform or sequential");
    }
    if (rows == SCHEDULE_UNBOUNDED) {
        return err_set(
            err, ERR_USAGE,
            "deletes as fast as it goes need a number of rows, or they would come to the "
            "end of the table: give rows, or a rate");
    }
    if (!count_deletes(phase, rows, progress, err)) {
        return false;
    }
    bool whole = is_whole(phase);
    uint64_t txns = schedule_txns(stream, phase->duration_ns);
    deletes_t *before = &progress->deletes;
    keys_init_once(keys, spec, scenario->seed, phase->rows_before, stream->rows_per_txn, whole, 0);
    if (before->rows > 0 && before->kind == spec->kind && before->lanes == keys->lanes) {
        keys_init_once(keys, spec, scenario->seed, before->rows, stream->rows_per_txn, whole,
                       before->passed);
        if (before->passed + keys_once_per_lane(keys, txns) > before->rows / before->lanes) {
            keys_init_once(keys, spec, scenario->seed, phase->rows_before, stream->rows_per_txn,
                           whole, 0);
        }
    }
    *before = (deletes_t){spec->kind, keys->rows, keys->lanes,
                          keys->passed + keys_once_per_lane(keys, txns)};
    return true;
}

/* Binds a stream to the `rows` a transaction, of those that are there, which it changes. */
static bool resolve_keys(const scenario_t *scenario, uint32_t number, phase_t *phase, int i,
                         progress_t *progress, err_t *err)
{
    const char *what = i == OP_DELETE ? "delete" : "update";
    uint32_t rows = keyed_rows(phase, i);
    if (phase->rows_before == 0) {
        return err_set(err, ERR_USAGE,
                       "there are no rows to %s when the phase begins: load some in a phase before "
                       "it, or turn these %ss off",
                       what, what);
    }
    if (rows > phase->rows_before) {
        return err_set(err, ERR_USAGE,
                       "%" PRIu32 " rows a transaction, but only %" PRIu64 " rows are there when "
                       "the phase begins: load more in a phase before it, or make transactions "
                       "smaller",
                       rows, phase->rows_before);
    }
    if (i == OP_DELETE) {
        return resolve_deletes(scenario, phase, progress, err);
    }
    uint64_t txns = schedule_txns(&phase->streams[i], phase->duration_ns);
    if (i == STREAM_MIX && txns != SCHEDULE_UNBOUNDED &&
        !count_deletes(phase, txns * phase->mix.deletes, progress, err)) {
        return false;
    }
    keys_init(&phase->keys[i], &phase->key_specs[i], scenario->seed,
              number * OP_COUNT + (uint32_t)i, phase->rows_before, rows, is_whole(phase));
    return true;
}

static bool resolve_stream(const scenario_t *scenario, uint32_t number, phase_t *phase, int i,
                           progress_t *progress, err_t *err)
{
    stream_t *stream = &phase->streams[i];
    if (!schedule_check(stream, phase->duration_ns, err)) {
        return false;
    }
    schedule_bind(stream, phase->duration_ns, scenario->seed, number * STREAM_COUNT + (uint32_t)i);
    const mix_t *mix = &phase->mix;
    range_t range;
    if (i == OP_INSERT) {
        bool done =
            resolve_inserts(scenario, phase, i, stream->rows_per_txn, &range, progress, err);
        phase->first_row = range.first;
        phase->row_end = range.end;
        return done;
    }
    if (i != STREAM_MIX) {
        return resolve_keys(scenario, number, phase, i, progress, err);
    }
    if (mix->inserts > 0) {
        bool done = resolve_inserts(scenario, phase, i, mix->inserts, &range, progress, err);
        phase->mix_first_row = range.first;
        phase->mix_row_end = range.end;
        if (!done) {
            return false;
        }
    }
    return keyed_rows(phase, i) == 0 || resolve_keys(scenario, number, phase, i, progress, err);
}

static bool resolve_phase(const scenario_t *scenario, uint32_t number, phase_t *phase,
                          progress_t *progress, int *stream, err_t *err)
{
    phase->first_row = progress->rows;
    phase->rows_before = progress->population;
    *stream = STREAM_COUNT;
    if (phase->kind == PHASE_DRAIN) {
        return check_drain(phase, err);
    }
    bool any = false;
    for (int i = 0; i < STREAM_COUNT; i++) {
        if (phase->streams[i].kind == STREAM_OFF) {
            continue;
        }
        any = true;
        if (!resolve_stream(scenario, number, phase, i, progress, err)) {
            *stream = i;
            return false;
        }
    }
    return any || err_set(err, ERR_USAGE, "nothing is inserted, updated or deleted in it");
}

bool scenario_resolve(scenario_t *scenario, scenario_place_t *place, err_t *err)
{
    *place = (scenario_place_t){scenario->n_phases, STREAM_COUNT};
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
        place->phase = i;
        place->stream = STREAM_COUNT;
        if (!check_name(scenario, i, err) ||
            !resolve_phase(scenario, i, &scenario->phases[i], &progress, &place->stream, err)) {
            return false;
        }
    }
    if (scenario->tables.n == 0) {
        scenario->tables =
            tables_of_one(&table_transactions, scenario->triggers, scenario->replica_identity_full);
    }
    scenario->rows = progress.rows;
    return true;
}
