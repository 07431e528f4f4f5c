#include "run/load/produce.h"

#include <inttypes.h>
#include <stdlib.h>

#include "kafka/kafka_producer.h"
#include "run/load/writer.h"

/* One transaction's place: what a connection is elsewhere. */
typedef struct {
    writer_t w;
    uint64_t bytes;
    bool all_sent, failed;
    uint64_t waiting; /* records sent whose delivery is not told yet */
} sender_t;

/* The record that is to be handed over next. */
typedef struct {
    bool ready;     /* it is made, and not taken yet */
    bool tombstone; /* without its value; else one may follow … */
    bool deleted;   /* … since it is of a delete */
    char *key, *value;
    size_t key_len, value_len;
} record_t;

struct produce {
    produce_opts_t o;
    const produce_form_t *form;
    kafka_producer_t *producer;
    envelope_encoder_t *encoder;
    watch_t *watch;
    int64_t *changed_us; /* by row: when it was last updated; 0: never */
    uint32_t n_senders, turn;
    sender_t *senders;

    sender_t *sending; /* its records come now, and no other's between; NULL: none */
    record_t record;
    int64_t commit_us; /* of the transaction that is being sent */
    uint32_t txn_id;
    uint64_t lsn, last_commit_lsn;
    uint32_t unpolled; /* records handed over since deliveries were last looked at */
};

/* A step in the log, as an ordinary change makes it: positions alone, nobody reads between. */
#define PRODUCE_LSN_STEP 256u

/* So often deliveries are looked at while records are handed over, so that acknowledgements are not
 * stamped late. */
#define POLL_EVERY 32u

/* A transaction's records, made and handed over, are one of the hot paths: nothing is allocated for
 * a record. */

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
static kafka_send_t hand_over(produce_t *p, sender_t *s, err_t *err)
{
    record_t *record = &p->record;
    while (record->ready) {
        const char *value = record->tombstone ? NULL : record->value;
        size_t value_len = record->tombstone ? 0 : record->value_len;
        kafka_send_t sent = kafka_producer_send(p->producer, record->key, record->key_len, value,
                                                value_len, s, err);
        if (sent != KAFKA_SEND_TAKEN)
            return sent;
        s->waiting++;
        s->bytes += record->key_len + value_len;
        record->ready = record->deleted && !record->tombstone;
        record->tombstone = record->ready;
    }
    return KAFKA_SEND_TAKEN;
}

/* ---- which changes --------------------------------------------------------------------------- */

static void make_own_update(produce_t *p, sender_t *s)
{
    uint32_t version;
    uint64_t row = txn_own_row(&s->w.txn, s->w.copied, s->w.filled, &version);
    make_record(p, OP_UPDATE, row, version - 1, version);
}

/* An older row's state counts from now, since the same row may come again in this transaction. */
static bool make_older(produce_t *p, sender_t *s, step_kind_t kind)
{
    row_state_t *rows = p->o.work->rows;
    uint64_t row;
    if (!writer_older(&s->w, &row))
        return false;
    uint32_t from = row_state_get(rows, row), to = writer_next_version(&s->w, row);
    bool deletes = kind == STEP_DELETE;
    make_record(p, deletes ? OP_DELETE : OP_UPDATE, row, from, deletes ? from : to);
    return row_state_set(rows, row, deletes ? ROW_STATE_DELETED : (uint16_t)to);
}

/* Makes the record of the transaction's next change; false when there is none that it could be. */
static bool make_next(produce_t *p, sender_t *s)
{
    const step_t *step = &s->w.txn.steps[s->w.step];
    bool made = true;
    if (step->kind == STEP_COPY)
        make_record(p, OP_INSERT, step->first_row + s->w.filled, 0, 0);
    else if (step->kind == STEP_OWN_UPDATE)
        make_own_update(p, s);
    else
        made = make_older(p, s, step->kind);
    s->w.filled++;
    counter_add(&writer_stats(&s->w)->rows_sent, made);
    return made;
}

