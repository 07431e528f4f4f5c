#include "plan/scenario/scenario_keys.h"

#include <stddef.h>
#include <string.h>

#include "base/nearest.h"
#include "plan/scenario/scenario_spec.h"

#define IN_PHASE(field)  .offset = offsetof(phase_spec_t, field)
#define IN_STREAM(field) .offset = offsetof(stream_spec_t, field)
#define GIVEN(field)     .given = offsetof(stream_spec_t, field)
#define TABLE(title, list)                                                                         \
    {                                                                                              \
        .name = (title), .rows = (list), .n = sizeof(list) / sizeof *(list)                        \
    }
#define SHORT_TABLE(title, list)                                                                   \
    {                                                                                              \
        .name = (title), .rows = (list), .n = sizeof(list) / sizeof *(list), .short_form = true    \
    }

#define INSERTS   (1u << OP_INSERT)
#define UPDATES   (1u << OP_UPDATE)
#define DELETES   (1u << OP_DELETE)
#define MIXED     (1u << STREAM_MIX)
#define MS        UINT64_C(1000000)
#define DAY       (UINT64_C(86400000) * MS)
#define TEN_YEARS (uint64_t) SCHEDULE_SPAN_MAX_NS
#define TXN_MAX   100000000

_Static_assert(sizeof(shape_kind_t) == sizeof(int) && sizeof(keys_kind_t) == sizeof(int) &&
                   sizeof(send_mode_t) == sizeof(int) && sizeof(until_t) == sizeof(int),
               "OPTION_CHOICE and OPTION_ONE_OF store an int");

static const option_t burst_rows[] = {
    {
        .name = "rows",
        .kind = OPTION_COUNT,
        .argument = "N",
        .help = "rows of the rate that come at once; the rest of it comes evenly between",
        IN_STREAM(burst_rows),
        .maximum = SCHEDULE_ROWS_MAX,
    },
    {
        .name = "every",
        .kind = OPTION_DURATION,
        .argument = "TIME",
        .default_text = "1s",
        .help = "from the start of one burst to that of the next",
        IN_STREAM(burst_every_ns),
        .minimum = SCHEDULE_EVERY_MIN_NS,
        .maximum = TEN_YEARS,
    },
};
static const key_table_t burst_keys = TABLE("burst", burst_rows);

static const option_t ramp_rows[] = {
    {
        .name = "from",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "0%",
        .help = "of the rate, at the phase's start",
        IN_STREAM(shape.from),
        .maximum = 100000,
    },
    {
        .name = "to",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "100%",
        .help = "of the rate, at its end",
        IN_STREAM(shape.to),
        .maximum = 100000,
    },
    {
        .name = "over",
        .kind = OPTION_DURATION,
        .argument = "TIME",
        .help = "how long it takes; without it, the phase's duration",
        IN_STREAM(shape.over_ns),
        .minimum = MS,
        .maximum = TEN_YEARS,
    },
};
static const key_table_t ramp_keys = TABLE("shape.ramp", ramp_rows);

static const option_t steps_rows[] = {
    {
        .name = "shares",
        .kind = OPTION_SHARES,
        .argument = "[SHARE, ...]",
        .help = "of the rate, one after another; the last one stays",
        IN_STREAM(shape.shares),
        .maximum = 100000,
    },
    {
        .name = "each",
        .kind = OPTION_DURATION,
        .argument = "TIME",
        .help = "how long each lasts; without it, an equal part of the phase's duration",
        IN_STREAM(shape.each_ns),
        .minimum = MS,
        .maximum = TEN_YEARS,
    },
};
static const key_table_t steps_keys = SHORT_TABLE("shape.steps", steps_rows);

static const option_t sine_rows[] = {
    {
        .name = "amplitude",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "50%",
        .help = "how far the rate goes up and down, of itself",
        IN_STREAM(shape.amplitude),
        .maximum = 100,
    },
    {
        .name = "period",
        .kind = OPTION_DURATION,
        .argument = "TIME",
        .default_text = "10s",
        .help = "from one crest to the next",
        IN_STREAM(shape.period_ns),
        .minimum = 10 * MS,
        .maximum = 30 * DAY,
    },
};
static const key_table_t sine_keys = TABLE("shape.sine", sine_rows);

