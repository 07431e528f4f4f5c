#include "run/load/work.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "run/load/loop.h"

void work_fail(work_t *work, const err_t *why)
{
    pthread_mutex_lock(&work->failure_lock);
    if (work->failure.code == ERR_NONE)
        work->failure = *why;
    pthread_mutex_unlock(&work->failure_lock);
    atomic_store_explicit(&work->stop_taking, true, memory_order_release);
    eventfd_write(work->wake_fd, 1);
}

bool work_failed(work_t *work, err_t *why)
{
    pthread_mutex_lock(&work->failure_lock);
    bool failed = work->failure.code != ERR_NONE;
    if (failed)
        *why = work->failure;
    pthread_mutex_unlock(&work->failure_lock);
    return failed;
}

ledger_entry_t *work_enter(work_t *work, uint32_t connection, const ledger_entry_t *entry)
{
    err_t why;
    ledger_entry_t *entered = ledger_append(work->ledger, connection, entry);
    if (entered != NULL)
        return entered;
    if (ledger_no_memory(work->ledger)) {
        err_set(&why, ERR_RUN,
                "out of memory for the ledger, which holds %" PRIu64
                " transactions that the taps have not passed; a lower --ledger-max bounds it",
                ledger_live(work->ledger));
        work_fail(work, &why);
    } else if (work->stop_on_overload && ledger_dropped(work->ledger) > 0) {
        err_set(&why, ERR_RUN,
                "the ledger is full: the taps are too far behind the load (--ledger-max), and "
                "--on-overload is stop");
        work_fail(work, &why);
    }
    return NULL;
}

/* Transaction numbers that wait for their connection. A power of two. */
#define QUEUE_LEN 1024u

typedef struct {
    uint64_t numbers[QUEUE_LEN];
    uint64_t head, tail; /* taken, put: counted for ever */
} queue_t;

/* A keyed stream as one thread walks it. */
typedef struct {
    uint64_t next; /* the first transaction not looked at */
    uint64_t total;
    queue_t *queues; /* one for each of this thread's connections */
} walk_t;

struct taker {
    work_t *work;
    uint32_t first, step, n; /* this thread's connections */
    uint32_t phase;
    bool begun;                 /* `phase` has been set up */
    uint32_t turn;              /* which stream goes first among those equally due */
    walk_t walks[STREAM_COUNT]; /* inserts have none */
};

taker_t *taker_new(work_t *work, uint32_t first, uint32_t step)
{
    taker_t *taker = calloc(1, sizeof *taker);
    if (taker == NULL)
        return NULL;
    taker->work = work;
    taker->first = first;
    taker->step = step;
    taker->n = (work->scenario->connections - first + step - 1) / step;
    for (uint32_t stream = OP_UPDATE; stream < STREAM_COUNT; stream++) {
        taker->walks[stream].queues = calloc(taker->n, sizeof(queue_t));
        if (taker->walks[stream].queues == NULL) {
            taker_free(taker);
            return NULL;
        }
    }
    return taker;
}

void taker_free(taker_t *taker)
{
    if (taker == NULL)
        return;
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        free(taker->walks[stream].queues);
    free(taker);
}

static void enter_phase(taker_t *taker, uint32_t number)
{
    const phase_t *phase = &taker->work->scenario->phases[number];
    taker->phase = number;
    taker->begun = true;
    for (uint32_t stream = OP_UPDATE; stream < STREAM_COUNT; stream++) {
        walk_t *walk = &taker->walks[stream];
        walk->next = 0;
        walk->total = phase->streams[stream].kind == STREAM_OFF
                          ? 0
                          : schedule_txns(&phase->streams[stream], phase->duration_ns);
        for (uint32_t i = 0; i < taker->n; i++)
            walk->queues[i].head = walk->queues[i].tail = 0;
    }
}

/* The head of this connection's queue, walking on until there is one. False: there is nothing more
 * for it (*ended), or another connection's queue is full and the walk has to wait for it. */
