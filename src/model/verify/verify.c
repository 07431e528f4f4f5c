#include "model/verify/verify.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lsn.h"
#include "model/verify/verify_internal.h"

#define GAPS_MAX_DEFAULT (1u << 20)

/* An update to this amount or more (2000.00) is one that the writer rolled back: it names itself.
 * What lies between the largest amount of a version and this is a damaged amount. */
#define ROLLED_BACK_CENTS_MIN 200000u

static void use_init(use_t *use, const table_use_t *of)
{
    use->table = of->table;
    use->triggers = of->triggers;
    use->replica_identity_full = of->replica_identity_full;
    for (size_t role = 0; role <= ROLE_CHANGE_INFO; role++)
        use->column_of[role] = -1;
    for (size_t c = 0; c < of->table->n_columns; c++)
        use->column_of[of->table->columns[c].role] = (int)c;
    assert(of->table->has_trigger_columns || of->triggers == TRIGGERS_NONE);
}

verifier_t *verifier_new(const verify_opts_t *opts)
{
    verifier_t *v = calloc(1, sizeof *v);
    if (v == NULL)
        return NULL;
    v->opts = *opts;
    if (v->opts.gaps_max == 0)
        v->opts.gaps_max = GAPS_MAX_DEFAULT;
    v->gaps.item_bytes = sizeof(uint64_t); /* its key alone */
    size_t value_bytes = 1;
    for (uint32_t t = 0; t < opts->tables.n; t++) {
        const table_t *table = opts->tables.use[t].table;
        use_init(&v->uses[t], &opts->tables.use[t]);
        if (table->value_bytes_max > value_bytes)
            value_bytes = table->value_bytes_max;
    }
    v->value = malloc(value_bytes);
    change_info_end(opts->modified_by, &v->info_end);
    v->state = row_state_new(opts->rows);
    if (v->state == NULL || v->value == NULL) {
        verifier_free(v);
        return NULL;
    }
    return v;
}

void verifier_free(verifier_t *v)
{
    if (v == NULL)
        return;
    hash_table_free(&v->gaps);
    row_state_free(v->state);
    free(v->value);
    free(v);
}

static void fault_set_positions(fault_t *fault, uint64_t floor, uint64_t found)
{
    snprintf(fault->expected, sizeof fault->expected, "a position after %s", lsn_text(floor).text);
    snprintf(fault->found, sizeof fault->found, "position %s", lsn_text(found).text);
}

static void begin(verifier_t *v, bool repeated)
{
    v->course.began = true;
    v->course.repeated = repeated;
    v->course.has_position = false;
    v->course.time_is_known = false;
}

void verifier_turn(verifier_t *v, verify_course_t *from, const verify_course_t *to)
{
    *from = v->course;
    v->course = *to;
}

void verifier_begin(verifier_t *v, uint64_t commit_position)
{
    if (v->course.began && commit_position <= v->course.commit_position) {
        verify_count(v, COUNT_OUT_OF_ORDER);
        fault_t *fault = verify_fault_add(v, FAULT_OUT_OF_ORDER);
        if (fault != NULL) {
            fault->position = commit_position;
            fault_set_positions(fault, v->course.commit_position, commit_position);
        }
    }
    v->course.commit_position = commit_position;
    begin(v, false);
}

void verifier_begin_repeatable(verifier_t *v, uint64_t commit_position)
{
    bool repeated = v->course.began && commit_position < v->course.commit_position;
    if (!repeated)
        v->course.commit_position = commit_position;
    begin(v, repeated);
}

void verifier_before_run(verifier_t *v)
{
    verify_count(v, COUNT_BEFORE_RUN);
}

static bool field_row(const verifier_t *v, const field_t *field, uint64_t *row)
{
    return field->kind == FIELD_TEXT && row_of_key(v->opts.space, field->bytes, field->len, row);
}

/* The row by the key of the side that has it; an update whose new key is damaged still has its old
 * one, where the event carries that. */
static bool change_row(event_t *event)
{
    const change_t *change = event->change;
    int key = event->use->column_of[ROLE_KEY];
    if (change->op != OP_DELETE && field_row(event->v, &change->after[key], &event->row))
        return true;
    return change->op != OP_INSERT && change->before_kind != BEFORE_NONE &&
           field_row(event->v, &change->before[key], &event->row);
}

/* A row of this run, in the table where it belongs. */
static bool is_ours(event_t *event)
{
    const verify_opts_t *opts = &event->v->opts;
    return change_row(event) && (event->row < opts->rows || event->row >= ROW_ROLLBACK_BASE) &&
           (opts->tables.n == 1 || event->row % opts->tables.n == event->change->table);
}