static const option_t square_rows[] = {
    {
        .name = "high",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "200%",
        .help = "of the rate, in the first part of each period",
        IN_STREAM(shape.high),
        .maximum = 100000,
    },
    {
        .name = "low",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "0%",
        .help = "of the rate, in the rest of it",
        IN_STREAM(shape.low),
        .maximum = 100000,
    },
    {
        .name = "duty",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "50%",
        .help = "how much of each period is high",
        IN_STREAM(shape.duty),
        .minimum = 1,
        .maximum = 99,
    },
    {
        .name = "period",
        .kind = OPTION_DURATION,
        .argument = "TIME",
        .default_text = "10s",
        .help = "from one rise to the next",
        IN_STREAM(shape.period_ns),
        .minimum = 10 * MS,
        .maximum = TEN_YEARS,
    },
};
static const key_table_t square_keys = TABLE("shape.square", square_rows);

static const option_t replay_rows[] = {
    {
        .name = "file",
        .kind = OPTION_TEXT,
        .argument = "FILE",
        .help = "CSV of second,rate: from that second of the phase on, so many rows per second",
        IN_STREAM(replay_file),
        .minimum = 1,
    },
};
static const key_table_t replay_keys = SHORT_TABLE("shape.replay", replay_rows);

static const key_table_t no_keys = {.name = NULL};

/* In the order of shape_kind_t. */
static const option_t shape_rows[] = {
    {
        .name = "constant",
        .kind = OPTION_MAP,
        .help = "the rate, evenly",
        .inner = &no_keys,
    },
    {
        .name = "ramp",
        .kind = OPTION_MAP,
        .help = "from one share of the rate to another, and on at that",
        .inner = &ramp_keys,
    },
    {
        .name = "steps",
        .kind = OPTION_MAP,
        .help = "one share of the rate after another",
        .inner = &steps_keys,
    },
    {
        .name = "sine",
        .kind = OPTION_MAP,
        .help = "up and down round the rate, in waves that begin upwards",
        .inner = &sine_keys,
    },
    {
        .name = "square",
        .kind = OPTION_MAP,
        .help = "high and low in turns",
        .inner = &square_keys,
    },
    {
        .name = "replay",
        .kind = OPTION_MAP,
        .help = "recorded rates from a file; there is no rate beside it",
        .inner = &replay_keys,
    },
};
_Static_assert(sizeof shape_rows / sizeof *shape_rows == SHAPE_COUNT, "a row for each shape");
static const key_table_t shape_keys = TABLE("shape", shape_rows);

static const option_t theta_rows[] = {
    {
        .name = "theta",
        .kind = OPTION_NUMBER,
        .argument = "NUMBER",
        .default_text = "0.99",
        .help = "how steep: the row of rank r is drawn in proportion to 1 / r^theta",
        IN_STREAM(keys.theta),
        .maximum = 5,
    },
};
static const key_table_t zipf_keys = SHORT_TABLE("keys.zipf", theta_rows);
static const key_table_t latest_keys = SHORT_TABLE("keys.latest", theta_rows);

static const option_t hotspot_rows[] = {
    {
        .name = "share",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "1%",
        .help = "of the rows, that are hot: at least one of them",
        IN_STREAM(keys.share),
        .maximum = 100,
    },
    {
        .name = "probability",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "90%",
        .help = "how often a hot one is drawn",
        IN_STREAM(keys.probability),
        .maximum = 100,
    },
};
static const key_table_t hotspot_keys = TABLE("keys.hotspot", hotspot_rows);

