#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "run/load/loop.h"
#include "run/load/work.h"

#define START_NS NS_PER_S

/* While it is set nothing can be allocated. */
static bool memory_is_out;
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
    return memory_is_out ? NULL : __real_calloc(n, size);
}

/* A phase of inserts (as given) and updates on 1,000 rows, begun at START_NS. */
static work_t *work_new(scenario_t *scenario, uint32_t connections, uint32_t threads,
                        stream_t inserts, stream_t updates, int64_t duration_ns)
{
    err_t err = {0};
    memset(scenario, 0, sizeof *scenario);
    scenario->seed = 42;
    scenario->connections = connections;
    scenario->n_phases = 2;
    scenario->phases[0].streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = 1000, .rows_per_txn = 1000};
    scenario->phases[0].streams[OP_UPDATE].rows_per_txn = 1;
    scenario->phases[1].duration_ns = duration_ns;
    scenario->phases[1].streams[OP_INSERT] = inserts;
    scenario->phases[1].streams[OP_UPDATE] = updates;
    for (int p = 0; p < 2; p++) {
        scenario->phases[p].name[0] = (char)('a' + p);
        for (int op = 0; op < OP_COUNT; op++)
            if (scenario->phases[p].streams[op].rows_per_txn == 0)
                scenario->phases[p].streams[op].rows_per_txn = 1;
    }
    scenario_place_t place;
    if (!scenario_resolve(scenario, &place, &err))
        fail_msg("%s", err.text);
    work_t *work = calloc(1, sizeof *work);
    assert_non_null(work);
    work->scenario = scenario;
    work->threads = threads;
    work->wake_fd = eventfd(0, 0);
    pthread_mutex_init(&work->failure_lock, NULL);
    atomic_store(&work->phase, 1);
    atomic_store(&work->start_ns[1], START_NS);
    return work;
}

static void work_free(work_t *work)
{
    close(work->wake_fd);
    pthread_mutex_destroy(&work->failure_lock);
    free(work);
}

/* Lets every connection take all it can at that moment; marks[n] counts who took update n. */
static uint64_t take_all(work_t *work, int64_t now_ns, op_t op, uint8_t *marks)
{
    uint64_t taken = 0;
    for (uint32_t thread = 0; thread < work->threads; thread++) {
        taker_t *taker = taker_new(work, thread, work->threads);
        assert_non_null(taker);
        bool more = true;
        while (more) {
            more = false;
            for (uint32_t c = thread; c < work->scenario->connections; c += work->threads) {
                task_t task;
                int64_t next_ns;
                if (taker_take(taker, c, now_ns, &task, &next_ns) != TAKE_TASK)
                    continue;
                more = true;
                if (task.stream != op)
                    continue;
                taken++;
                marks[task.n]++;
                if (op == OP_UPDATE)
                    assert_int_equal(c,
                                     keys_txn_connection(&work->scenario->phases[1].keys[OP_UPDATE],
                                                         task.n, work->scenario->connections));
            }
        }
        taker_free(taker);
    }
    return taken;
}

static const stream_t OFF = {.kind = STREAM_OFF, .rows_per_txn = 1};

static void every_update_is_taken_once_by_its_owner_whatever_the_threads(void **state)
{
    (void)state;
    static const uint32_t shapes[][2] = {{1, 1}, {4, 2}, {7, 3}, {64, 5}, {200, 4}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        scenario_t scenario;
        stream_t updates = {.kind = STREAM_CLOSED, .rows = 6000, .rows_per_txn = 2};
        work_t *work = work_new(&scenario, shapes[i][0], shapes[i][1], OFF, updates, 0);
        uint8_t marks[3000] = {0};
        assert_int_equal(take_all(work, START_NS, OP_UPDATE, marks), 3000);
        for (int n = 0; n < 3000; n++)
            assert_int_equal(marks[n], 1);
        work_free(work);
    }
}

static void an_insert_is_taken_by_whoever_asks_first_and_by_nobody_else(void **state)
{
    (void)state;
    scenario_t scenario;
    stream_t inserts = {.kind = STREAM_CLOSED, .rows = 5000, .rows_per_txn = 10};
    work_t *work = work_new(&scenario, 8, 2, inserts, OFF, 0);
    uint8_t marks[500] = {0};
    assert_int_equal(take_all(work, START_NS, OP_INSERT, marks), 500);
    for (int n = 0; n < 500; n++)
        assert_int_equal(marks[n], 1);
    work_free(work);
}

static void what_is_not_due_is_not_taken_and_says_when(void **state)
{
    (void)state;
    scenario_t scenario;
    task_t task;
    int64_t next_ns;
    stream_t inserts = {.kind = STREAM_OPEN, .rate_per_s = 100, .rows_per_txn = 10};
    work_t *work = work_new(&scenario, 1, 1, inserts, OFF, NS_PER_S);
    taker_t *taker = taker_new(work, 0, 1);
    assert_int_equal(taker_take(taker, 0, START_NS - 5, &task, &next_ns), TAKE_LATER);
    assert_int_equal(next_ns, START_NS);
    assert_int_equal(taker_take(taker, 0, START_NS, &task, &next_ns), TAKE_TASK);
    assert_int_equal(taker_take(taker, 0, START_NS, &task, &next_ns), TAKE_LATER);
    assert_int_equal(next_ns, START_NS + NS_PER_S / 10);
    /* Long after: all that became due is there to be taken, each with the time it was due. */
    for (int64_t n = 1; n < 10; n++) {
        assert_int_equal(taker_take(taker, 0, START_NS + 5 * NS_PER_S, &task, &next_ns), TAKE_TASK);
        assert_int_equal(task.intended_ns, START_NS + n * NS_PER_S / 10);
    }
    assert_int_equal(taker_take(taker, 0, START_NS + 5 * NS_PER_S, &task, &next_ns), TAKE_NOTHING);
    taker_free(taker);
    work_free(work);
}

