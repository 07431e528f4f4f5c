#include "plan/scenario/scenario_spec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "model/table_builder.h"
#include "plan/options/options_rows.h"
#include "plan/scenario/scenario_file.h"
#include "plan/schedule/shape.h"

#define TABLE(title, list)                                                                         \
    {                                                                                              \
        .name = (title), .rows = (list), .n = sizeof(list) / sizeof *(list)                        \
    }
#define SHORT_TABLE(title, list)                                                                   \
    {                                                                                              \
        .name = (title), .rows = (list), .n = sizeof(list) / sizeof *(list), .short_form = true    \
    }
#define INNER(table)         .kind = OPTION_MAP, .inner = (table)
#define MAP(field, table)    .kind = OPTION_MAP, .offset = offsetof(ROWS_OF, field), .inner = (table)
#define ONE_OF(field, table) VALUE(OPTION_ONE_OF, field, unsigned), .inner = (table)
#define KIND(what, words, table)                                                                   \
    {                                                                                              \
        .name = (what), .kind = OPTION_MAP, .help = (words), .inner = (table)                      \
    }

#define INSERTS         (1u << OP_INSERT)
#define UPDATES         (1u << OP_UPDATE)
#define DELETES         (1u << OP_DELETE)
#define MIXED           (1u << STREAM_MIX)
#define DAY             (UINT64_C(86400000) * MS)
#define DIGITS(number)  #number
#define TEXT_OF(number) DIGITS(number)

#define ROWS_OF stream_spec_t

static const option_t burst_rows[] = {
    {
        .name = "rows",
        COUNT(burst_rows, 0, SCHEDULE_ROWS_MAX),
        .help = "rows of the rate that come at once; the rest of it comes evenly between",
    },
    {
        .name = "every",
        DURATION(burst_every_ns, SCHEDULE_EVERY_MIN_NS, TEN_YEARS),
        .default_text = "1s",
        .help = "from the start of one burst to that of the next",
    },
};
static const key_table_t burst_keys = TABLE("burst", burst_rows);

static const option_t ramp_rows[] = {
    {
        .name = "from",
        SHARE(shape.from, 0, 100000),
        .default_text = "0%",
        .help = "of the rate, at the phase's start",
    },
    {
        .name = "to",
        SHARE(shape.to, 0, 100000),
        .default_text = "100%",
        .help = "of the rate, at its end",
    },
    {
        .name = "over",
        DURATION(shape.over_ns, MS, TEN_YEARS),
        .help = "how long it takes; without it, the phase's duration",
    },
};
static const key_table_t ramp_keys = TABLE("shape.ramp", ramp_rows);

static const option_t steps_rows[] = {
    {
        .name = "shares",
        SHARES(shape.shares, 100000),
        .help = "of the rate, one after another; the last one stays",
    },
    {
        .name = "each",
        DURATION(shape.each_ns, MS, TEN_YEARS),
        .help = "how long each lasts; without it, an equal part of the phase's duration",
    },
};
static const key_table_t steps_keys = SHORT_TABLE("shape.steps", steps_rows);

static const option_t sine_rows[] = {
    {
        .name = "amplitude",
        SHARE(shape.amplitude, 0, 100),
        .default_text = "50%",
        .help = "how far the rate goes up and down, of itself",
    },
    {
        .name = "period",
        DURATION(shape.period_ns, 10 * MS, 30 * DAY),
        .default_text = "10s",
        .help = "from one crest to the next",
    },
};
static const key_table_t sine_keys = TABLE("shape.sine", sine_rows);

static const option_t square_rows[] = {
    {
        .name = "high",
        SHARE(shape.high, 0, 100000),
        .default_text = "200%",
        .help = "of the rate, in the first part of each period",
    },
    {
        .name = "low",
        SHARE(shape.low, 0, 100000),
        .default_text = "0%",
        .help = "of the rate, in the rest of it",
    },
    {
        .name = "duty",
        SHARE(shape.duty, 1, 99),
        .default_text = "50%",
        .help = "how much of each period is high",
    },
    {
        .name = "period",
        DURATION(shape.period_ns, 10 * MS, TEN_YEARS),
        .default_text = "10s",
        .help = "from one rise to the next",
    },
};
static const key_table_t square_keys = TABLE("shape.square", square_rows);

static const option_t replay_rows[] = {
    {
        .name = "file",
        TEXT("FILE", replay_file, 1, 0),
        .help = "CSV of second,rate: from that second of the phase on, so many rows per second",
    },
};
static const key_table_t replay_keys = SHORT_TABLE("shape.replay", replay_rows);