/* Past what is done, and past control steps: Kafka has no BEGIN. False at the transaction's end. */
static bool go_to_change(sender_t *s)
{
    while (s->w.step < s->w.txn.n_steps) {
        const step_t *step = &s->w.txn.steps[s->w.step];
        if (!txn_is_control(step->kind) && s->w.filled < step->rows)
            return true;
        if (step->kind == STEP_COPY)
            s->w.copied = step->rows;
        s->w.step++;
        s->w.filled = 0;
    }
    return false;
}

static void end_transaction(produce_t *p, sender_t *s)
{
    p->lsn += PRODUCE_LSN_STEP;
    p->last_commit_lsn = p->lsn;
    s->all_sent = true;
    p->sending = NULL;
}

/* It cannot go on: what was handed over of it stands, and what became of it nobody knows. */
static void break_off(produce_t *p, sender_t *s, const err_t *why)
{
    p->record.ready = false;
    s->failed = true;
    end_transaction(p, s);
    work_fail(p->o.work, why);
}

/* Hands over what the queue takes of p->sending; false when it is full. At the end of the
 * transaction p->sending is NULL. */
static bool send_on(produce_t *p)
{
    sender_t *s = p->sending;
    err_t why = {0};
    while (p->record.ready || go_to_change(s)) {
        if (!p->record.ready && !make_next(p, s)) {
            err_set(&why, ERR_RUN, "phase %s: no rows are left to change, or memory is out",
                    p->o.work->scenario->phases[s->w.task.phase].name);
            break_off(p, s, &why);
            return true;
        }
        kafka_send_t sent = hand_over(p, s, &why);
        if (sent == KAFKA_SEND_REFUSED) {
            break_off(p, s, &why);
            return true;
        }
        if (sent == KAFKA_SEND_FULL)
            return false;
        if (++p->unpolled >= POLL_EVERY) {
            p->unpolled = 0;
            kafka_producer_poll(p->producer);
        }
    }
    end_transaction(p, s);
    return true;
}

/* ---- a transaction's end --------------------------------------------------------------------- */

/* Some of its records are not there, or may not be: neither done nor lost. */
static void give_up(sender_t *s)
{
    writer_undetermined(&s->w);
    writer_free_again(&s->w, clock_now_ns());
}

static void end_if_told(sender_t *s)
{
    if (!s->w.has_task || !s->all_sent || s->waiting > 0)
        return;
    if (s->failed)
        give_up(s);
    else
        writer_acknowledged(&s->w, s->w.task.rows, s->bytes, clock_now_ns());
}

static void on_delivered(void *ctx, void *token, const char *why_not)
{
    produce_t *p = ctx;
    sender_t *s = token;
    s->waiting--;
    if (why_not != NULL) {
        err_t why;
        err_set(&why, ERR_RUN, "topic %s: a record was not delivered: %s; the load ends here",
                p->form->topic, why_not);
        counter_add(&writer_stats(&s->w)->errors, 1);
        s->failed = true;
        work_fail(p->o.work, &why);
    }
    end_if_told(s);
}

/* ---- taking ---------------------------------------------------------------------------------- */

/* A task was taken: lays it out and enters it in the ledger. False: it cannot be sent, and the load
 * ends. */
static bool begin(produce_t *p, sender_t *s, int64_t now_ns)
{
    writer_lay_out(&s->w);
    s->all_sent = s->failed = false;
    s->waiting = s->bytes = 0;
    if (!writer_enter(&s->w)) {
        writer_fail_without_rows(&s->w);
        writer_free_again(&s->w, now_ns);
        return false;
    }
    writer_sent(&s->w, true, now_ns);
    p->commit_us = clock_unix_us(&p->form->anchor, now_ns);
    p->txn_id++;
    p->sending = s;
    return true;
}

/* False: there is nothing for this sender now. */
static bool take(produce_t *p, sender_t *s)
{
    int64_t now_ns = clock_now_ns();
    return writer_take(&s->w, now_ns) && begin(p, s, now_ns);
}