/* Both are streams that only their duration ends: a walk for somebody without a lane would never.
 */
static void a_connection_that_owns_no_row_is_told_so_at_once(void **state)
{
    (void)state;
    static const uint32_t rows_per_txn[] = {500, 1}; /* whole: connection 0 alone; 192 lanes */
    static const uint32_t connections[] = {2, 300};
    for (int i = 0; i < 2; i++) {
        scenario_t scenario;
        task_t task;
        int64_t next_ns;
        stream_t updates = {.kind = STREAM_CLOSED, .rows_per_txn = rows_per_txn[i]};
        work_t *work = work_new(&scenario, connections[i], 1, OFF, updates, NS_PER_S);
        taker_t *taker = taker_new(work, 0, 1);
        assert_int_equal(taker_take(taker, connections[i] - 1, START_NS, &task, &next_ns),
                         TAKE_NOTHING);
        assert_int_equal(taker_take(taker, 0, START_NS, &task, &next_ns), TAKE_TASK);
        assert_int_equal(taker_take(taker, 0, START_NS + NS_PER_S, &task, &next_ns), TAKE_NOTHING);
        taker_free(taker);
        work_free(work);
    }
}

static void after_a_failure_nothing_more_is_taken_and_the_first_reason_stays(void **state)
{
    (void)state;
    scenario_t scenario;
    task_t task;
    int64_t next_ns;
    err_t first = {ERR_RUN, "first"}, second = {ERR_RUN, "second"}, seen = {0};
    stream_t inserts = {.kind = STREAM_CLOSED, .rows = 100, .rows_per_txn = 10};
    work_t *work = work_new(&scenario, 1, 1, inserts, OFF, 0);
    taker_t *taker = taker_new(work, 0, 1);
    assert_false(work_failed(work, &seen));
    work_fail(work, &first);
    work_fail(work, &second);
    assert_int_equal(taker_take(taker, 0, START_NS, &task, &next_ns), TAKE_NOTHING);
    assert_true(work_failed(work, &seen));
    assert_string_equal(seen.text, "first");
    taker_free(taker);
    work_free(work);
}

/* Fills the ledger's first chunk and one more entry, without memory for it or with. */
static void enter_a_chunk_and_one(work_t *work, bool without_memory)
{
    ledger_entry_t entry = {.rows = 1};
    for (int i = 0; i < 1024; i++)
        assert_non_null(work_enter(work, 0, &entry));
    memory_is_out = without_memory;
    ledger_entry_t *one = work_enter(work, 0, &entry);
    memory_is_out = false;
    assert_null(one);
}

/* Of a load whose ledger takes so many entries. */
static void enter_and_expect(uint64_t max_entries, bool stop, bool without_memory,
                             const char *expected)
{
    scenario_t scenario;
    stream_t stream = {.kind = STREAM_CLOSED, .rows = 1, .rows_per_txn = 1};
    work_t *work = work_new(&scenario, 1, 1, stream, stream, 0);
    err_t why = {0};
    work->ledger = ledger_new(1, 1, max_entries);
    work->stop_on_overload = stop;
    enter_a_chunk_and_one(work, without_memory);
    assert_int_equal(work_failed(work, &why), expected != NULL);
    if (expected != NULL && strstr(why.text, expected) == NULL)
        fail_msg("%s", why.text);
    ledger_free(work->ledger);
    work_free(work);
}

static void a_full_ledger_ends_the_load_where_it_is_to_stop_on_overload(void **state)
{
    (void)state;
    enter_and_expect(0, true, false, "the ledger is full");
    enter_and_expect(0, false, false, NULL);
}

static void a_ledger_without_memory_ends_the_load_and_is_not_called_full(void **state)
{
    (void)state;
    enter_and_expect(1000000, true, true, "out of memory for the ledger, which holds 1024 ");
    enter_and_expect(1000000, false, true, "out of memory for the ledger");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_update_is_taken_once_by_its_owner_whatever_the_threads),
        cmocka_unit_test(an_insert_is_taken_by_whoever_asks_first_and_by_nobody_else),
        cmocka_unit_test(what_is_not_due_is_not_taken_and_says_when),
        cmocka_unit_test(a_connection_that_owns_no_row_is_told_so_at_once),
        cmocka_unit_test(after_a_failure_nothing_more_is_taken_and_the_first_reason_stays),
        cmocka_unit_test(a_full_ledger_ends_the_load_where_it_is_to_stop_on_overload),
        cmocka_unit_test(a_ledger_without_memory_ends_the_load_and_is_not_called_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