static bool queue_head(taker_t *taker, uint32_t stream, uint32_t local, uint64_t *number,
                       bool *ended)
{
    walk_t *walk = &taker->walks[stream];
    const scenario_t *scenario = taker->work->scenario;
    const keys_t *keys = &scenario->phases[taker->phase].keys[stream];
    queue_t *mine = &walk->queues[local];
    /* A connection without a lane would walk a stream without end for nothing. */
    *ended = taker->first + local * taker->step >= keys->lanes;
    if (*ended)
        return false;
    while (mine->head == mine->tail) {
        if (walk->next >= walk->total) {
            *ended = true;
            return false;
        }
        uint32_t owner = keys_txn_connection(keys, walk->next, scenario->connections);
        if (owner % taker->step == taker->first) {
            queue_t *queue = &walk->queues[owner / taker->step];
            if (queue->tail - queue->head == QUEUE_LEN)
                return false;
            queue->numbers[queue->tail++ % QUEUE_LEN] = walk->next;
        }
        walk->next++;
    }
    *number = mine->numbers[mine->head % QUEUE_LEN];
    return true;
}

/* What one stream offers a connection. */
typedef struct {
    take_t kind;
    uint64_t n;
    int64_t due_ns; /* of TAKE_TASK (≤ now) and TAKE_LATER */
} offer_t;

static offer_t offer_at(const taker_t *taker, uint32_t number, uint64_t n, int64_t now_ns)
{
    const phase_t *phase = &taker->work->scenario->phases[taker->phase];
    const stream_t *stream = &phase->streams[number];
    int64_t start_ns = relaxed_get(&taker->work->start_ns[taker->phase]);
    if (stream->kind == STREAM_CLOSED) {
        /* A stream that counts its rows ends with them; the duration ends the others. */
        bool over = stream->rows == 0 && now_ns >= start_ns + phase->duration_ns;
        return (offer_t){over ? TAKE_NOTHING : TAKE_TASK, n, now_ns};
    }
    int64_t due_ns = start_ns + schedule_txn_time_ns(stream, n);
    return (offer_t){due_ns <= now_ns ? TAKE_TASK : TAKE_LATER, n, due_ns};
}

/* Whether the phase has row numbers for what transaction n of this stream makes. */
static bool has_numbers(const phase_t *phase, uint32_t number, uint64_t n)
{
    if (number == STREAM_MIX)
        return phase->mix_first_row + (n + 1) * phase->mix.inserts <= phase->mix_row_end;
    return phase->first_row + (n + 1) * phase->streams[number].rows_per_txn <= phase->row_end;
}

static offer_t offer_free(const taker_t *taker, uint32_t number, int64_t now_ns)
{
    const phase_t *phase = &taker->work->scenario->phases[taker->phase];
    const stream_t *stream = &phase->streams[number];
    uint64_t n = relaxed_get(&taker->work->taken[taker->phase][number]);
    if (n >= schedule_txns(stream, phase->duration_ns))
        return (offer_t){TAKE_NOTHING, 0, 0};
    return offer_at(taker, number, n, now_ns);
}

static offer_t offer_keyed(taker_t *taker, uint32_t number, uint32_t local, int64_t now_ns)
{
    uint64_t n;
    bool ended;
    if (!queue_head(taker, number, local, &n, &ended))
        return (offer_t){ended ? TAKE_NOTHING : TAKE_LATER, 0, LOOP_NO_DEADLINE};
    return offer_at(taker, number, n, now_ns);
}

static offer_t offer_of(taker_t *taker, uint32_t number, uint32_t local, int64_t now_ns)
{
    const phase_t *phase = &taker->work->scenario->phases[taker->phase];
    const stream_t *stream = &phase->streams[number];
    if (stream->kind == STREAM_OFF)
        return (offer_t){TAKE_NOTHING, 0, 0};
    offer_t offer = scenario_has_lanes(phase, number) ? offer_keyed(taker, number, local, now_ns)
                                                      : offer_free(taker, number, now_ns);
    /* A closed stream that only its duration ends was given row numbers enough, and no more. */
    bool makes_rows = number == OP_INSERT || number == STREAM_MIX;
    if (offer.kind == TAKE_TASK && makes_rows && stream->rows == 0 &&
        !has_numbers(phase, number, offer.n))
        return (offer_t){TAKE_NOTHING, 0, 0};
    return offer;
}

