#include "run/tap/kafka_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* What Debezium writes for a TOASTed value that the log does not carry, and for one of bytea. */
#define UNAVAILABLE       "__debezium_unavailable_value"
#define UNAVAILABLE_BYTES "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="

/* Which of the table's columns the i-th field of a row is, as long as the names stand still. */
typedef struct {
    bool known;
    bool whole; /* every column of the table is there */
    uint64_t names_version;
    uint32_t n;
    int16_t to_table[TABLE_COLUMNS_MAX];
} names_map_t;

struct kafka_reader {
    kafka_reader_opts_t opts;
    format_reader_t *formats;
    names_map_t before_map, after_map, key_map;
    bool in_transaction;
    uint64_t txid, last_commit_lsn; /* of the transaction under way */
    uint64_t lsn, tombstones, unreadable;
    foreign_clock_t own_clocks[CLOCK_COUNT], *clocks;
    verify_course_t course; /* while the tap has turned to another topic */
    merge_txn_t txn;        /* with a merge: as `txid` and `last_commit_lsn` */
    envelope_t envelope;
    err_t why; /* the last record could not be read */
    change_t change;
};

kafka_reader_t *kafka_reader_new(const kafka_reader_opts_t *opts)
{
    kafka_reader_t *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return NULL;
    reader->opts = *opts;
    reader->clocks = opts->clocks != NULL ? opts->clocks : reader->own_clocks;
    for (foreign_clock_id_t id = 0; id < CLOCK_COUNT; id++)
        foreign_clock_init(&reader->clocks[id], opts->clients_clock[id]);
    reader->formats = format_reader_new();
    if (reader->formats == NULL) {
        free(reader);
        return NULL;
    }
    return reader;
}

void kafka_reader_free(kafka_reader_t *reader)
{
    if (reader == NULL)
        return;
    format_reader_free(reader->formats);
    free(reader);
}

void kafka_reader_turn(kafka_reader_t *from, kafka_reader_t *to)
{
    tap_turn(from->opts.tap, &from->course, &to->course);
}

uint64_t kafka_reader_lsn(const kafka_reader_t *reader)
{
    return reader->lsn;
}

uint64_t kafka_reader_unreadable(const kafka_reader_t *reader)
{
    return reader->unreadable;
}

uint64_t kafka_reader_tombstones(const kafka_reader_t *reader)
{
    return reader->tombstones;
}

void kafka_reader_end(kafka_reader_t *reader)
{
    if (reader->in_transaction && reader->opts.merge == NULL)
        tap_end(reader->opts.tap);
    reader->in_transaction = false;
}

static void map_names(const kafka_reader_t *reader, names_map_t *map, const envelope_row_t *row)
{
    if (map->known && map->names_version == row->names_version)
        return;
    map->known = true;
    map->names_version = row->names_version;
    map->n = row->n < TABLE_COLUMNS_MAX ? row->n : TABLE_COLUMNS_MAX;
    size_t ours = 0;
    for (uint32_t i = 0; i < map->n; i++) {
        map->to_table[i] = (int16_t)table_column(reader->opts.use->table, row->fields[i].name.bytes,
                                                 row->fields[i].name.len);
        ours += map->to_table[i] >= 0; /* no name stands twice in a row */
    }
    map->whole = ours == reader->opts.use->table->n_columns;
}

static bool is_unavailable(const field_t *field)
{
    return (field->len == sizeof UNAVAILABLE - 1 &&
            memcmp(field->bytes, UNAVAILABLE, field->len) == 0) ||
           (field->len == sizeof UNAVAILABLE_BYTES - 1 &&
            memcmp(field->bytes, UNAVAILABLE_BYTES, field->len) == 0);
}

static void put_field(field_t *to, const envelope_field_t *field)
{
    /* Of a decimal without a scale Debezium drops trailing zeros: that is a number. */
    static const field_kind_t kinds[] = {
        [ENVELOPE_NULL] = FIELD_NULL,       [ENVELOPE_STRING] = FIELD_TEXT,
        [ENVELOPE_INTEGER] = FIELD_INTEGER, [ENVELOPE_NUMBER] = FIELD_NUMBER,
        [ENVELOPE_BOOL] = FIELD_TEXT,       [ENVELOPE_DECIMAL] = FIELD_NUMBER,
        [ENVELOPE_RAW] = FIELD_TEXT,
    };
    *to = (field_t){field->value.bytes, field->value.len, kinds[field->kind]};
    if (field->kind == ENVELOPE_STRING && is_unavailable(to))
        *to = (field_t){NULL, 0, FIELD_UNCHANGED};
}

static void fill(kafka_reader_t *reader, names_map_t *map, field_t *fields,
                 const envelope_row_t *row)
{
    if (row->present)
        map_names(reader, map, row);
    if (!row->present || !map->whole)
        for (size_t i = 0; i < reader->opts.use->table->n_columns; i++)
            fields[i] = (field_t){NULL, 0, FIELD_ABSENT};
    if (!row->present)
        return;
    for (uint32_t i = 0; i < map->n; i++)
        if (map->to_table[i] >= 0)
            put_field(&fields[map->to_table[i]], &row->fields[i]);
}

