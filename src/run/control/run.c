#include "run/control/run_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "postgres/schema.h"
#include "run/control/table_setup.h"
#include "run/monitor/process.h"

/* How long transactions under way may take to end after taking has stopped for a reason. */
#define WIND_DOWN_NS (5 * NS_PER_S)

#define BACKLOG_LOOK_NS (50 * NS_PER_MS)

/* The one descriptor that a signal handler writes to. */
static int interrupt_fd = -1;

void run_interrupted(void)
{
    int saved = errno;
    uint64_t one = 1;
    if (interrupt_fd >= 0 && write(interrupt_fd, &one, sizeof one) < 0) {
        /* The counter is at its end: the controller is awake already. */
    }
    errno = saved;
}

/* The cluster's number, which a physical standby shares, and the database. */
#define WHICH_SERVER                                                                               \
    "SELECT (SELECT system_identifier FROM pg_control_system()) || ' ' || current_database()"

/* Both ways must lead to one server's one database: events of another would all be unknown. */
static bool check_tap_target(const run_opts_t *opts, pg_admin_t *admin, err_t *err)
{
    if (opts->tap_target == NULL || !config_has_tap(opts->config, TAP_READS_LOG))
        return true;
    char one[128] = "", other[128] = "";
    pg_admin_t *tap = pg_admin_connect(opts->tap_target, err);
    bool good = tap != NULL && pg_admin_value(admin, WHICH_SERVER, one, sizeof one, err) &&
                pg_admin_value(tap, WHICH_SERVER, other, sizeof other, err);
    if (good && strcmp(one, other) != 0)
        good = err_set(err, ERR_USAGE,
                       "--tap-dsn (%s) and --dsn (%s) lead to different databases (system "
                       "identifier and name: %s and %s): both must lead to the one that is loaded",
                       pg_admin_display(tap), pg_admin_display(admin), other, one);
    pg_admin_free(tap);
    return good;
}

static bool check_schema(const run_opts_t *opts, pg_admin_t *admin, err_t *err)
{
    table_setup_t setup;
    bool good = table_setup_make(&setup, &opts->scenario->tables, err) &&
                schema_check(admin, &setup.opts, config_has_tap(opts->config, TAP_READS_LOG), err);
    table_setup_end(&setup);
    return good;
}

bool run_check(const run_opts_t *opts, err_t *err)
{
    pg_admin_t *admin = pg_admin_connect(opts->target, err);
    if (admin == NULL)
        return false;
    bool good = (opts->watched != NULL || check_schema(opts, admin, err)) &&
                check_tap_target(opts, admin, err);
    pg_admin_free(admin);
    return good;
}

void run_wake_loaders(run_t *run)
{
    for (uint32_t i = 0; i < run->n_loaders; i++)
        loader_wake(run->loaders[i]);
}

static void note(run_t *run, const char *text)
{
    if (run->opts.on_note != NULL)
        run->opts.on_note(run->opts.ctx, text);
}

static void take_second(run_t *run, int64_t now_ns)
{
    if (!timeline_take(run->timeline, now_ns)) {
        log_warning("out of memory: a second of the timeline is lost");
        return;
    }
    size_t n;
    const timeline_row_t *rows = timeline_rows(run->timeline, &n);
    if (run->opts.on_second != NULL)
        run->opts.on_second(run->opts.ctx, &rows[n - 1]);
}

static void take_series(run_t *run, int64_t now_ns)
{
    if (run->series != NULL &&
        !series_take(run->series, now_ns, run->opts.on_interval, run->opts.ctx))
        log_warning("out of memory: a second of the series is lost");
}

/* The first ^C ends the taking of work, the second everything. */
static void hear_interrupts(run_t *run)
{
    int interrupts = atomic_load_explicit(run->opts.interrupts, memory_order_relaxed);
    if (interrupts == run->heard)
        return;
    if (run->opts.watched == NULL)
        note(run, interrupts == 1 ? "interrupted: finishing what is under way, then draining (^C "
                                    "again stops at once)"
                                  : "interrupted again: stopping at once");
    run->heard = interrupts;
    atomic_store_explicit(&run->work.stop_taking, true, memory_order_release);
    run_wake_loaders(run);
}

void run_wait(run_t *run, int64_t until_ns)
{
    int64_t now_ns = clock_now_ns();
    int64_t wake_ns = until_ns < run->next_second_ns ? until_ns : run->next_second_ns;
    int timeout_ms = wake_ns <= now_ns ? 0 : (int)((wake_ns - now_ns) / NS_PER_MS) + 1;
    struct pollfd fd = {.fd = run->work.wake_fd, .events = POLLIN};
    eventfd_t value;
    if (poll(&fd, 1, timeout_ms) > 0)
        eventfd_read(run->work.wake_fd, &value);
    hear_interrupts(run);
    now_ns = clock_now_ns();
    if (now_ns >= run->next_second_ns) {
        take_second(run, now_ns);
        take_series(run, now_ns);
        while (run->next_second_ns <= now_ns)
            run->next_second_ns += NS_PER_S;
    }
}

