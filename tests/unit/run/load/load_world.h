/*
 * load_world: loaders at work against the test program's server, as the controller has them: a
 * table `transactions`, work_t and a ledger that one tap walks. Included after cmocka.
 */
#ifndef CDCBENCH_TESTS_LOAD_WORLD_H
#define CDCBENCH_TESTS_LOAD_WORLD_H

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "postgres/schema.h"
#include "run/load/loader.h"
#include "server.h"

enum { LOADERS_MAX = 2 };

static server_t server;

typedef struct {
    scenario_t scenario;
    row_space_t space;
    work_t work;
    loader_t *loaders[LOADERS_MAX];
    uint32_t n_loaders;
    ledger_reader_t *reader;
} load_world_t;

static load_world_t world;

static inline int start_server(void **state)
{
    (void)state;
    return server_start(&server);
}

static inline int stop_server(void **state)
{
    (void)state;
    return server_stop(&server);
}

/* A scenario without phases, and a fresh table. */
static inline int world_make(void **state)
{
    (void)state;
    err_t err = {0};
    schema_table_t table = {.name = "transactions",
                            .trigger_user = true,
                            .trigger_columns = true,
                            .replica_identity_full = true};
    memset(&world, 0, sizeof world);
    world.scenario.seed = 42;
    world.scenario.connections = 4;
    world.scenario.triggers = TRIGGERS_BOTH;
    world.scenario.replica_identity_full = true;
    world.work.threads = LOADERS_MAX;
    world.work.reconnect_timeout_ns = 20 * NS_PER_S;
    if (!schema_create(server.admin, &(schema_opts_t){.tables = &table, .n = 1}, true, &err))
        fail_msg("%s", err.text);
    return 0;
}

static inline phase_t *add_phase(void)
{
    phase_t *phase = &world.scenario.phases[world.scenario.n_phases++];
    phase->name[0] = (char)('a' + world.scenario.n_phases - 1);
    for (int op = 0; op < OP_COUNT; op++)
        phase->streams[op].rows_per_txn = 1;
    return phase;
}

static inline void add_inserts(uint64_t rows, uint32_t rows_per_txn)
{
    add_phase()->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = rows, .rows_per_txn = rows_per_txn};
}

/* The phases are complete: starts the loaders, and waits until their connections are ready. */
static inline void start_loaders(void)
{
    err_t err = {0};
    work_t *work = &world.work;
    scenario_place_t place;
    if (!scenario_resolve(&world.scenario, &place, &err))
        fail_msg("%s", err.text);
    row_space_init(&world.space, world.scenario.seed, world.scenario.key_kind);
    work->scenario = &world.scenario;
    work->space = &world.space;
    work->statements = statements_new(&world.scenario);
    work->target = server.target;
    work->rows = row_state_new(world.scenario.rows);
    work->ledger = ledger_new(world.scenario.connections, 1, 100000);
    work->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&work->failure_lock, NULL);
    stalls_init(&work->stalls);
    assert_true(work->statements != NULL && work->rows != NULL && work->ledger != NULL);
    world.reader = ledger_reader_new(work->ledger);
    for (uint32_t i = 0; i < work->threads; i++) {
        world.loaders[i] = loader_start(work, i, &err);
        if (world.loaders[i] == NULL)
            fail_msg("%s", err.text);
        world.n_loaders++;
    }
    int64_t until_ns = clock_now_ns() + SERVER_PATIENCE_MS * NS_PER_MS;
    while (atomic_load(&work->ready) < world.scenario.connections && clock_now_ns() < until_ns)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    assert_int_equal(atomic_load(&work->ready), world.scenario.connections);
}

static inline void wake_loaders(void)
{
    for (uint32_t i = 0; i < world.n_loaders; i++)
        loader_wake(world.loaders[i]);
}

static inline void begin_phase(uint32_t number)
{
    atomic_store(&world.work.start_ns[number], clock_now_ns());
    atomic_store(&world.work.phase, number);
    wake_loaders();
}

/* Until every thread has said that nothing of it is left. */
static inline void await_phase(uint32_t number)
{
    struct pollfd fd = {.fd = world.work.wake_fd, .events = POLLIN};
    eventfd_t value;
    int64_t until_ns = clock_now_ns() + SERVER_PATIENCE_MS * NS_PER_MS;
    while (atomic_load(&world.work.done[number]) < world.n_loaders && clock_now_ns() < until_ns)
        if (poll(&fd, 1, 100) > 0)
            eventfd_read(world.work.wake_fd, &value);
    assert_int_equal(atomic_load(&world.work.done[number]), world.n_loaders);
}

static inline void run_phase(uint32_t number)
{
    begin_phase(number);
    await_phase(number);
}

static inline void join_loaders(void)
{
    atomic_store(&world.work.quit, true);
    wake_loaders();
    for (uint32_t i = 0; i < world.n_loaders; i++)
        loader_join(world.loaders[i]);
}

static inline int world_drop(void **state)
{
    (void)state;
    work_t *work = &world.work;
    join_loaders();
    for (uint32_t i = 0; i < world.n_loaders; i++)
        loader_free(world.loaders[i]);
    ledger_reader_free(world.reader);
    ledger_free(work->ledger);
    row_state_free(work->rows);
    statements_free((statements_t *)(uintptr_t)work->statements);
    stalls_free(&work->stalls);
    pthread_mutex_destroy(&work->failure_lock);
    close(work->wake_fd);
    return 0;
}

static inline void assert_no_failure(void)
{
    err_t why = {0};
    if (work_failed(&world.work, &why))
        fail_msg("%s", why.text);
}

/* A counter of a stream, over all threads. */
#define SUM_OF(phase, stream, member)                                                              \
    (counter_get(&loader_stats(world.loaders[0])->ops[phase][stream].member) +                     \
     (world.n_loaders > 1                                                                          \
          ? counter_get(&loader_stats(world.loaders[1])->ops[phase][stream].member)                \
          : 0))
#define SUM(member)                                                                                \
    (counter_get(&loader_stats(world.loaders[0])->member) +                                        \
     (world.n_loaders > 1 ? counter_get(&loader_stats(world.loaders[1])->member) : 0))

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)

#endif
