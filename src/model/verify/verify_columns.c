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
#include "model/timestamp.h"
#include "model/verify/verify_side.h"

fault_t *verify_mismatch(const side_t *side, const char *column, const char *expected,
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

void verify_mismatch_in(const side_t *side, int column, const char *expected, size_t expected_len)
{
    const column_t *columns = side->use->table->columns;
    const char *silent = verify_silent_trigger(side, column);
    side->event->untriggered = side->event->untriggered || silent != NULL;
    fault_t *fault =
        verify_mismatch(side, columns[column].name, expected, expected_len, &side->fields[column]);
    if (fault != NULL)
        fault->trigger = silent;
}

static void expect_text(const side_t *side, int column, const char *expected, size_t len)
{
    const field_t *field = &side->fields[column];
    bool same = field->kind == FIELD_UNCHANGED || (field->kind == FIELD_TEXT && field->len == len &&
                                                   bytes_same(field->bytes, expected, len));
    if (!same)
        verify_mismatch_in(side, column, expected, len);
}

static void expect_null(const side_t *side, int column)
{
    field_kind_t kind = side->fields[column].kind;
    if (kind != FIELD_NULL && kind != FIELD_UNCHANGED)
        verify_mismatch_in(side, column, "NULL", 4);
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
    verify_mismatch_in(side, column, text, (size_t)len);
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

void verify_amount(const side_t *side, int column)
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
    verify_mismatch_in(side, column, expected,
                       change_info_write(new_cents, old_cents, v->opts.modified_by,
                                         at != NULL ? *at : CHANGE_INFO_ANY_TIME, expected));
    return false;
}

static void mismatch_time(const side_t *side, int column, int64_t expected_us)
{
    char expected[TIMESTAMP_TEXT_MAX];
    verify_mismatch_in(side, column, expected, timestamp_write(expected_us, ' ', expected));
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
            verify_mismatch_in(side, at_column, "a timestamp", strlen("a timestamp"));
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

/* The columns that are loaded, of `transactions`: where one is not the row's text, what else it may
 * be is looked into. (The text's amount is version 0's.) */
static void expect_transaction(const side_t *side)
{
    const row_text_t *text = side->text;
    for (int column = 0; column < TX_LOADED; column++) {
        const field_t *field = &side->fields[column];
        uint32_t begin = text->start[column], len = text->start[column + 1] - 1u - begin;
        if (column == TX_AMOUNT)
            verify_amount(side, column);
        else if (field->kind != FIELD_TEXT || field->len != len ||
                 !bytes_same(field->bytes, text->text + begin, len))
            expect_generated(side, column);
    }
}

static void expect_row(const side_t *side)
{
    const table_t *table = side->use->table;
    if (table->is_transactions)
        expect_transaction(side);
    else
        verify_drawn(side);
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
        verify_mismatch(side, "before", expected, strlen(expected), &as_found);
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