/* The next sender that has something to do, in turn. */
static bool take_any(produce_t *p)
{
    for (uint32_t i = 0; i < p->n_senders; i++) {
        sender_t *s = &p->senders[(p->turn + i) % p->n_senders];
        s->w.next_ns = LOOP_NO_DEADLINE;
        if (!s->w.has_task && take(p, s)) {
            p->turn = (s->w.connection + 1) % p->n_senders;
            return true;
        }
    }
    return false;
}

void produce_pump(produce_t *p)
{
    do {
        if (atomic_load_explicit(&p->o.work->quit, memory_order_acquire))
            return;
        if (p->sending != NULL) {
            sender_t *s = p->sending;
            if (!send_on(p))
                return; /* full: deliveries bring it on */
            end_if_told(s);
        }
    } while (take_any(p));
}

int64_t produce_next_ns(const produce_t *p)
{
    int64_t next_ns = LOOP_NO_DEADLINE;
    for (uint32_t i = 0; p->sending == NULL && i < p->n_senders; i++)
        if (!p->senders[i].w.has_task && p->senders[i].w.next_ns < next_ns)
            next_ns = p->senders[i].w.next_ns;
    return next_ns;
}

bool produce_done(const produce_t *p, uint32_t phase)
{
    for (uint32_t i = 0; i < p->n_senders; i++)
        if (!writer_done(&p->senders[i].w, phase))
            return false;
    return true;
}

static void on_ready(void *ctx, bool readable, bool writable)
{
    (void)readable, (void)writable;
    produce_t *p = ctx;
    kafka_producer_poll(p->producer);
    produce_pump(p);
    p->o.on_progress(p->o.ctx);
}

/* ---- making ---------------------------------------------------------------------------------- */

static bool make_parts(produce_t *p)
{
    const work_t *work = p->o.work;
    p->encoder = envelope_encoder_new(&p->form->envelope);
    p->watch = watch_new(p->o.loop, on_ready, p);
    p->changed_us = calloc(work->scenario->rows, sizeof *p->changed_us);
    p->n_senders = work->scenario->connections;
    p->senders = calloc(p->n_senders, sizeof *p->senders);
    if (p->encoder == NULL || p->watch == NULL || p->changed_us == NULL || p->senders == NULL)
        return false;
    p->record.key = malloc(envelope_key_max(p->encoder));
    p->record.value = malloc(envelope_value_max(p->encoder));
    for (uint32_t i = 0; i < p->n_senders; i++)
        writer_init(&p->senders[i].w, p->o.work, p->o.taker, p->o.stats, i);
    return p->record.key != NULL && p->record.value != NULL;
}

produce_t *produce_new(const produce_opts_t *opts, err_t *err)
{
    produce_t *p = calloc(1, sizeof *p);
    if (p == NULL)
        goto no_memory;
    p->o = *opts;
    p->form = opts->work->produce;
    p->lsn = p->form->first_lsn;
    p->last_commit_lsn = p->form->first_lsn;
    if (!make_parts(p))
        goto no_memory;
    kafka_producer_opts_t producer = {
        .target = p->form->target, .topic = p->form->topic, .on_delivered = on_delivered, .ctx = p};
    p->producer = kafka_producer_open(&producer, err);
    if (p->producer == NULL || !watch_set(p->watch, kafka_producer_fd(p->producer), true, false))
        goto fail;
    atomic_fetch_add_explicit(&opts->work->ready, p->n_senders, memory_order_release);
    return p;
no_memory:
    err_set(err, ERR_RUN, "the producer: out of memory (8 bytes a row among it)");
fail:
    produce_free(p);
    return NULL;
}

void produce_free(produce_t *p)
{
    if (p == NULL)
        return;
    watch_free(p->watch);
    for (uint32_t i = 0; p->producer != NULL && i < p->n_senders; i++)
        if (p->senders[i].w.has_task)
            give_up(&p->senders[i]);
    kafka_producer_close(p->producer);
    envelope_encoder_free(p->encoder);
    free(p->record.key);
    free(p->record.value);
    free(p->changed_us);
    free(p->senders);
    free(p);
}