static bool stopped(run_t *run)
{
    return atomic_load_explicit(&run->work.stop_taking, memory_order_acquire);
}

static void end_phase(run_t *run, uint32_t number)
{
    if (atomic_load_explicit(&run->work.end_ns[number], memory_order_relaxed) == 0)
        atomic_store_explicit(&run->work.end_ns[number], clock_now_ns(), memory_order_relaxed);
}

static void overloaded(run_t *run, uint32_t number, const backlog_t *backlog)
{
    err_t what;
    err_set(&what, ERR_RUN,
            "phase %s: the backlog passed its bound (--backlog-max, --backlog-max-age): %" PRIu64
            " rows, the oldest due for %.1f s",
            run->opts.scenario->phases[number].name, backlog->rows,
            (double)backlog->age_ns / (double)NS_PER_S);
    if (run->work.stop_on_overload) {
        err_wrap(&what, "overloaded, and --on-overload is stop");
        work_fail(&run->work, &what);
    } else {
        note(run, what.text);
    }
}

static void look_at_backlog(run_t *run, uint32_t number)
{
    int64_t now_ns = clock_now_ns();
    backlog_t backlog = backlog_read(&run->work, run->loaders, run->n_loaders, number, now_ns);
    bool was_passed = run->watches[number].first_ns != 0;
    if (backlog_look(&run->watches[number], &run->bound, &backlog, now_ns) && !was_passed)
        overloaded(run, number, &backlog);
}

static void look_at_pace(run_t *run)
{
    int64_t now_ns = clock_now_ns();
    if (pace_watch_due(&run->pace_watch, now_ns))
        pace_watch_look(&run->pace_watch, run->taps,
                        timeline_acknowledged(run->loaders, run->n_loaders), now_ns);
}

static void judge_pace(run_t *run, uint32_t number)
{
    int64_t poll_ns[TAP_COUNT] = {0};
    if (run->debezium != NULL)
        poll_ns[tap_with(TAP_BEHIND_PIPELINE)] = debezium_poll_interval_ns(run->debezium);
    pace_watch_judge(&run->pace_watch, &run->opts.scenario->phases[number],
                     run->opts.scenario->connections, poll_ns, run->pace[number]);
}

static void work_phase(run_t *run, uint32_t number)
{
    int64_t give_up_ns = INT64_MAX;
    while (atomic_load_explicit(&run->work.done[number], memory_order_acquire) < run->n_loaders) {
        if (stopped(run) && give_up_ns == INT64_MAX) {
            end_phase(run, number); /* what becomes due from now on is not asked for any more */
            give_up_ns = clock_now_ns() + WIND_DOWN_NS;
            run_wake_loaders(run);
        }
        if (run->heard > 1 || clock_now_ns() >= give_up_ns)
            return;
        int64_t look_ns = clock_now_ns() + BACKLOG_LOOK_NS;
        run_wait(run, look_ns < give_up_ns ? look_ns : give_up_ns);
        if (!stopped(run)) {
            look_at_backlog(run, number);
            look_at_pace(run);
        }
    }
}

static void begin_phase(run_t *run, uint32_t number)
{
    run_drain_forget(run); /* what it adds has not been waited for */
    atomic_store_explicit(&run->work.start_ns[number], clock_now_ns(), memory_order_release);
    atomic_store_explicit(&run->work.phase, number, memory_order_release);
    run_wake_loaders(run);
}

static void run_phase(run_t *run, uint32_t number)
{
    const phase_t *phase = &run->opts.scenario->phases[number];
    begin_phase(run, number);
    if (phase->kind == PHASE_WATCH)
        run_watch_phase(run, phase->duration_ns);
    else if (phase->kind == PHASE_DRAIN)
        run_drain(run, number);
    else {
        pace_watch_begin(&run->pace_watch, phase, clock_now_ns());
        work_phase(run, number);
        judge_pace(run, number);
    }
    end_phase(run, number);
    run->phase_end_ns[number] = clock_now_ns();
}

static void walk_phases(run_t *run)
{
    const scenario_t *scenario = run->opts.scenario;
    meter_t meter = {.admin = run->admin,
                     .processes = &run->monitored,
                     .topics = run->taps[tap_with(TAP_READS_TOPIC)]};
    meter_reading_t before = {0}, after;
    if (run->opts.meter)
        before = meter_read(&meter);
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        const phase_t *phase = &scenario->phases[i];
        run->used[i] = usage_unknown;
        hear_interrupts(run); /* one that came as the phase before ended */
        /* After a failure or an interrupt only the drain is left to do. */
        if (run->heard > 1 || (stopped(run) && phase->kind != PHASE_DRAIN))
            continue;
        run_phase(run, i);
        if (run->opts.meter) {
            after = meter_read(&meter);
            run->used[i] = meter_between(&before, &after);
            before = after;
        }
    }
}