/* In the order of keys_kind_t. */
static const option_t keys_rows[] = {
    {
        .name = "uniform",
        .kind = OPTION_MAP,
        .help = "every row as often as any other",
        .inner = &no_keys,
    },
    {
        .name = "zipf",
        .kind = OPTION_MAP,
        .help = "a few rows often, most of them seldom; popular ones lie anywhere",
        .inner = &zipf_keys,
    },
    {
        .name = "latest",
        .kind = OPTION_MAP,
        .help = "the same, and the newer a row, the more popular",
        .inner = &latest_keys,
    },
    {
        .name = "hotspot",
        .kind = OPTION_MAP,
        .help = "a share of the rows gets most of what is done",
        .inner = &hotspot_keys,
    },
    {
        .name = "sequential",
        .kind = OPTION_MAP,
        .help = "one row after another, and from the start again",
        .inner = &no_keys,
    },
};
_Static_assert(sizeof keys_rows / sizeof *keys_rows == KEYS_KIND_COUNT, "a row for each kind");
static const key_table_t keys_keys = TABLE("keys", keys_rows);

static const option_t stream_rows[] = {
    {
        .name = "rate",
        .kind = OPTION_RATE,
        .argument = "RATE",
        .default_text = "max",
        .help = "rows per second (of transaction: transactions per second), due by the clock "
                "whatever the server does; max: as fast as it goes; off: none",
        IN_STREAM(rate),
        GIVEN(rate_given),
    },
    {
        .name = "rows",
        .kind = OPTION_COUNT,
        .argument = "N",
        .help = "how many in all; without it what rate and duration give",
        IN_STREAM(rows),
        .maximum = SCHEDULE_ROWS_MAX,
        .streams = INSERTS | UPDATES | DELETES,
    },
    {
        .name = "transactions",
        .kind = OPTION_COUNT,
        .argument = "N",
        .help = "how many in all; without it what rate and duration give",
        IN_STREAM(transactions),
        .maximum = SCHEDULE_ROWS_MAX,
        .streams = MIXED,
    },
    {
        .name = "rows_per_txn",
        .kind = OPTION_COUNT,
        .argument = "N",
        .help = "rows in each transaction; without it 10 of insert, 20 of update, 1 of delete",
        IN_STREAM(rows_per_txn),
        .minimum = 1,
        .maximum = TXN_MAX,
        .streams = INSERTS | UPDATES | DELETES,
    },
    {
        .name = "insert",
        .kind = OPTION_COUNT,
        .argument = "N",
        .help = "new rows in each transaction, by COPY, before all else",
        IN_STREAM(mix_insert),
        .maximum = TXN_MAX,
        .streams = MIXED,
    },
    {
        .name = "update_own",
        .kind = OPTION_COUNT,
        .argument = "N",
        .help = "then updates of the rows that it has just made, at most one each",
        IN_STREAM(mix_update_own),
        .maximum = TXN_MAX,
        .streams = MIXED,
    },
    {
        .name = "update",
        .kind = OPTION_COUNT,
        .argument = "N",
        .help = "then updates of older rows",
        IN_STREAM(mix_update),
        .maximum = TXN_MAX,
        .streams = MIXED,
    },
    {
        .name = "delete",
        .kind = OPTION_COUNT,
        .argument = "N",
        .help = "then deletes of older rows",
        IN_STREAM(mix_delete),
        .maximum = TXN_MAX,
        .streams = MIXED,
    },
    {
        .name = "burst",
        .kind = OPTION_MAP,
        .help = "a part of the rate that comes at once; without a rate, the bursts are all there "
                "is",
        .inner = &burst_keys,
        .streams = INSERTS | UPDATES | DELETES,
    },
    {
        .name = "shape",
        .kind = OPTION_ONE_OF,
        .default_text = "constant",
        .help = "how the rate goes with time",
        IN_STREAM(shape.kind),
        .inner = &shape_keys,
    },
    {
        .name = "arrivals",
        .kind = OPTION_CHOICE,
        .argument = "HOW",
        .default_text = "even",
        .help = "even: each transaction when the shape has come to it; poisson: at random, as from "
                "many users, at the rate that the shape has",
        IN_STREAM(arrivals),
        .choices = "even|poisson",
    },
    {
        .name = "keys",
        .kind = OPTION_ONE_OF,
        .default_text = "uniform",
        .help = "which rows; delete takes each once, uniform or sequential",
        IN_STREAM(keys.kind),
        .inner = &keys_keys,
        .streams = UPDATES | DELETES | MIXED,
    },
    {
        .name = "mode",
        .kind = OPTION_CHOICE,
        .argument = "HOW",
        .default_text = "pipeline",
        .help = "pipeline: a statement for each row, without waiting between; array: one for the "
                "whole transaction",
        IN_STREAM(mode),
        .choices = "pipeline|array",
        .streams = UPDATES | DELETES | MIXED,
    },
    {
        .name = "rollback",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "0%",
        .help = "of the transactions: sent in full, then rolled back; no tap may see them",
        IN_STREAM(rollback),
        .maximum = 100,
    },
    {
        .name = "savepoint",
        .kind = OPTION_SHARE,
        .argument = "SHARE",
        .default_text = "0%",
        .help = "of the transactions: a part is done, rolled back to a savepoint, then done again",
        IN_STREAM(savepoint),
        .maximum = 100,
    },
};
const key_table_t stream_keys = SHORT_TABLE("stream", stream_rows);

