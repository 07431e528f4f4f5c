/*
 * What an event's columns must be, compared byte for byte: the loaded ones against the row made
 * again, the amount against the version, the triggers' against each other and against the
 * transaction's one time. The old row (REPLICA IDENTITY FULL) is held to the same as the new one, a
 * version back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "model/encode/encode.h"
#include "model/timestamp.h"
#include "model/verify/verify_internal.h"

/* One side of an event, before or after. */
typedef struct {
    event_t *event;
    const use_t *use;
    const row_text_t *text; /* of a row of `transactions` */
    const char *name;       /* "before" or "after" */
    const field_t *fields;
    uint32_t version;
    bool of_this_transaction; /* its modified_at is this transaction's time */
    bool may_be_unsent;       /* it is the new row of an update: TOASTed values need not be sent */
} side_t;

/* ---- Whether a trigger has run on an update, of which one of its columns was found to be wrong:
 * it has not when its column is as it was before. Where the event does not carry the row before
 * (REPLICA IDENTITY DEFAULT), change_info tells by the amount that it names as new; modified_at
 * does only while it is NULL. Only for events that are mismatched already.
 */

static bool same_field(const field_t *a, const field_t *b)
{
    return a->kind == b->kind && a->len == b->len &&
           (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static bool is_as_before(const event_t *event, int column)
{
    const change_t *change = event->change;
    const field_t *after = &change->after[column];
    return after->kind == FIELD_NULL ||
           (change->before_kind == BEFORE_FULL && same_field(&change->before[column], after));
}

/* change_info names the amount of the version before as the new one. */
static bool names_the_amount_before(const event_t *event, const field_t *info)
{
    uint32_t cents, version = event->version + ROW_VERSIONS - 1;
    return info->kind == FIELD_TEXT && change_info_new_cents(info->bytes, info->len, &cents) &&
           cents == row_amount_cents_from(event->v->opts.space, event->amount_base, version);
}

static const char *silent_trigger(const side_t *side, int column)
{
    const event_t *event = side->event;
    const int *column_of = side->use->column_of;
    if (event->change->op != OP_UPDATE || side->fields != event->change->after)
        return NULL;
    switch (side->use->table->columns[column].role) {
    case ROLE_MODIFIED_BY:
    case ROLE_MODIFIED_AT:
        return is_as_before(event, column_of[ROLE_MODIFIED_AT]) ? "trigger_record_user_update"
                                                                : NULL;
    case ROLE_CHANGE_INFO:
        return is_as_before(event, column) || names_the_amount_before(event, &side->fields[column])
                   ? "trigger_record_change_info"
                   : NULL;
    case ROLE_KEY:
    case ROLE_GENERATED:
    case ROLE_AMOUNT:
        break;
    }
    return NULL;
}

/* ---- mismatches */

static fault_t *mismatch(const side_t *side, const char *column, const char *expected,
                         size_t expected_len, const field_t *found)
{
    side->event->mismatched = true;
    fault_t *fault = verify_fault_of_event(side->event, FAULT_MISMATCHED);
    if (fault == NULL)
        return NULL;
    fault->column = column;
    fault->side = side->name;
    snprintf(fault->expected, sizeof fault->expected, "%.*s", (int)expected_len, expected);
    verify_field_text(found, fault->found, sizeof fault->found);
    return fault;
}

static void mismatch_in(const side_t *side, int column, const char *expected, size_t expected_len)
{
    const column_t *columns = side->use->table->columns;
    const char *silent = silent_trigger(side, column);
    side->event->untriggered = side->event->untriggered || silent != NULL;
    fault_t *fault =
        mismatch(side, columns[column].name, expected, expected_len, &side->fields[column]);
    if (fault != NULL)
        fault->trigger = silent;
}

static void expect_text(const side_t *side, int column, const char *expected, size_t len)
{
    const field_t *field = &side->fields[column];
    bool same = field->kind == FIELD_UNCHANGED || (field->kind == FIELD_TEXT && field->len == len &&
                                                   bytes_same(field->bytes, expected, len));
    if (!same)
        mismatch_in(side, column, expected, len);
}

static void expect_null(const side_t *side, int column)
{
    field_kind_t kind = side->fields[column].kind;
    if (kind != FIELD_NULL && kind != FIELD_UNCHANGED)
        mismatch_in(side, column, "NULL", 4);
}

/* A timestamp as Unix µs, after 1970: one text for one number. */
static void expect_unix_us(const side_t *side, int column, int64_t expected_us)
{
    const field_t *field = &side->fields[column];
    uint64_t us;
    if (bytes_number(field->bytes, field->len, &us) && us == (uint64_t)expected_us &&
        field->bytes[0] != '0')
        return;
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, expected_us);
    mismatch_in(side, column, text, (size_t)len);
}

static void expect_generated(const side_t *side, int column)
{
    const row_text_t *text = side->text;
    if (column == TX_TIMESTAMP && side->fields[column].kind == FIELD_INTEGER) {
        const event_t *event = side->event;
        expect_unix_us(side, column, row_timestamp_us(event->v->opts.space, event->row));
        return;
    }
    expect_text(side, column, text->text + text->start[column],
                (size_t)(text->start[column + 1] - 1 - text->start[column]));
}

/* The amount, in cents, that the row of this side has `back` versions before its own. */
static uint32_t cents_of(const side_t *side, uint32_t back)
{
    uint32_t version = side->version + ROW_VERSIONS - back;
    const event_t *event = side->event;
    return row_amount_cents_from(event->v->opts.space, event->amount_base, version);
}

static void expect_amount(const side_t *side, int column)
{
    char expected[12];
    const field_t *field = &side->fields[column];
    uint32_t cents = cents_of(side, 0), found;
    /* A JSON number keeps the value and not the scale: 663.5 is 663.50. */
    if ((field->kind == FIELD_NUMBER || field->kind == FIELD_INTEGER) &&
        row_amount_parse(field->bytes, field->len, &found) && found == cents)
        return;
    expect_text(side, column, expected, row_amount_text(cents, expected));
}

/* ---- the triggers' columns */

/* modified_at, as text or as Unix µs; false when it is neither. */
static bool read_time(const field_t *field, int64_t *unix_us)
{
    if (field->kind == FIELD_TEXT)
        return timestamp_parse(field->bytes, field->len, ' ', unix_us);
    uint64_t us;
    if (field->kind != FIELD_INTEGER || field->len > 18 ||
        !bytes_number(field->bytes, field->len, &us))
        return false;
    *unix_us = (int64_t)us;
    return true;
}

static uint64_t time_distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* change_info, whose time is given back; false when it is unchanged or wrong. `at` is modified_at
 * where that is known, for the message alone. */
static bool expect_change_info(const side_t *side, const int64_t *at, int64_t *unix_us)
{
    const verifier_t *v = side->event->v;
    int column = side->use->column_of[ROLE_CHANGE_INFO];
    const field_t *field = &side->fields[column];
    if (field->kind == FIELD_UNCHANGED)
        return false;
    uint32_t new_cents = cents_of(side, 0), old_cents = cents_of(side, 1);
    if (field->kind == FIELD_TEXT &&
        change_info_matches(field->bytes, field->len, new_cents, old_cents, &v->info_end, unix_us))
        return true;
    char expected[CHANGE_INFO_TEXT_MAX];
    mismatch_in(side, column, expected,
                change_info_write(new_cents, old_cents, v->opts.modified_by,
                                  at != NULL ? *at : CHANGE_INFO_ANY_TIME, expected));
    return false;
}

static void mismatch_time(const side_t *side, int column, int64_t expected_us)
{
    char expected[TIMESTAMP_TEXT_MAX];
    mismatch_in(side, column, expected, timestamp_write(expected_us, ' ', expected));
}

/* modified_at and change_info name one time, and it is the transaction's: current_timestamp does
 * not move within one. Where the two differ, the one further from the last time that was sure is
 * wrong. NULL: that one is not there, or was already found wrong. */
static void expect_one_time(const side_t *side, const int64_t *at, const int64_t *info)
{
    const int *column_of = side->use->column_of;
    verify_course_t *course = &side->event->v->course;
    int at_column = column_of[ROLE_MODIFIED_AT], info_column = column_of[ROLE_CHANGE_INFO];
    if (at != NULL && info != NULL && *at != *info) {
        bool info_is_wrong = course->has_time && time_distance(*info, course->time_us) >
                                                     time_distance(*at, course->time_us);
        mismatch_time(side, info_is_wrong ? info_column : at_column, info_is_wrong ? *at : *info);
        return;
    }
    const int64_t *time = at != NULL ? at : info;
    if (time == NULL || !side->of_this_transaction)
        return;
    if (!course->time_is_known) {
        course->time_us = *time;
        course->time_is_known = course->has_time = true;
    } else if (*time != course->time_us) {
        mismatch_time(side, at != NULL ? at_column : info_column, course->time_us);
    }
}

/* The columns of a version that an update made. */
static void expect_triggers_ran(const side_t *side)
{
    const verifier_t *v = side->event->v;
    int by_column = side->use->column_of[ROLE_MODIFIED_BY];
    int at_column = side->use->column_of[ROLE_MODIFIED_AT];
    int64_t at_us, info_us;
    const int64_t *at = NULL, *info = NULL;
    if (side->use->triggers & TRIGGERS_USER) {
        expect_text(side, by_column, v->opts.modified_by, strlen(v->opts.modified_by));
        if (read_time(&side->fields[at_column], &at_us))
            at = &at_us;
        else if (side->fields[at_column].kind != FIELD_UNCHANGED)
            mismatch_in(side, at_column, "a timestamp", strlen("a timestamp"));
    } else {
        expect_null(side, by_column);
        expect_null(side, at_column);
    }
    if (!(side->use->triggers & TRIGGERS_COLUMNS))
        expect_null(side, side->use->column_of[ROLE_CHANGE_INFO]);
    else if (expect_change_info(side, at, &info_us))
        info = &info_us;
    expect_one_time(side, at, info);
}

/* Version 0 was inserted, and then its trigger columns are NULL, or made by an update once the
 * versions had wrapped. An insert says which; an old row does not: the greater part of the columns
 * that the triggers set decides. */
static bool triggers_ran(const side_t *side)
{
    const change_t *change = side->event->change;
    if (side->use->triggers == TRIGGERS_NONE || (change->op == OP_INSERT && !change->snapshot))
        return false;
    if (side->version != 0 || (change->op == OP_UPDATE && side->fields == change->after))
        return true;
    int set = 0, all = 0;
    for (column_role_t role = ROLE_MODIFIED_BY; role <= ROLE_CHANGE_INFO; role++) {
        triggers_t trigger = role == ROLE_CHANGE_INFO ? TRIGGERS_COLUMNS : TRIGGERS_USER;
        if (side->use->triggers & trigger) {
            all++;
            set += side->fields[side->use->column_of[role]].bytes != NULL;
        }
    }
    return set * 2 > all;
}

/* ---- the columns that are loaded */

/* The columns that are loaded, of `transactions`: where one is not the row's text, what else it may
 * be is looked into. (The text's amount is version 0's.) */
static void expect_transaction(const side_t *side)
{
    const row_text_t *text = side->text;
    for (int column = 0; column < TX_LOADED; column++) {
        const field_t *field = &side->fields[column];
        uint32_t begin = text->start[column], len = text->start[column + 1] - 1u - begin;
        if (column == TX_AMOUNT)
            expect_amount(side, column);
        else if (field->kind != FIELD_TEXT || field->len != len ||
                 !bytes_same(field->bytes, text->text + begin, len))
            expect_generated(side, column);
    }
}

/* Those of every table but `transactions`: each value is drawn again and compared by what its SQL
 * type looks like in an event: pgoutput's text, or what Debezium's JSON makes of it (Debezium
 * documentation, "PostgreSQL connector: Data type mappings"). */

static bool same_text(const field_t *field, const char *expected, size_t len)
{
    return field->kind == FIELD_TEXT && field->len == len &&
           memcmp(field->bytes, expected, len) == 0;
}

static bool same_integer(const field_t *field, const char *expected, size_t len)
{
    return (field->kind == FIELD_TEXT || field->kind == FIELD_INTEGER) && field->len == len &&
           memcmp(field->bytes, expected, len) == 0;
}

/* A JSON number keeps the value and not the scale. */
static bool same_numeric(const field_t *field, const char *expected, size_t len)
{
    if (field->kind == FIELD_NUMBER || field->kind == FIELD_INTEGER)
        return json_form_same_number(field->bytes, field->len, expected, len);
    return same_text(field, expected, len);
}

static bool same_timestamp(const field_t *field, const char *expected, size_t len)
{
    int64_t us;
    char text[24];
    if (field->kind != FIELD_INTEGER)
        return same_text(field, expected, len);
    int n =
        timestamp_parse(expected, len, ' ', &us) ? snprintf(text, sizeof text, "%" PRId64, us) : 0;
    return n > 0 && field->len == (uint32_t)n && memcmp(field->bytes, text, (size_t)n) == 0;
}

static bool same_boolean(const field_t *field, const char *expected, size_t len)
{
    const char *word = expected[0] == 't' ? "true" : "false";
    return same_text(field, expected, len) || same_text(field, word, strlen(word));
}

/* expected: \x0a1b. Debezium: base64 (binary.handling.mode=bytes, base64-url-safe), or the digits
 * alone (hex). */
static bool same_bytes(const field_t *field, const char *expected, size_t len)
{
    const char *digits = expected + 2;
    size_t n = len - 2;
    return same_text(field, expected, len) || same_text(field, digits, n) ||
           (field->kind == FIELD_TEXT && json_form_is_base64(field->bytes, field->len, digits, n));
}

static bool same(const column_t *column, const field_t *field, const char *expected, size_t len)
{
    switch (column->form) {
    case SQL_TEXT:
    case SQL_JSON:
        return same_text(field, expected, len);
    case SQL_INTEGER:
        return same_integer(field, expected, len);
    case SQL_NUMERIC:
        return same_numeric(field, expected, len);
    case SQL_TIMESTAMP:
        return same_timestamp(field, expected, len);
    case SQL_BOOLEAN:
        return same_boolean(field, expected, len);
    case SQL_BYTES:
        return same_bytes(field, expected, len);
    }
    return false;
}

static void expect_drawn(const side_t *side, uint64_t row_hash, int number)
{
    const verifier_t *v = side->event->v;
    const column_t *column = &side->use->table->columns[number];
    const field_t *field = &side->fields[number];
    size_t len = table_value(v->opts.space, side->use->table, side->event->row, row_hash,
                             (size_t)number, v->value);
    if (len == GENERATED_NULL) {
        if (field->kind != FIELD_NULL)
            mismatch_in(side, number, "NULL", 4);
        return;
    }
    bool unsent = field->kind == FIELD_UNCHANGED && side->may_be_unsent && column->may_toast &&
                  len > TOAST_POINTER_BYTES;
    if (!unsent && !same(column, field, v->value, len))
        mismatch_in(side, number, v->value, len);
}

static void expect_drawn_row(const side_t *side)
{
    const table_t *table = side->use->table;
    uint64_t row_hash = table_row_hash(side->event->v->opts.space, side->event->row);
    for (int c = 0; c < (int)table->n_loaded; c++) {
        if (table->columns[c].role == ROLE_AMOUNT)
            expect_amount(side, c);
        else
            expect_drawn(side, row_hash, c);
    }
}

/* ---- rows */

static void expect_row(const side_t *side)
{
    const table_t *table = side->use->table;
    if (table->is_transactions)
        expect_transaction(side);
    else
        expect_drawn_row(side);
    if (!table->has_trigger_columns)
        return;
    if (triggers_ran(side)) {
        expect_triggers_ran(side);
        return;
    }
    for (column_role_t role = ROLE_MODIFIED_BY; role <= ROLE_CHANGE_INFO; role++)
        expect_null(side, side->use->column_of[role]);
}

static void expect_before(const side_t *side)
{
    before_kind_t kind = side->event->change->before_kind;
    if (kind == BEFORE_FULL) {
        expect_row(side);
        return;
    }
    if (kind == BEFORE_OMITTED)
        return;
    if (kind == BEFORE_KEY) {
        char key[ROW_KEY_LEN];
        row_key(side->event->v->opts.space, side->event->row, key);
        expect_text(side, side->use->column_of[ROLE_KEY], key, ROW_KEY_LEN);
    }
    if (side->use->replica_identity_full) {
        const char *expected = "the whole old row (REPLICA IDENTITY FULL)";
        const char *found = kind == BEFORE_KEY ? "its key alone" : "nothing";
        field_t as_found = {.bytes = found, .len = (uint32_t)strlen(found), .kind = FIELD_TEXT};
        mismatch(side, "before", expected, strlen(expected), &as_found);
    }
}

void verify_columns(event_t *event)
{
    const change_t *change = event->change;
    row_text_t text;
    if (event->use->table->is_transactions)
        row_text(event->v->opts.space, event->row, &text);
    if (change->op != OP_DELETE) {
        side_t after = {
            .event = event,
            .use = event->use,
            .text = &text,
            .name = "after",
            .fields = change->after,
            .version = event->version,
            .of_this_transaction = event->in_sequence && !change->snapshot,
            .may_be_unsent = change->op == OP_UPDATE,
        };
        expect_row(&after);
    }
    if (change->op != OP_INSERT) {
        uint32_t back = change->op == OP_UPDATE;
        side_t before = {
            .event = event,
            .use = event->use,
            .text = &text,
            .name = "before",
            .fields = change->before,
            .version = (event->version + ROW_VERSIONS - back) % ROW_VERSIONS,
        };
        expect_before(&before);
    }
}
