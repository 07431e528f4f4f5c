#include "run/tap/wal_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/lsn.h"

/* What the last Relation message of a table said. */
typedef struct {
    bool known;
    bool whole;     /* every column of the table is there */
    uint32_t table; /* its number among the run's */
    size_t n_table_columns;
    uint32_t relation_id;
    uint16_t n_columns;
    int16_t to_table[TABLE_COLUMNS_MAX]; /* the server's column → the table's, −1: not ours */
} relation_map_t;

struct wal_reader {
    tap_t *tap;
    const tables_t *tables;
    const char *schema;
    uint64_t floor_lsn;
    uint64_t done_lsn;
    uint64_t bytes;
    bool in_transaction, before_run;
    relation_map_t maps[TABLES_MAX];
    const relation_map_t *map; /* of the change before */
    change_t change;
    pgoutput_t message;
};

wal_reader_t *wal_reader_new(tap_t *tap, const tables_t *tables, uint64_t floor_lsn)
{
    wal_reader_t *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return NULL;
    reader->tap = tap;
    reader->tables = tables;
    reader->map = &reader->maps[0];
    reader->floor_lsn = floor_lsn;
    reader->done_lsn = floor_lsn;
    return reader;
}

void wal_reader_set_schema(wal_reader_t *reader, const char *schema)
{
    reader->schema = schema;
}

void wal_reader_free(wal_reader_t *reader)
{
    free(reader);
}

uint64_t wal_reader_done_lsn(const wal_reader_t *reader)
{
    return reader->done_lsn;
}

uint64_t wal_reader_bytes(const wal_reader_t *reader)
{
    return reader->bytes;
}

static bool map_relation(wal_reader_t *reader, err_t *err)
{
    const pgoutput_t *message = &reader->message;
    int number = tables_find(reader->tables, message->relation);
    bool elsewhere = reader->schema != NULL && strcmp(reader->schema, message->schema) != 0;
    if (number < 0 || elsewhere)
        return true;
    const table_t *table = reader->tables->use[number].table;
    bool by_name_alone = table->n_columns == 0; /* nothing of its rows is looked at */
    if (message->n_columns > TABLE_COLUMNS_MAX && !by_name_alone)
        return err_set(err, ERR_RUN, "the table %s has %u columns; at most %d can be read",
                       message->relation, message->n_columns, TABLE_COLUMNS_MAX);
    relation_map_t *map = &reader->maps[number];
    map->known = true;
    map->table = (uint32_t)number;
    map->n_table_columns = table->n_columns;
    map->relation_id = message->relation_id;
    map->n_columns = message->n_columns;
    size_t ours = 0;
    for (uint16_t i = 0; i < message->n_columns && !by_name_alone; i++) {
        const char *name = message->columns[i].name;
        map->to_table[i] = (int16_t)table_column(table, name, strlen(name));
        ours += map->to_table[i] >= 0;
    }
    map->whole = ours == table->n_columns;
    return true;
}

static field_t field_of(const pgoutput_cell_t *cell)
{
    switch (cell->kind) {
    case 't':
        return (field_t){cell->bytes, cell->len, FIELD_TEXT};
    case 'u':
        return (field_t){NULL, 0, FIELD_UNCHANGED};
    case 'n':
        return (field_t){NULL, 0, FIELD_NULL};
    default:
        return (field_t){NULL, 0, FIELD_ABSENT}; /* binary is never asked for */
    }
}

static void fill(const wal_reader_t *reader, field_t *fields, const pgoutput_cell_t *cells,
                 uint16_t n)
{
    const relation_map_t *map = reader->map;
    if (map->n_table_columns == 0)
        return;
    if (!map->whole || n < map->n_columns)
        for (size_t i = 0; i < map->n_table_columns; i++)
            fields[i] = (field_t){NULL, 0, FIELD_ABSENT};
    for (uint16_t i = 0; i < n; i++)
        if (map->to_table[i] >= 0)
            fields[map->to_table[i]] = field_of(&cells[i]);
}