static const option_t phase_rows[] = {
    {
        .name = "name",
        .kind = OPTION_TEXT,
        .argument = "NAME",
        .help = "what it is called in the results; no two have the same",
        IN_PHASE(name),
        .minimum = 1,
        .maximum = SCENARIO_NAME_MAX - 1,
    },
    {
        .name = "duration",
        .kind = OPTION_DURATION,
        .argument = "TIME",
        .help = "bounds the streams that have no number of rows",
        IN_PHASE(duration_ns),
        .minimum = MS,
        .maximum = TEN_YEARS,
    },
    {
        .name = "until",
        .kind = OPTION_CHOICE,
        .argument = "WHAT",
        .default_text = "end",
        .help = "end: of its streams; caught-up: the phase has none, and waits until every tap has "
                "seen every change",
        IN_PHASE(until),
        .choices = "end|caught-up",
    },
    {
        .name = "at_most",
        .kind = OPTION_DURATION,
        .argument = "TIME",
        .default_text = "60s",
        .help = "how long to wait for that",
        IN_PHASE(at_most_ns),
        .minimum = MS,
        .maximum = TEN_YEARS,
    },
    {
        .name = "warm_up",
        .kind = OPTION_FLAG,
        .default_text = "false",
        .help = "verified like any other phase, but its times count nowhere",
        IN_PHASE(warm_up),
    },
    {
        .name = "insert",
        .kind = OPTION_MAP,
        .help = "new rows, by COPY",
        IN_PHASE(streams[OP_INSERT]),
        .inner = &stream_keys,
        .enters = INSERTS,
    },
    {
        .name = "update",
        .kind = OPTION_MAP,
        .help = "updates of rows that were there when the phase began",
        IN_PHASE(streams[OP_UPDATE]),
        .inner = &stream_keys,
        .enters = UPDATES,
    },
    {
        .name = "delete",
        .kind = OPTION_MAP,
        .help = "deletes of rows that were there when the phase began",
        IN_PHASE(streams[OP_DELETE]),
        .inner = &stream_keys,
        .enters = DELETES,
    },
    {
        .name = "transaction",
        .kind = OPTION_MAP,
        .help = "transactions that mix inserts, updates and deletes",
        IN_PHASE(streams[STREAM_MIX]),
        .inner = &stream_keys,
        .enters = MIXED,
    },
};
const key_table_t phase_keys = TABLE("phases", phase_rows);

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
    const char *near = nearest.name;
    err_set(err, ERR_USAGE, "there is no key '%.*s' here%s%s%s (%s%s)", (int)len, name,
            near != NULL ? ": did you mean " : "", near != NULL ? near : "",
            near != NULL ? "?" : "", allowed.len > 0 ? "allowed: " : "none is allowed",
            buf_text(&allowed));
    buf_free(&allowed);
    return false;
}
