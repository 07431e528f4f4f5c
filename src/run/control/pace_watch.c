#include "run/control/pace_watch.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"

#define SHORT_PHASE_NS (30 * NS_PER_S)
#define SHORT_EVERY_NS (100 * NS_PER_MS)

/* Readings nearer to each other than this tell of single transactions, not of the pace. */
#define PERIOD_MIN_NS (500 * NS_PER_MS)

void pace_watch_begin(pace_watch_t *watch, const phase_t *phase, int64_t now_ns)
{
    bool is_short = phase->duration_ns < SHORT_PHASE_NS; /* 0: as long as its rows take */
    watch->start_ns = watch->next_ns = now_ns;
    watch->every_ns = is_short ? SHORT_EVERY_NS : NS_PER_S;
    watch->lost = false;
    for (int tap = 0; tap < TAP_COUNT; tap++) {
        watch->n[tap] = 0;
    }
}

bool pace_watch_due(const pace_watch_t *watch, int64_t now_ns)
{
    return now_ns >= watch->next_ns;
}

static void add(pace_watch_t *watch, int tap, const pace_reading_t *reading)
{
    pace_reading_t *room =
        array_room(watch->readings[tap], watch->n[tap], &watch->cap[tap], sizeof *room);
    if (room == NULL) {
        watch->lost = true;
        return;
    }
    watch->readings[tap] = room;
    room[watch->n[tap]++] = *reading;
}

void pace_watch_look(pace_watch_t *watch, tap_t *const taps[TAP_COUNT], uint64_t acknowledged,
                     int64_t now_ns)
{
    if (!pace_watch_due(watch, now_ns)) {
        return;
    }
    if (now_ns - watch->start_ns >= SHORT_PHASE_NS) {
        watch->every_ns = NS_PER_S;
    }
    while (watch->next_ns <= now_ns) {
        watch->next_ns += watch->every_ns;
    }
    for (int tap = 0; tap < TAP_COUNT; tap++) {
        if (taps[tap] == NULL || tap_failed(taps[tap])) {
            watch->n[tap] = 0; /* of one that has ended, what it had kept up with says nothing */
            continue;
        }
        add(watch, tap,
            &(pace_reading_t){.second = (double)(now_ns - watch->start_ns) / (double)NS_PER_S,
                              .acknowledged = (double)acknowledged,
                              .seen = (double)tap_seen(taps[tap])});
    }
}

/* What is due a second, of the streams that have a rate; the longest time between two bursts; the
 * rows that connections may have in one transaction each. */
typedef struct {
    double rate_per_s;
    int64_t burst_every_ns;
    double rows_under_way;
} due_t;

static due_t due_of(const phase_t *phase, uint32_t connections)
{
    due_t due = {0};
    for (int i = 0; i < STREAM_COUNT; i++) {
        const stream_t *stream = &phase->streams[i];
        if (stream->kind != STREAM_OPEN) {
            continue;
        }
        due.rate_per_s += stream->rate_per_s;
        due.rows_under_way = fmax(due.rows_under_way, (double)stream->rows_per_txn * connections);
        if (stream->burst_rows > 0 && stream->burst_every_ns > due.burst_every_ns) {
            due.burst_every_ns = stream->burst_every_ns;
        }
    }
    return due;
}

static int64_t longest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void pace_watch_judge(const pace_watch_t *watch, const phase_t *phase, uint32_t connections,
                      const int64_t poll_ns[TAP_COUNT], pace_t out[TAP_COUNT])
{
    due_t due = due_of(phase, connections);
    for (int tap = 0; tap < TAP_COUNT; tap++) {
        int64_t period_ns = longest(longest(due.burst_every_ns, poll_ns[tap]),
                                    longest(watch->every_ns, PERIOD_MIN_NS));
        pace_opts_t opts = {.period_s = (double)period_ns / (double)NS_PER_S};
        opts.allowance = fmax(due.rate_per_s * opts.period_s, due.rows_under_way);
        out[tap] = (pace_t){.verdict = PACE_UNKNOWN};
        bool judged = due.rate_per_s > 0 && !watch->lost &&
                      pace_judge(watch->readings[tap], watch->n[tap], &opts, &out[tap]);
        if (!judged) {
            out[tap] = (pace_t){.verdict = PACE_UNKNOWN};
        }
    }
}

void pace_watch_free(pace_watch_t *watch)
{
    for (int tap = 0; tap < TAP_COUNT; tap++) {
        free(watch->readings[tap]);
    }
    *watch = (pace_watch_t){0};
}
