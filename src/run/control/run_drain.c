/* A drain: waits until every tap has what there is to be had. */
#include "run/control/run_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A tap that has all it should must also have been quiet for so long: what is delivered twice may
 * come late. */
#define QUIET_NS NS_PER_S

/* And for so long while ENDs of transactions are still to come, or events that they count: they
 * have a topic of their own, and no order with the changes. After that they are missing. */
#define ENDS_QUIET_NS (5 * NS_PER_S)

/* The position in the log behind every commit acknowledged so far; 0: it could not be asked. Not
 * that of the last flush, which can lie before a commit that was acknowledged
 * (synchronous_commit=off). */
static uint64_t log_position(run_t *run)
{
    char text[32];
    err_t err = {0};
    if (run->admin == NULL ||
        !pg_admin_value(run->admin, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')",
                        text, sizeof text, &err))
        return 0;
    return strtoull(text, NULL, 10);
}

static bool is_quiet(run_t *run, tap_id_t id)
{
    quiet_t *quiet = &run->quiet[id];
    uint64_t events = tap_events(run->taps[id]) + source_others(run->sources[id]);
    int64_t now_ns = clock_now_ns();
    if (events != quiet->events || quiet->since_ns == 0) {
        quiet->events = events;
        quiet->since_ns = now_ns;
    }
    bool waits = source_waiting(run->sources[id]) > 0;
    return now_ns - quiet->since_ns >= (waits ? ENDS_QUIET_NS : QUIET_NS);
}

/* Whether it has brought the last change that a tap which reads the log, and has read it all, had.
 */
static bool is_at_last(const run_t *run, tap_id_t id)
{
    for (tap_id_t other = 0; other < TAP_COUNT; other++)
        if (tap_has(other, TAP_READS_LOG) && run->taps[other] != NULL && run->caught_up[other] &&
            tap_last_change(run->taps[id]) == tap_last_change(run->taps[other]))
            return true;
    return false;
}

/* A tap that reads the log has caught up when it has read all of it; when it has seen all that it
 * should and nothing more comes, it need not wait for the server to say so. Another says nothing of
 * the log, but order is kept: when it has brought the change that was the last one there, what it
 * has not brought will not come. */
static bool caught_up(run_t *run, tap_id_t id, uint64_t changes, uint64_t position)
{
    const tap_t *tap = run->taps[id];
    bool quiet = is_quiet(run, id), reads_log = tap_has(id, TAP_READS_LOG);
    if (reads_log && position != 0 && tap_position(tap) >= position)
        return true;
    return quiet && (tap_seen(tap) >= changes || (!reads_log && is_at_last(run, id)));
}

/* By itself, or because nobody feeds it any more. */
static bool has_ended(const run_t *run, tap_id_t id)
{
    return tap_failed(run->taps[id]) ||
           (tap_has(id, TAP_BEHIND_PIPELINE) &&
            atomic_load_explicit(&run->connector_failed, memory_order_relaxed));
}

/* True once every tap has caught up or ended. */
static bool all_caught_up(run_t *run, uint64_t changes, uint64_t position)
{
    bool all = true;
    for (tap_id_t id = 0; id < TAP_COUNT; id++) {
        if (run->taps[id] == NULL)
            continue;
        run->caught_up[id] = run->caught_up[id] || caught_up(run, id, changes, position);
        all = all && (run->caught_up[id] || has_ended(run, id));
    }
    return all;
}

static void note_late(run_t *run, uint64_t changes, int64_t at_most_ns)
{
    for (tap_id_t id = 0; id < TAP_COUNT; id++)
        if (run->taps[id] != NULL && !run->caught_up[id] && !has_ended(run, id)) {
            uint64_t seen = tap_seen(run->taps[id]), ends = source_waiting(run->sources[id]);
            uint64_t lacking = changes > seen ? changes - seen : 0;
            bool only_ends = lacking == 0 && ends > 0;
            snprintf(run->drain_note[id], sizeof run->drain_note[id],
                     "%" PRIu64 " %s had not arrived after %.0f s (--drain-timeout)",
                     only_ends ? ends : lacking, only_ends ? "ENDs of transactions" : "changes",
                     (double)at_most_ns / (double)NS_PER_S);
        }
}

void run_drain_forget(run_t *run)
{
    for (int id = 0; id < TAP_COUNT; id++) {
        run->caught_up[id] = false;
        run->drain_note[id][0] = '\0';
        run->quiet[id] = (quiet_t){0};
    }
}

static void begin(run_t *run, drain_t *drain)
{
    drain->begun = true;
    drain->start_ns = clock_now_ns();
    for (int id = 0; id < TAP_COUNT; id++)
        if (run->taps[id] != NULL)
            drain->seen_before[id] = drain->seen_after[id] = tap_seen(run->taps[id]);
}

static void follow(const run_t *run, drain_t *drain)
{
    for (int id = 0; id < TAP_COUNT; id++) {
        uint64_t seen = run->taps[id] == NULL ? 0 : tap_seen(run->taps[id]);
        if (seen != drain->seen_after[id])
            drain->last_ns[id] = clock_now_ns();
        drain->seen_after[id] = seen;
    }
}

void run_drain(run_t *run, uint32_t phase)
{
    drain_t *drain = &run->drains[phase];
    begin(run, drain);
    uint64_t changes = timeline_acknowledged(run->loaders, run->n_loaders);
    uint64_t position = log_position(run);
    int64_t at_most_ns = run->opts.scenario->phases[phase].at_most_ns;
    int64_t until_ns = drain->start_ns + at_most_ns;
    while (run->heard <= 1 && !all_caught_up(run, changes, position)) {
        int64_t now_ns = clock_now_ns();
        if (now_ns >= until_ns) {
            note_late(run, changes, at_most_ns);
            return;
        }
        int64_t next_ns = now_ns + 10 * NS_PER_MS;
        run_wait(run, next_ns < until_ns ? next_ns : until_ns);
        follow(run, drain);
    }
    follow(run, drain);
}