static const key_table_t no_keys = {.name = NULL};

/* In the order of shape_kind_t. */
static const option_t shape_kinds[] = {
    KIND("constant", "the rate, evenly", &no_keys),
    KIND("ramp", "from one share of the rate to another, and on at that", &ramp_keys),
    KIND("steps", "one share of the rate after another", &steps_keys),
    KIND("sine", "up and down round the rate, in waves that begin upwards", &sine_keys),
    KIND("square", "high and low in turns", &square_keys),
    KIND("replay", "recorded rates from a file; there is no rate beside it", &replay_keys),
};
_Static_assert(sizeof shape_kinds / sizeof *shape_kinds == SHAPE_COUNT, "a row for each shape");
static const key_table_t shape_keys = TABLE("shape", shape_kinds);

static const option_t theta_rows[] = {
    {
        .name = "theta",
        NUMBER(keys.theta, 5),
        .default_text = "0.99",
        .help = "how steep: the row of rank r is drawn in proportion to 1 / r^theta",
    },
};
static const key_table_t zipf_keys = SHORT_TABLE("keys.zipf", theta_rows);
static const key_table_t latest_keys = SHORT_TABLE("keys.latest", theta_rows);

static const option_t hotspot_rows[] = {
    {
        .name = "share",
        SHARE(keys.share, 0, 100),
        .default_text = "1%",
        .help = "of the rows, that are hot: at least one of them",
    },
    {
        .name = "probability",
        SHARE(keys.probability, 0, 100),
        .default_text = "90%",
        .help = "how often a hot one is drawn",
    },
};
static const key_table_t hotspot_keys = TABLE("keys.hotspot", hotspot_rows);

/* In the order of keys_kind_t. */
static const option_t keys_kinds[] = {
    KIND("uniform", "every row as often as any other", &no_keys),
    KIND("zipf", "a few rows often, most of them seldom; popular ones lie anywhere", &zipf_keys),
    KIND("latest", "the same, and the newer a row, the more popular", &latest_keys),
    KIND("hotspot", "a share of the rows gets most of what is done", &hotspot_keys),
    KIND("sequential", "one row after another, and from the start again", &no_keys),
};
_Static_assert(sizeof keys_kinds / sizeof *keys_kinds == KEYS_KIND_COUNT, "a row for each kind");
static const key_table_t keys_keys = TABLE("keys", keys_kinds);

static const option_t stream_rows[] = {
    {
        .name = "rate",
        RATE(rate),
        GIVEN(rate_given),
        .default_text = "max",
        .help = "rows per second (of transaction: transactions per second), due by the clock "
                "whatever the server does; max: as fast as it goes; off: none",
    },
    {
        .name = "rows",
        COUNT(rows, 0, SCHEDULE_ROWS_MAX),
        .help = "how many in all; without it what rate and duration give",
        .streams = INSERTS | UPDATES | DELETES,
    },
    {
        .name = "transactions",
        COUNT(transactions, 0, SCHEDULE_ROWS_MAX),
        .help = "how many in all; without it what rate and duration give",
        .streams = MIXED,
    },
    {
        .name = "rows_per_txn",
        COUNT(rows_per_txn, 1, ROWS_PER_TXN_MAX),
        .help = "rows in each transaction; without it " TEXT_OF(
            INSERT_ROWS_PER_TXN) " of insert, " TEXT_OF(UPDATE_ROWS_PER_TXN) " of "
                                                                             "update,"
                                                                             " " TEXT_OF(
                                                                                 DELETE_ROWS_PER_TXN) " of delete",
        .streams = INSERTS | UPDATES | DELETES,
    },
    {
        .name = "insert",
        COUNT(mix_insert, 0, ROWS_PER_TXN_MAX),
        .help = "new rows in each transaction, by COPY, before all else",
        .streams = MIXED,
    },
    {
        .name = "update_own",
        COUNT(mix_update_own, 0, ROWS_PER_TXN_MAX),
        .help = "then updates of the rows that it has just made, at most one each",
        .streams = MIXED,
    },
    {
        .name = "update",
        COUNT(mix_update, 0, ROWS_PER_TXN_MAX),
        .help = "then updates of older rows",
        .streams = MIXED,
    },
    {
        .name = "delete",
        COUNT(mix_delete, 0, ROWS_PER_TXN_MAX),
        .help = "then deletes of older rows",
        .streams = MIXED,
    },
    {
        .name = "burst",
        INNER(&burst_keys),
        .help = "a part of the rate that comes at once; without a rate, the bursts are all there "
                "is",
        .streams = INSERTS | UPDATES | DELETES,
    },
    {
        .name = "shape",
        ONE_OF(shape.kind, &shape_keys),
        .default_text = "constant",
        .help = "how the rate goes with time",
    },
    {
        .name = "arrivals",
        CHOICE("HOW", arrivals, "even|poisson"),
        .default_text = "even",
        .help = "even: each transaction when the shape has come to it; poisson: at random, as from "
                "many users, at the rate that the shape has",
    },
    {
        .name = "keys",
        ONE_OF(keys.kind, &keys_keys),
        .default_text = "uniform",
        .help = "which rows; delete takes each once, uniform or sequential",
        .streams = UPDATES | DELETES | MIXED,
    },
    {
        .name = "mode",
        CHOICE("HOW", mode, "pipeline|array"),
        .default_text = "pipeline",
        .help = "pipeline: a statement for each row, without waiting between; array: one for the "
                "whole transaction",
        .streams = UPDATES | DELETES | MIXED,
    },
    {
        .name = "rollback",
        SHARE(rollback, 0, 100),
        .default_text = "0%",
        .help = "of the transactions: sent in full, then rolled back; no tap may see them",
    },
    {
        .name = "savepoint",
        SHARE(savepoint, 0, 100),
        .default_text = "0%",
        .help = "of the transactions: a part is done, rolled back to a savepoint, then done again",
    },
};
const key_table_t stream_keys = SHORT_TABLE("stream", stream_rows);