/* A flattened row need not say what was done: version 0 is what was inserted. */
static op_t op_of(const envelope_t *envelope)
{
    switch (envelope->op) {
    case ENVELOPE_UPDATE:
        return OP_UPDATE;
    case ENVELOPE_DELETE:
        return OP_DELETE;
    default:
        return OP_INSERT;
    }
}

static before_kind_t before_kind_of(const kafka_reader_t *reader, const envelope_t *envelope)
{
    if (envelope->flattened && envelope->op != ENVELOPE_DELETE)
        return BEFORE_OMITTED;
    if (!envelope->before.present)
        return BEFORE_NONE;
    return reader->opts.use->replica_identity_full ? BEFORE_FULL : BEFORE_KEY;
}

static void make_change(kafka_reader_t *reader)
{
    const envelope_t *envelope = &reader->envelope;
    change_t *change = &reader->change;
    change->op = op_of(envelope);
    change->table = reader->opts.table;
    /* A flattened row without its operation may be of any version, as a snapshot's may. */
    change->op_untold = envelope->op == ENVELOPE_ROW;
    change->snapshot = envelope_is_snapshot(envelope) || change->op_untold;
    change->position =
        envelope->source.lsn != 0 ? envelope->source.lsn : envelope->source.sequence_lsn;
    change->before_kind = before_kind_of(reader, envelope);
    if (change->before_kind != BEFORE_NONE)
        fill(reader, &reader->before_map, change->before, &envelope->before);
    fill(reader, &reader->after_map, change->after, &envelope->after);
    /* A flattened delete that was not rewritten has its key alone. */
    if (change->op == OP_DELETE && !envelope->before.present && envelope->key.present) {
        fill(reader, &reader->key_map, change->before, &envelope->key);
        change->before_kind = BEFORE_KEY;
    }
}

/* What is no envelope: its key, as it was found, is all that there is to say of it. */
static void unknown_event(kafka_reader_t *reader, const kafka_message_t *message)
{
    if (reader->unreadable == 0)
        log_warning("kafka: offset %lld: %s (the first that could not be read; others are counted)",
                    (long long)message->offset, reader->why.text);
    change_t *change = &reader->change;
    tap_way_t way = {.n_hops = 0, .last = STAGE_COMMIT_TO_RECEIPT};
    reader->unreadable++;
    if (reader->opts.use->table->n_columns == 0)
        return; /* a table that is known by its name alone: no key of it is a fault */
    for (size_t i = 0; i < reader->opts.use->table->n_columns; i++)
        change->before[i] = change->after[i] = (field_t){NULL, 0, FIELD_ABSENT};
    change->op = OP_INSERT;
    change->table = reader->opts.table;
    change->snapshot = change->op_untold = false;
    change->before_kind = BEFORE_NONE;
    change->position = (uint64_t)message->offset;
    if (message->key != NULL)
        change->after[reader->opts.use->table->key] =
            (field_t){message->key, (uint32_t)message->key_len, FIELD_TEXT};
    tap_event_t none;
    tap_verify(reader->opts.tap, change, &way, &none); /* no row of ours, whatever its key says */
}

static bool commit_time(const envelope_t *envelope, int64_t *us)
{
    int64_t ns, unit_ns;
    if (!envelope_time(&envelope->source.time, &ns, &unit_ns))
        return false;
    *us = ns / NS_PER_US;
    return true;
}

/* A transaction begins where its number or the last commit before it changes. Rows without a number
 * (flattened ones) are told apart by the ledger: the one that was found goes on until it is whole,
 * since nothing comes between a transaction's changes. Over several partitions something may; then
 * each event stands alone. */
static bool goes_on(const kafka_reader_t *reader)
{
    const envelope_source_t *source = &reader->envelope.source;
    if (!reader->in_transaction || reader->opts.partitions != 1 || source->txid != reader->txid)
        return false;
    return source->txid != 0 ? source->last_commit_lsn == reader->last_commit_lsn
                             : reader->opts.merge == NULL && tap_is_matched(reader->opts.tap);
}

static void begin_if_new(kafka_reader_t *reader)
{
    const envelope_source_t *source = &reader->envelope.source;
    if (goes_on(reader))
        return;
    kafka_reader_end(reader);
    int64_t commit_us = TAP_NO_TIME;
    commit_time(&reader->envelope, &commit_us);
    reader->in_transaction = true;
    reader->txid = source->txid;
    reader->last_commit_lsn = source->last_commit_lsn;
    if (reader->opts.merge != NULL) {
        reader->txn = (merge_txn_t){source->last_commit_lsn, source->txid, commit_us};
        merge_come_to(reader->opts.merge, reader->opts.table, &reader->txn);
        tap_verify_begin(reader->opts.tap, source->last_commit_lsn, true);
        return;
    }
    tap_begin(reader->opts.tap, reader->opts.partitions == 1 ? source->last_commit_lsn : 0,
              commit_us, true);
}

