/* A transaction's records, made and handed over. One of the hot paths: nothing is allocated for a
 * record. */
#include "run/load/produce_internal.h"

#include <inttypes.h>

/* So often deliveries are looked at while records are handed over, so that acknowledgements are not
 * stamped late. */
#define POLL_EVERY 32u

bool produce_begin(produce_t *p, writer_t *w, int64_t now_ns)
{
    work_t *work = p->o.work;
    ledger_entry_t entry = {
        .intended_ns = w->task.intended_ns, .rows = w->task.rows, .phase = (uint8_t)w->task.phase};
    txn_lay_out(work->scenario, &w->task, &w->txn);
    lane_walk_begin(&w->walk, work->scenario, &w->task);
    w->step = w->filled = w->copied = 0;
    w->all_sent = w->failed = false;
    w->waiting = w->bytes = 0;
    w->sent_ns = now_ns;
    if (!txn_first_change(&w->txn, &w->walk, work->rows, &entry)) {
        err_t why;
        err_set(&why, ERR_RUN,
                "phase %s: in the lane of %s transaction %" PRIu64 " no rows are left to change: "
                "deletes have taken them; load more, or delete less",
                work->scenario->phases[w->task.phase].name, stream_names[w->task.stream],
                w->task.n);
        work_fail(work, &why);
        return false;
    }
    w->entry = work_enter(work, w->connection, &entry);
    p->commit_us = clock_unix_us(&p->form->anchor, now_ns);
    p->txn_id++;
    return true;
}

/* ---- one record ------------------------------------------------------------------------------ */

static int64_t changed_us(const produce_t *p, uint64_t row)
{
    return p->changed_us[row] == 0 ? ENVELOPE_NEVER_UPDATED : p->changed_us[row];
}

/* Makes the next record: of that row, from a version to another (of an insert and a delete they are
 * one). */
static void make_record(produce_t *p, op_t op, uint64_t row, uint32_t from, uint32_t to)
{
    const row_space_t *space = p->o.work->space;
    record_t *record = &p->record;
    row_text_t text;
    row_text(space, row, &text);
    p->lsn += PRODUCE_LSN_STEP;
    envelope_event_t event = {
        .op = op,
        .row = &text,
        .timestamp_us = row_timestamp_us(space, row),
        .before = envelope_state(space, row, from, changed_us(p, row)),
        .after =
            envelope_state(space, row, to, op == OP_UPDATE ? p->commit_us : ENVELOPE_NEVER_UPDATED),
        .commit_us = p->commit_us,
        .event_ns = clock_unix_us(&p->form->anchor, clock_now_ns()) * NS_PER_US,
        .txn_id = p->txn_id,
        .lsn = p->lsn,
        .last_commit_lsn = p->last_commit_lsn,
    };
    record->key_len = envelope_key_write(p->encoder, &text, record->key);
    record->value_len = envelope_value_write(p->encoder, &event, record->value);
    record->ready = true;
    record->tombstone = false;
    record->deleted = op == OP_DELETE;
    if (op == OP_UPDATE)
        p->changed_us[row] = p->commit_us;
}

/* Hands the record over, and the tombstone that Debezium puts behind a delete. */
static kafka_send_t hand_over(produce_t *p, writer_t *w, err_t *err)
{
    record_t *record = &p->record;
    while (record->ready) {
        const char *value = record->tombstone ? NULL : record->value;
        size_t value_len = record->tombstone ? 0 : record->value_len;
        kafka_send_t sent = kafka_producer_send(p->producer, record->key, record->key_len, value,
                                                value_len, w, err);
        if (sent != KAFKA_SEND_TAKEN)
            return sent;
        w->waiting++;
        w->bytes += record->key_len + value_len;
        record->ready = record->deleted && !record->tombstone;
        record->tombstone = record->ready;
    }
    return KAFKA_SEND_TAKEN;
}

/* ---- which changes --------------------------------------------------------------------------- */

static void make_own_update(produce_t *p, writer_t *w)
{
    uint32_t version;
    uint64_t row = txn_own_row(&w->txn, w->copied, w->filled, &version);
    make_record(p, OP_UPDATE, row, version - 1, version);
}

/* An older row's state counts from now, since the same row may come again in this transaction. */
static bool make_older(produce_t *p, writer_t *w, step_kind_t kind)
{
    row_state_t *rows = p->o.work->rows;
    uint64_t row;
    if (!lane_walk_next(&w->walk, rows, &row))
        return false;
    uint32_t from = row_state_get(rows, row), to = txn_next_version(rows, row);
    bool deletes = kind == STEP_DELETE;
    make_record(p, deletes ? OP_DELETE : OP_UPDATE, row, from, deletes ? from : to);
    return row_state_set(rows, row, deletes ? ROW_STATE_DELETED : (uint16_t)to);
}

/* Makes the record of the transaction's next change; false when there is none that it could be. */
static bool make_next(produce_t *p, writer_t *w)
{
    const step_t *step = &w->txn.steps[w->step];
    bool made = true;
    if (step->kind == STEP_COPY)
        make_record(p, OP_INSERT, step->first_row + w->filled, 0, 0);
    else if (step->kind == STEP_OWN_UPDATE)
        make_own_update(p, w);
    else
        made = make_older(p, w, step->kind);
    w->filled++;
    counter_add(&produce_stats(p, w)->rows_sent, made);
    return made;
}

/* Past what is done, and past control steps: Kafka has no BEGIN. False at the transaction's end. */
static bool go_to_change(writer_t *w)
{
    while (w->step < w->txn.n_steps) {
        const step_t *step = &w->txn.steps[w->step];
        if (!txn_is_control(step->kind) && w->filled < step->rows)
            return true;
        if (step->kind == STEP_COPY)
            w->copied = step->rows;
        w->step++;
        w->filled = 0;
    }
    return false;
}

static void end_transaction(produce_t *p, writer_t *w)
{
    p->lsn += PRODUCE_LSN_STEP;
    p->last_commit_lsn = p->lsn;
    w->all_sent = true;
    p->sending = NULL;
}

/* It cannot go on: what was handed over of it stands, and what became of it nobody knows. */
static void break_off(produce_t *p, writer_t *w, const err_t *why)
{
    p->record.ready = false;
    w->failed = true;
    end_transaction(p, w);
    work_fail(p->o.work, why);
}

bool produce_send(produce_t *p)
{
    writer_t *w = p->sending;
    err_t why = {0};
    while (p->record.ready || go_to_change(w)) {
        if (!p->record.ready && !make_next(p, w)) {
            err_set(&why, ERR_RUN, "phase %s: no rows are left to change, or memory is out",
                    p->o.work->scenario->phases[w->task.phase].name);
            break_off(p, w, &why);
            return true;
        }
        kafka_send_t sent = hand_over(p, w, &why);
        if (sent == KAFKA_SEND_REFUSED) {
            break_off(p, w, &why);
            return true;
        }
        if (sent == KAFKA_SEND_FULL)
            return false;
        if (++p->unpolled >= POLL_EVERY) {
            p->unpolled = 0;
            kafka_producer_poll(p->producer);
        }
    }
    end_transaction(p, w);
    return true;
}