#undef ROWS_OF
#define ROWS_OF phase_spec_t

static const option_t phase_rows[] = {
    {
        .name = "name",
        TEXT("NAME", name, 1, SCENARIO_NAME_MAX - 1),
        .help = "what it is called in the results; no two have the same",
    },
    {
        .name = "duration",
        DURATION(duration_ns, MS, TEN_YEARS),
        .help = "bounds the streams that have no number of rows",
    },
    {
        .name = "until",
        CHOICE("WHAT", until, "end|caught-up"),
        .default_text = "end",
        .help = "end: of its streams; caught-up: the phase has none, and waits until every tap has "
                "seen every change",
    },
    {
        .name = "at_most",
        DURATION(at_most_ns, MS, TEN_YEARS),
        .default_text = "60s",
        .help = "how long to wait for that",
    },
    {
        .name = "warm_up",
        FLAG(warm_up),
        .default_text = "false",
        .help = "verified like any other phase, but its times count nowhere",
    },
    {
        .name = "insert",
        MAP(streams[OP_INSERT], &stream_keys),
        .help = "new rows, by COPY",
        .enters = INSERTS,
    },
    {
        .name = "update",
        MAP(streams[OP_UPDATE], &stream_keys),
        .help = "updates of rows that were there when the phase began",
        .enters = UPDATES,
    },
    {
        .name = "delete",
        MAP(streams[OP_DELETE], &stream_keys),
        .help = "deletes of rows that were there when the phase began",
        .enters = DELETES,
    },
    {
        .name = "transaction",
        MAP(streams[STREAM_MIX], &stream_keys),
        .help = "transactions that mix inserts, updates and deletes",
        .enters = MIXED,
    },
};
const key_table_t phase_keys = TABLE("phases", phase_rows);

/* --- the tables ------------------------------------------------------------------------------- */

static bool has(const option_t *row, unsigned streams)
{
    return row->streams == 0 || streams == 0 || (row->streams & streams) != 0;
}

const option_t *key_table_find(const key_table_t *table, unsigned streams, const char *name,
                               size_t len)
{
    for (size_t i = 0; i < table->n; i++) {
        const option_t *row = &table->rows[i];
        if (has(row, streams) && strlen(row->name) == len && memcmp(row->name, name, len) == 0) {
            return row;
        }
    }
    return NULL;
}

bool key_table_unknown(const key_table_t *table, unsigned streams, const char *name, size_t len,
                       err_t *err)
{
    nearest_t nearest = nearest_begin(name, len);
    buf_t allowed = {0};
    for (size_t i = 0; i < table->n; i++) {
        if (has(&table->rows[i], streams)) {
            nearest_offer(&nearest, table->rows[i].name);
            buf_printf(&allowed, "%s%s", allowed.len > 0 ? ", " : "", table->rows[i].name);
        }
    }
    err_set(err, ERR_USAGE, "there is no key '%.*s' here%s (%s%s)", (int)len, name,
            nearest_hint(&nearest), allowed.len > 0 ? "allowed: " : "none is allowed",
            buf_text(&allowed));
    buf_free(&allowed);
    return false;
}