/* A stamp of another clock, taken between the commit and the receipt, by the server's: as far as
 * that clock is known. What the event says of it is kept. */
static int64_t server_time(kafka_reader_t *reader, foreign_clock_id_t id, int64_t stamp_us,
                           int64_t unit_us, const tap_receipt_t *receipt)
{
    foreign_clock_t *clock = &reader->clocks[id];
    int64_t commit_us;
    if (receipt == NULL)
        return stamp_us;
    int64_t converted_us = stamp_us + (clock->is_clients ? receipt->offset_us : 0);
    int64_t doubt_us = clock->is_clients ? receipt->uncertainty_us : 0;
    if (commit_time(&reader->envelope, &commit_us))
        foreign_clock_add(clock, converted_us, unit_us, commit_us - doubt_us,
                          receipt->server_us + receipt->uncertainty_us + doubt_us);
    return converted_us;
}

/* Commit, envelope, producer or broker, receipt. */
static void lay_out(kafka_reader_t *reader, const kafka_message_t *message, tap_way_t *way)
{
    int64_t ns, unit_ns;
    const envelope_t *envelope = &reader->envelope;
    way->last = STAGE_COMMIT_TO_RECEIPT;
    if (!envelope_time(&envelope->time, &ns, &unit_ns) ||
        message->timestamp_kind == KAFKA_TIME_NONE)
        return;
    const tap_receipt_t *receipt = tap_receipt(reader->opts.tap, way->receipt_ns);
    bool appended = message->timestamp_kind == KAFKA_TIME_LOG_APPEND;
    way->hops[0].stage = STAGE_COMMIT_TO_DEBEZIUM;
    way->hops[0].end_us = server_time(reader, CLOCK_CONNECT, ns / NS_PER_US,
                                      (unit_ns + NS_PER_US - 1) / NS_PER_US, receipt);
    way->hops[1].stage = appended ? STAGE_DEBEZIUM_TO_APPEND : STAGE_DEBEZIUM_TO_PRODUCE;
    way->hops[1].end_us = server_time(reader, appended ? CLOCK_BROKER : CLOCK_CONNECT,
                                      message->timestamp_ms * 1000, 1000, receipt);
    way->n_hops = 2;
    way->last = appended ? STAGE_APPEND_TO_RECEIPT : STAGE_PRODUCE_TO_RECEIPT;
}

static bool is_change(envelope_op_t op)
{
    return op == ENVELOPE_CREATE || op == ENVELOPE_READ || op == ENVELOPE_UPDATE ||
           op == ENVELOPE_DELETE || op == ENVELOPE_ROW;
}

/* An event that does not name its transaction stands alone. */
static void give_to_merge(kafka_reader_t *reader, const tap_way_t *way)
{
    tap_event_t event;
    tap_t *tap = reader->opts.tap;
    if (!tap_verify(tap, &reader->change, way, &event))
        return;
    if (reader->txn.txid != 0) {
        merge_add(reader->opts.merge, &reader->txn, &event);
        return;
    }
    tap_measure_begin(tap, reader->txn.commit_us);
    tap_measure(tap, &event);
    tap_end(tap);
}

void kafka_reader_feed(kafka_reader_t *reader, const kafka_message_t *message, int64_t receipt_ns,
                       bool below_floor)
{
    envelope_t *envelope = &reader->envelope;
    if (message->value == NULL) {
        reader->tombstones++;
        return;
    }
    const format_record_t record = {.key = message->key,
                                    .value = message->value,
                                    .key_len = message->key_len,
                                    .value_len = message->value_len};
    if (!format_read(reader->formats, &record, envelope, &reader->why)) {
        unknown_event(reader, message);
        return;
    }
    bool before_run =
        below_floor || (envelope->source.lsn != 0 && envelope->source.lsn < reader->opts.floor_lsn);
    /* An END counts a TRUNCATE too. */
    bool is_counted = is_change(envelope->op) || envelope->op == ENVELOPE_TRUNCATE;
    if (reader->opts.ends != NULL && is_counted && !before_run)
        transaction_ends_event(reader->opts.ends, envelope, reader->opts.table);
    if (!is_change(envelope->op))
        return;
    if (before_run) {
        tap_before_run(reader->opts.tap);
        return;
    }
    if (envelope->source.lsn > reader->lsn)
        reader->lsn = envelope->source.lsn;
    begin_if_new(reader);
    make_change(reader);
    tap_way_t way = {.receipt_ns = receipt_ns};
    lay_out(reader, message, &way);
    if (reader->opts.merge != NULL) {
        give_to_merge(reader, &way);
        return;
    }
    tap_change(reader->opts.tap, &reader->change, &way);
    if (tap_is_whole(reader->opts.tap))
        kafka_reader_end(reader);
}