static void unknown_row(const event_t *event, verdict_t *out)
{
    verifier_t *v = event->v;
    const change_t *change = event->change;
    out->unknown = true;
    verify_count(v, COUNT_UNKNOWN);
    fault_t *fault = verify_fault_add(v, FAULT_UNKNOWN);
    if (fault == NULL)
        return;
    static const field_t no_field = {.kind = FIELD_ABSENT};
    int key_column = event->use->column_of[ROLE_KEY];
    const field_t *key = &change->after[key_column];
    if (change->op == OP_DELETE) {
        bool is_there = change->before_kind != BEFORE_NONE;
        key = is_there ? &change->before[key_column] : &no_field;
    }
    fault->op = change->op;
    fault->position = change->position;
    verify_field_text(key, fault->key, sizeof fault->key);
    int len = snprintf(fault->expected, sizeof fault->expected,
                       "a key of seed %" PRIu64 ", row below %" PRIu64, v->opts.space->seed,
                       v->opts.rows);
    if (v->opts.tables.n > 1)
        snprintf(fault->expected + len, sizeof fault->expected - (size_t)len,
                 ", that belongs in table %s", event->use->table->name);
    verify_field_text(key, fault->found, sizeof fault->found);
}

static bool amount_is_of_a_rollback(const event_t *event)
{
    const change_t *change = event->change;
    const field_t *amount = &change->after[event->use->column_of[ROLE_AMOUNT]];
    uint32_t cents;
    return change->op == OP_UPDATE && amount->bytes != NULL &&
           row_amount_parse(amount->bytes, amount->len, &cents) && cents >= ROLLED_BACK_CENTS_MIN;
}

static void rolled_back(const event_t *event, verdict_t *out)
{
    out->rolled_back = true;
    verify_count(event->v, COUNT_ROLLED_BACK);
    fault_t *fault = verify_fault_of_event(event, FAULT_ROLLED_BACK);
    if (fault == NULL)
        return;
    const field_t *amount = &event->change->after[event->use->column_of[ROLE_AMOUNT]];
    snprintf(fault->expected, sizeof fault->expected, "nothing: the writer rolled this back");
    if (event->change->op == OP_UPDATE)
        verify_field_text(amount, fault->found, sizeof fault->found);
}

static void out_of_sequence(const event_t *event, place_t place, uint16_t state)
{
    bool late = place == PLACE_LATE;
    verify_count(event->v, late ? COUNT_OUT_OF_ORDER : COUNT_DUPLICATED);
    fault_t *fault = verify_fault_of_event(event, late ? FAULT_OUT_OF_ORDER : FAULT_DUPLICATED);
    if (fault == NULL)
        return;
    const char *what = late ? "an earlier place" : "one event";
    if (state == ROW_STATE_DELETED)
        snprintf(fault->found, sizeof fault->found, "version %" PRIu32 " after the row's delete",
                 event->version);
    else
        snprintf(fault->found, sizeof fault->found,
                 "version %" PRIu32 " after version %" PRIu16 " was seen", event->version, state);
    snprintf(fault->expected, sizeof fault->expected, "%s for version %" PRIu32, what,
             event->version);
}

static void position_fell(const event_t *event, uint64_t floor)
{
    verify_count(event->v, COUNT_OUT_OF_ORDER);
    fault_t *fault = verify_fault_of_event(event, FAULT_OUT_OF_ORDER);
    if (fault != NULL)
        fault_set_positions(fault, floor, event->change->position);
}

/* A change of a row of this run: its place in the row's sequence, then its content. */
static void known_row(event_t *event, bool fell, uint64_t floor, verdict_t *out)
{
    verifier_t *v = event->v;
    uint16_t state = row_state_get(v->state, event->row);
    event->amount_base = row_amount_base(v->opts.space, event->row);
    event->version = verify_version(event, state);
    place_t place = verify_place(event);
    event->in_sequence = place == PLACE_IN_SEQUENCE;

    verify_count(v, COUNT_DELIVERED);
    out->ours = true;
    out->version = event->version;
    out->duplicated = place == PLACE_REPEATED;
    out->out_of_order = place == PLACE_LATE || (place == PLACE_IN_SEQUENCE && fell);
    if (!event->in_sequence)
        out_of_sequence(event, place, state);
    else if (fell)
        position_fell(event, floor);

    verify_columns(event);
    out->mismatched = event->mismatched;
    if (event->mismatched)
        verify_count(v, COUNT_MISMATCHED);
    if (event->untriggered)
        verify_count(v, COUNT_UNTRIGGERED);
}

void verifier_change(verifier_t *v, const change_t *change, verdict_t *out)
{
    *out = (verdict_t){0};
    uint64_t floor = v->course.repeated ? v->course.commit_position : v->course.position;
    bool fell = v->course.repeated || (v->course.has_position && change->position < floor);
    v->course.has_position = true;
    v->course.position = change->position;

    event_t event = {.v = v, .change = change, .use = &v->uses[change->table]};
    if (!is_ours(&event)) {
        unknown_row(&event, out);
        return;
    }
    out->row = event.row;
    if (event.row >= ROW_ROLLBACK_BASE || amount_is_of_a_rollback(&event))
        rolled_back(&event, out);
    else
        known_row(&event, fell, floor, out);
}