static const char *argument_of(const option_t *row)
{
    return row->kind == OPTION_FLAG                                ? "true or false"
           : row->choices != NULL && row->kind != OPTION_SET       ? row->choices
           : row->kind == OPTION_MAP || row->kind == OPTION_ONE_OF ? "..."
                                                                   : row->argument;
}

/* The bars between choices would end the cell. */
static void print_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        fputs(*text == '|' ? "\\" : "", out);
        fputc(*text, out);
    }
}

static void describe_row(FILE *out, const char *key, const option_t *row)
{
    const char *argument = argument_of(row);
    fprintf(out, "| `%s` | ", key);
    print_cell(out, argument != NULL ? argument : "");
    fprintf(out, " | %s | ", row->default_text != NULL ? row->default_text : "");
    print_cell(out, row->help);
    for (int i = 0, n = 0; i < STREAM_COUNT && row->streams != 0; i++) {
        if ((row->streams & (1u << i)) != 0) {
            fprintf(out, "%s%s", n++ == 0 ? " (of " : ", ", stream_names[i]);
        }
    }
    fputs(row->streams != 0 ? ") |\n" : " |\n", out);
}

static void describe_heading(FILE *out, const char *title)
{
    fprintf(out, "\n### %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", title);
}

/* The table, and behind it those of its inner maps. */
static void describe_table(FILE *out, const char *title, const key_table_t *table)
{
    describe_heading(out, title);
    for (size_t i = 0; i < table->n; i++) {
        describe_row(out, table->rows[i].name, &table->rows[i]);
    }
    for (size_t i = 0; i < table->n; i++) {
        const key_table_t *inner = table->rows[i].inner;
        if (inner != NULL && inner != &stream_keys && inner->n > 0) {
            describe_table(out, inner->name, inner);
        }
    }
}

void scenario_keys_describe(FILE *out)
{
    describe_heading(out, "A scenario");
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (option->key != NULL && strncmp(option->key, "phases.", strlen("phases.")) != 0) {
            describe_row(out, option->key, option);
        }
    }
    describe_table(out, "phases, each", &phase_keys);
    describe_table(out, "insert, update, delete, transaction of a phase", &stream_keys);
}

/* --- the data --------------------------------------------------------------------------------- */

static void set_defaults(const key_table_t *table, void *base)
{
    for (size_t i = 0; i < table->n; i++) {
        const option_t *row = &table->rows[i];
        void *place = (char *)base + row->offset;
        if (row->kind == OPTION_MAP) {
            set_defaults(row->inner, place);
        } else if (row->kind == OPTION_ONE_OF) {
            *(unsigned *)place = (unsigned)(key_table_find(row->inner, 0, row->default_text,
                                                           strlen(row->default_text)) -
                                            row->inner->rows);
            set_defaults(row->inner, base);
        } else {
            bool done = option_default(row, base);
            assert(done); /* the table's own text, and none of it is kept */
            (void)done;
        }
    }
}

void phase_spec_defaults(phase_spec_t *phase)
{
    *phase = (phase_spec_t){0};
    set_defaults(&phase_keys, phase);
}

void phase_spec_free(phase_spec_t *phase)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        free(phase->streams[i].replay_file);
        replay_free(phase->streams[i].shape.replay);
    }
    free(phase->name);
}

scenario_spec_t *scenario_spec_new(const char *source)
{
    scenario_spec_t *spec = calloc(1, sizeof *spec);
    if (spec != NULL && (spec->source = strdup(source)) == NULL) {
        free(spec);
        return NULL;
    }
    return spec;
}

void scenario_spec_free(scenario_spec_t *spec)
{
    if (spec == NULL) {
        return;
    }
    for (uint32_t i = 0; i < spec->n_phases; i++) {
        phase_spec_free(&spec->phases[i]);
    }
    for (uint32_t i = 0; i < spec->n_tables; i++) {
        table_free(spec->tables[i].table);
        free(spec->tables[i].name);
    }
    free(spec->tables_text);
    free(spec->source);
    free(spec);
}

phase_spec_t *scenario_spec_phase(scenario_spec_t *spec, const char *name, size_t len)
{
    for (uint32_t i = 0; i < spec->n_phases; i++) {
        const char *found = spec->phases[i].name;
        if (found != NULL && strlen(found) == len && memcmp(found, name, len) == 0) {
            return &spec->phases[i];
        }
    }
    return NULL;
}
