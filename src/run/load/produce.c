#include "run/load/produce_internal.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- a transaction's end --------------------------------------------------------------------- */

static void free_again(writer_t *w, int64_t now_ns)
{
    w->has_task = false;
    w->entry = NULL;
    w->idle_since_ns = now_ns;
}

static void acknowledged(produce_t *p, writer_t *w, int64_t now_ns)
{
    txn_note_inserts(p->o.work, &w->txn);
    ledger_close(w->entry, now_ns);
    txn_count_acknowledged(p->o.work, p->o.stats, &w->task, w->sent_ns, w->task.rows, w->bytes,
                           now_ns);
    free_again(w, now_ns);
}

/* Some of its records are not there, or may not be: neither done nor lost. As session_abandon. */
static void undetermined(produce_t *p, writer_t *w, int64_t now_ns)
{
    counter_add(&p->o.stats->undetermined, 1);
    txn_note_inserts(p->o.work, &w->txn);
    free_again(w, now_ns);
}

static void end_if_told(produce_t *p, writer_t *w)
{
    if (!w->has_task || !w->all_sent || w->waiting > 0)
        return;
    if (w->failed)
        undetermined(p, w, clock_now_ns());
    else
        acknowledged(p, w, clock_now_ns());
}

static void on_delivered(void *ctx, void *token, const char *why_not)
{
    produce_t *p = ctx;
    writer_t *w = token;
    w->waiting--;
    if (why_not != NULL) {
        err_t why;
        err_set(&why, ERR_RUN, "topic %s: a record was not delivered: %s; the load ends here",
                p->form->topic, why_not);
        counter_add(&produce_stats(p, w)->errors, 1);
        w->failed = true;
        work_fail(p->o.work, &why);
    }
    end_if_told(p, w);
}

/* ---- taking ---------------------------------------------------------------------------------- */

/* False: there is nothing for this writer now. */
static bool take(produce_t *p, writer_t *w)
{
    int64_t now_ns = clock_now_ns();
    uint32_t phase = atomic_load_explicit(&p->o.work->phase, memory_order_acquire);
    take_t taken = taker_take(p->o.taker, w->connection, now_ns, &w->task, &w->next_ns);
    if (taken == TAKE_NOTHING)
        w->done_phase = phase + 1;
    if (taken != TAKE_TASK || !produce_begin(p, w, now_ns))
        return false;
    txn_count_lateness(p->o.stats, p->o.work->scenario, &w->task, w->idle_since_ns, now_ns);
    txn_count_sent(p->o.stats, &w->task, now_ns);
    w->has_task = true;
    p->sending = w;
    return true;
}

/* The next writer that has something to do, in turn. */
static bool take_any(produce_t *p)
{
    for (uint32_t i = 0; i < p->n_writers; i++) {
        writer_t *w = &p->writers[(p->turn + i) % p->n_writers];
        w->next_ns = LOOP_NO_DEADLINE;
        if (!w->has_task && take(p, w)) {
            p->turn = (w->connection + 1) % p->n_writers;
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
            writer_t *w = p->sending;
            if (!produce_send(p))
                return; /* full: deliveries bring it on */
            end_if_told(p, w);
        }
    } while (take_any(p));
}

int64_t produce_next_ns(const produce_t *p)
{
    int64_t next_ns = LOOP_NO_DEADLINE;
    for (uint32_t i = 0; p->sending == NULL && i < p->n_writers; i++)
        if (!p->writers[i].has_task && p->writers[i].next_ns < next_ns)
            next_ns = p->writers[i].next_ns;
    return next_ns;
}

bool produce_done(const produce_t *p, uint32_t phase)
{
    for (uint32_t i = 0; i < p->n_writers; i++)
        if (p->writers[i].has_task || p->writers[i].done_phase != phase + 1)
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
    p->n_writers = work->scenario->connections;
    p->writers = calloc(p->n_writers, sizeof *p->writers);
    if (p->encoder == NULL || p->watch == NULL || p->changed_us == NULL || p->writers == NULL)
        return false;
    p->record.key = malloc(envelope_key_max(p->encoder));
    p->record.value = malloc(envelope_value_max(p->encoder));
    for (uint32_t i = 0; i < p->n_writers; i++)
        p->writers[i] = (writer_t){.connection = i, .next_ns = LOOP_NO_DEADLINE};
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
    atomic_fetch_add_explicit(&opts->work->ready, p->n_writers, memory_order_release);
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
    for (uint32_t i = 0; p->producer != NULL && i < p->n_writers; i++)
        if (p->writers[i].has_task)
            undetermined(p, &p->writers[i], clock_now_ns());
    kafka_producer_close(p->producer);
    envelope_encoder_free(p->encoder);
    free(p->record.key);
    free(p->record.value);
    free(p->changed_us);
    free(p->writers);
    free(p);
}