static bool start_clock(run_t *run, err_t *err)
{
    run->start_ns = clock_now_ns();
    run->next_second_ns = run->start_ns + NS_PER_S;
    run->client_cpu_us = process_self_cpu_us();
    timeline_opts_t timeline = {.work = &run->work,
                                .loaders = run->loaders,
                                .n_loaders = run->n_loaders,
                                .topics = run->sources[tap_with(TAP_READS_TOPIC)],
                                .monitor = run->monitor,
                                .clock = &run->clock,
                                .watches = run_has_bound(run) ? run->watches : NULL,
                                .start_ns = run->start_ns};
    memcpy(timeline.taps, run->taps, sizeof timeline.taps);
    run->timeline = timeline_new(&timeline);
    if (run->opts.on_interval != NULL) {
        series_opts_t series = {.n_phases = run->opts.scenario->n_phases,
                                .loaders = run->loaders,
                                .n_loaders = run->n_loaders,
                                .start_ns = run->start_ns,
                                .start_unix_us = clock_unix_us(&run->anchor, run->start_ns)};
        memcpy(series.taps, run->taps, sizeof series.taps);
        run->series = series_new(&series);
    }
    bool made = run->timeline != NULL && (run->opts.on_interval == NULL || run->series != NULL);
    return made || err_set(err, ERR_RUN, "out of memory for the timeline");
}

static bool start_ddl(run_t *run, err_t *err)
{
    int64_t at_ns = run->opts.config->load.ddl_at_ns;
    if (at_ns > 0)
        run->ddl = ddl_start(&run->work, run->start_ns + at_ns, err);
    return at_ns == 0 || run->ddl != NULL;
}

static void stop_ddl(run_t *run)
{
    run->ddl_done_ns = ddl_stop(run->ddl);
    if (run->ddl != NULL && run->ddl_done_ns == 0)
        log_warning("--ddl-at: the phases were over before the tables had been changed");
    run->ddl = NULL;
}

static bool make_wake(run_t *run, err_t *err)
{
    run->work.wake_fd = interrupt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return run->work.wake_fd >= 0 ||
           err_set(err, ERR_RUN, "the run: no descriptor to be woken by: %s", strerror(errno));
}

run_t *run_execute(const run_opts_t *opts, err_t *err)
{
    run_t *run = calloc(1, sizeof *run);
    if (run == NULL) {
        err_set(err, ERR_RUN, "out of memory");
        return NULL;
    }
    run->opts = *opts;
    run->anchor = clock_anchor();
    pthread_mutex_init(&run->work.failure_lock, NULL);
    stalls_init(&run->work.stalls);
    bool prepared = make_wake(run, err) &&
                    (opts->watched != NULL ? run_prepare_watch(run, err)
                                           : run_prepare(run, err) && run_start_loaders(run, err));
    bool begun = prepared && start_clock(run, err) && start_ddl(run, err);
    if (begun) {
        if (opts->on_begun != NULL)
            opts->on_begun(opts->ctx, run);
        walk_phases(run);
        stop_ddl(run);
        run->end_ns = clock_now_ns();
        take_second(run, run->end_ns); /* what is left of the last second */
    }
    run_stop_loaders(run);
    run_stop_taps(run);
    if (begun)
        take_series(run, run->end_ns); /* with all threads at rest: nothing is left behind */
    if (begun && run_gather(run, err)) {
        run_stop_debezium(run);
        return run;
    }
    run_stop_debezium(run);
    run_free(run);
    return NULL;
}

const result_t *run_result(const run_t *run)
{
    return &run->result;
}

const char *run_modified_by(const run_t *run)
{
    return run->modified_by;
}

const char *run_pipeline(const run_t *run)
{
    if (run->pipeline != NULL) /* the connector has been taken down */
        return run->pipeline;
    return run->debezium == NULL ? NULL : debezium_describe(run->debezium);
}

void run_free(run_t *run)
{
    if (run == NULL)
        return;
    run_free_result(run);
    for (uint32_t i = 0; i < run->n_loaders; i++)
        loader_free(run->loaders[i]);
    free(run->loaders);
    timeline_free(run->timeline);
    series_free(run->series);
    pace_watch_free(&run->pace_watch);
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++)
        source_free(run->sources[tap]);
    free(run->pipeline);
    free(run->produce_server);
    pg_admin_free(run->admin);
    ledger_free(run->work.ledger);
    statements_free(run->statements);
    row_state_free(run->work.rows);
    pthread_mutex_destroy(&run->work.failure_lock);
    stalls_free(&run->work.stalls);
    interrupt_fd = -1;
    if (run->work.wake_fd >= 0)
        close(run->work.wake_fd);
    free(run);
}