static before_kind_t before_kind_of(char old_kind)
{
    return old_kind == 'O' ? BEFORE_FULL : old_kind == 'K' ? BEFORE_KEY : BEFORE_NONE;
}

/* Turns to the map of the relation that a change is of; false: it is none of the run's tables. */
static bool turn_to(wal_reader_t *reader, uint32_t relation_id)
{
    if (reader->map->known && reader->map->relation_id == relation_id)
        return true;
    for (uint32_t t = 0; t < reader->tables->n; t++)
        if (reader->maps[t].known && reader->maps[t].relation_id == relation_id) {
            reader->map = &reader->maps[t];
            return true;
        }
    return false;
}

static bool take_change(wal_reader_t *reader, const wal_frame_t *frame, int64_t receipt_ns,
                        err_t *err)
{
    const pgoutput_t *message = &reader->message;
    if (!turn_to(reader, message->relation_id))
        return true; /* another table of the publication */
    if (message->n_columns > reader->map->n_columns || message->n_old > reader->map->n_columns)
        return err_set(err, ERR_RUN, "a tuple at %s has more columns than its relation",
                       lsn_text(frame->wal_start).text);
    if (reader->before_run) {
        tap_before_run(reader->tap);
        return true;
    }
    change_t *change = &reader->change;
    change->op = message->kind == PGOUTPUT_INSERT   ? OP_INSERT
                 : message->kind == PGOUTPUT_UPDATE ? OP_UPDATE
                                                    : OP_DELETE;
    change->table = reader->map->table;
    change->snapshot = false;
    change->position = frame->wal_start;
    change->before_kind = before_kind_of(message->old_kind);
    if (change->before_kind != BEFORE_NONE)
        fill(reader, change->before, message->old, message->n_old);
    if (change->op != OP_DELETE)
        fill(reader, change->after, message->cells, message->n_columns);
    const tap_way_t way = {.receipt_ns = receipt_ns,
                           .n_hops = 1,
                           .hops = {{STAGE_COMMIT_TO_SEND, frame->send_us}},
                           .last = STAGE_SEND_TO_RECEIPT};
    tap_change(reader->tap, change, &way);
    return true;
}

static bool take_message(wal_reader_t *reader, const wal_frame_t *frame, int64_t receipt_ns,
                         err_t *err)
{
    pgoutput_t *message = &reader->message;
    if (!pgoutput_decode(frame->payload, frame->payload_len, message, err))
        return false;
    switch (message->kind) {
    case PGOUTPUT_BEGIN:
        reader->in_transaction = true;
        reader->before_run = message->final_lsn < reader->floor_lsn;
        if (!reader->before_run)
            tap_begin(reader->tap, message->final_lsn, message->commit_us, false);
        return true;
    case PGOUTPUT_COMMIT:
        if (!reader->before_run)
            tap_end(reader->tap);
        reader->in_transaction = false;
        reader->done_lsn = message->end_lsn;
        return true;
    case PGOUTPUT_RELATION:
        return map_relation(reader, err);
    case PGOUTPUT_INSERT:
    case PGOUTPUT_UPDATE:
    case PGOUTPUT_DELETE:
        return take_change(reader, frame, receipt_ns, err);
    case PGOUTPUT_TRUNCATE:
    case PGOUTPUT_OTHER:
        return true;
    }
    return true;
}

bool wal_reader_feed(wal_reader_t *reader, const char *bytes, size_t len, int64_t receipt_ns,
                     bool *reply, err_t *err)
{
    wal_frame_t frame;
    reader->bytes += len;
    if (!wal_frame_decode(bytes, len, &frame, err))
        return false;
    if (frame.kind == WAL_DATA)
        return take_message(reader, &frame, receipt_ns, err);
    /* Between transactions the server's position is ours too: an idle slot moves on. */
    if (!reader->in_transaction && frame.wal_end > reader->done_lsn)
        reader->done_lsn = frame.wal_end;
    *reply = *reply || frame.reply_requested;
    return true;
}