/* Takes what was offered; false when another thread was faster. */
static bool accept(taker_t *taker, uint32_t number, uint32_t local, const offer_t *offer,
                   task_t *task)
{
    const phase_t *phase = &taker->work->scenario->phases[taker->phase];
    const stream_t *stream = &phase->streams[number];
    if (scenario_has_lanes(phase, number)) {
        taker->walks[number].queues[local].head++;
    } else {
        uint64_t n = offer->n;
        if (!atomic_compare_exchange_strong_explicit(&taker->work->taken[taker->phase][number], &n,
                                                     n + 1, memory_order_relaxed,
                                                     memory_order_relaxed))
            return false;
    }
    task->stream = number;
    task->phase = taker->phase;
    task->n = offer->n;
    task->rows = schedule_txn_rows(stream, phase->duration_ns, offer->n);
    task->open = stream->kind == STREAM_OPEN;
    task->intended_ns = offer->due_ns;
    taker->turn = number + 1;
    return true;
}

/* Looks at every stream once, and picks what is due first; among equals the one whose turn it is.
 */
static take_t best_offer(taker_t *taker, uint32_t local, int64_t now_ns, uint32_t *stream,
                         offer_t *best, int64_t *next_ns)
{
    take_t found = TAKE_NOTHING;
    *next_ns = LOOP_NO_DEADLINE;
    for (uint32_t i = 0; i < STREAM_COUNT; i++) {
        uint32_t candidate = (taker->turn + i) % STREAM_COUNT;
        offer_t offer = offer_of(taker, candidate, local, now_ns);
        if (offer.kind == TAKE_TASK && (found != TAKE_TASK || offer.due_ns < best->due_ns)) {
            found = TAKE_TASK;
            *stream = candidate;
            *best = offer;
        } else if (offer.kind == TAKE_LATER) {
            if (found == TAKE_NOTHING)
                found = TAKE_LATER;
            if (offer.due_ns < *next_ns)
                *next_ns = offer.due_ns;
        }
    }
    return found;
}

take_t taker_take(taker_t *taker, uint32_t connection, int64_t now_ns, task_t *task,
                  int64_t *next_ns)
{
    work_t *work = taker->work;
    uint32_t number = atomic_load_explicit(&work->phase, memory_order_acquire);
    uint32_t local = connection / taker->step;
    *next_ns = LOOP_NO_DEADLINE;
    int64_t start_ns = atomic_load_explicit(&work->start_ns[number], memory_order_acquire);
    if (atomic_load_explicit(&work->stop_taking, memory_order_acquire))
        return TAKE_NOTHING;
    if (start_ns == 0)
        return TAKE_LATER; /* the loop is woken when the phase begins */
    if (now_ns < start_ns) {
        *next_ns = start_ns;
        return TAKE_LATER;
    }
    if (!taker->begun || taker->phase != number)
        enter_phase(taker, number);
    for (;;) {
        uint32_t stream = 0;
        offer_t offer = {TAKE_NOTHING, 0, 0};
        take_t found = best_offer(taker, local, now_ns, &stream, &offer, next_ns);
        if (found != TAKE_TASK || accept(taker, stream, local, &offer, task))
            return found;
    }
}

/* ---- stalls ---------------------------------------------------------------------------------- */

void stalls_init(stalls_t *stalls)
{
    *stalls = (stalls_t){0};
    pthread_mutex_init(&stalls->lock, NULL);
}

void stalls_free(stalls_t *stalls)
{
    pthread_mutex_destroy(&stalls->lock);
}

static void add(stalls_t *stalls, const stall_t *stall)
{
    pthread_mutex_lock(&stalls->lock);
    if (stalls->n < STALLS_MAX)
        stalls->items[stalls->n] = *stall;
    stalls->n++;
    pthread_mutex_unlock(&stalls->lock);
}

void stalls_acknowledged(stalls_t *stalls, uint32_t phase, int64_t due_ns, int64_t now_ns)
{
    int64_t last_ns = atomic_exchange_explicit(&stalls->last_ack_ns, now_ns, memory_order_relaxed);
    stall_t stall = {
        .from_ns = last_ns > due_ns ? last_ns : due_ns, .to_ns = now_ns, .phase = phase};
    if (stall.to_ns - stall.from_ns >= STALL_MIN_NS)
        add(stalls, &stall);
}
