/*
 * run: mixed transactions, deletes, arrays, rollbacks and savepoints against a real server: what
 * the tap proves, and what SQL finds in the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "run/control/run.h"
#include "server.h"

static server_t server;

static int start(void **state)
{
    (void)state;
    return server_start(&server);
}

static int stop(void **state)
{
    (void)state;
    return server_stop(&server);
}

enum { ROWS = 20000 };
static scenario_t scenario;

static phase_t *add_phase(const char *name)
{
    phase_t *phase = &scenario.phases[scenario.n_phases++];
    snprintf(phase->name, sizeof phase->name, "%s", name);
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        phase->streams[stream].rows_per_txn = 1;
    return phase;
}

/* A load of ROWS rows, and a phase to be filled in. */
static phase_t *begin_scenario(void)
{
    memset(&scenario, 0, sizeof scenario);
    snprintf(scenario.name, sizeof scenario.name, "mix");
    scenario.seed = 42;
    scenario.connections = 3;
    scenario.triggers = TRIGGERS_BOTH;
    scenario.replica_identity_full = true;
    add_phase("load")->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = ROWS, .rows_per_txn = 500};
    return add_phase("work");
}

static void set_stream(phase_t *phase, uint32_t stream, uint64_t rows, uint32_t rows_per_txn)
{
    phase->streams[stream] =
        (stream_t){.kind = STREAM_CLOSED, .rows = rows, .rows_per_txn = rows_per_txn};
}

static run_t *execute(void)
{
    static config_t config;
    static atomic_int interrupts;
    err_t err = {0};
    add_phase("drain")->kind = PHASE_DRAIN;
    scenario.phases[scenario.n_phases - 1].at_most_ns = 60 * NS_PER_S;
    scenario_place_t place;
    if (!scenario_resolve(&scenario, &place, &err))
        fail_msg("%s", err.text);
    config = (config_t){
        .taps = {.on = {[TAP_WAL] = true}},
        .load = {.threads = 2, .reconnect_timeout_ns = 10 * NS_PER_S, .ledger_max = 100000}};
    run_opts_t opts = {.config = &config,
                       .scenario = &scenario,
                       .target = server.target,
                       .interrupts = &interrupts};
    run_t *run = run_execute(&opts, &err);
    if (run == NULL)
        fail_msg("%s", err.text);
    return run;
}

static void assert_verified(const result_t *result, uint64_t changes)
{
    const tap_result_t *tap = &result->taps[TAP_WAL];
    assert_string_equal(result->failure.text, "");
    assert_true(tap->complete);
    for (fault_kind_t kind = 0; kind < FAULT_KINDS; kind++)
        if (verify_fault_count(tap->verifier, kind) > 0) {
            const fault_t *fault = verify_fault(tap->verifier, kind, 0);
            fail_msg("%s: %s of row %llu, expected %s, found %s", fault_names[kind],
                     op_names[fault->op], (unsigned long long)fault->row, fault->expected,
                     fault->found);
        }
    assert_true(verify_clean(&tap->verify));
    assert_int_equal(result->acknowledged, changes);
    assert_int_equal(tap->verify.delivered, changes);
    assert_int_equal(tap->unmatched_transactions, 0); /* the ledger knows each of them */
}

static const op_result_t *figures(const run_t *run, uint32_t stream)
{
    const op_result_t *out = &run_result(run)->phases[1].ops[stream];
    assert_int_equal(out->errors, 0);
    return out;
}

static void deletes_take_each_row_once(void **state)
{
    (void)state;
    for (send_mode_t mode = SEND_PIPELINE; mode <= SEND_ARRAY; mode++) {
        phase_t *phase = begin_scenario();
        set_stream(phase, OP_DELETE, 1000, 10);
        phase->mode[OP_DELETE] = mode;
        run_t *run = execute();
        assert_verified(run_result(run), ROWS + 1000);
        assert_int_equal(figures(run, OP_DELETE)->rows, 1000);
        assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"), ROWS - 1000);
        run_free(run);
    }
}

static void updates_pass_over_rows_that_are_deleted_meanwhile(void **state)
{
    (void)state;
    for (send_mode_t mode = SEND_PIPELINE; mode <= SEND_ARRAY; mode++) {
        phase_t *phase = begin_scenario();
        set_stream(phase, OP_DELETE, 3000, 3);
        set_stream(phase, OP_UPDATE, 9000, 9);
        phase->mode[OP_UPDATE] = mode;
        run_t *run = execute();
        assert_verified(run_result(run), ROWS + 3000 + 9000);
        assert_int_equal(figures(run, OP_UPDATE)->rows, 9000);
        assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"), ROWS - 3000);
        run_free(run);
    }
}

static void arrays_change_what_a_pipeline_changes(void **state)
{
    (void)state;
    char digests[2][64];
    err_t err = {0};
    for (send_mode_t mode = SEND_PIPELINE; mode <= SEND_ARRAY; mode++) {
        phase_t *phase = begin_scenario();
        set_stream(phase, OP_UPDATE, 2 * ROWS, ROWS); /* two statements and more a transaction */
        phase->mode[OP_UPDATE] = mode;
        run_t *run = execute();
        assert_verified(run_result(run), ROWS + 2 * ROWS);
        assert_true(pg_admin_value(server.admin,
                                   "SELECT md5(string_agg(transaction_id || amount, ',' ORDER BY "
                                   "transaction_id)) FROM transactions",
                                   digests[mode], sizeof digests[mode], &err));
        run_free(run);
    }
    assert_string_equal(digests[SEND_PIPELINE], digests[SEND_ARRAY]);
}

static void mixed_transactions_of_every_size_are_whole(void **state)
{
    (void)state;
    static const struct {
        mix_t mix;
        uint64_t txns;
    } cases[] = {
        {{.inserts = 1}, 50},
        {{.inserts = 3, .own_updates = 7}, 50},
        {{.updates = 1}, 50},
        {{.deletes = 2}, 50},
        {{.inserts = 5, .own_updates = 2, .updates = 4, .deletes = 3}, 100},
        {{.inserts = 20000, .own_updates = 5000, .updates = 9000, .deletes = 500}, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const mix_t *mix = &cases[i].mix;
        uint32_t rows = mix->inserts + mix->own_updates + mix->updates + mix->deletes;
        phase_t *phase = begin_scenario();
        phase->mix = *mix;
        set_stream(phase, STREAM_MIX, cases[i].txns * rows, rows);
        run_t *run = execute();
        assert_verified(run_result(run), ROWS + cases[i].txns * rows);
        assert_int_equal(figures(run, STREAM_MIX)->transactions, cases[i].txns);
        assert_int_equal(figures(run, STREAM_MIX)->rows, cases[i].txns * rows);
        assert_int_equal(hist_count(figures(run, STREAM_MIX)->latency), cases[i].txns);
        assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"),
                         ROWS + (long)cases[i].txns * ((long)mix->inserts - (long)mix->deletes));
        run_free(run);
    }
}

/* The streams of a phase at once, of which some are rolled back, in whole or in part. */
static void what_is_rolled_back_reaches_neither_the_table_nor_the_tap(void **state)
{
    (void)state;
    for (send_mode_t mode = SEND_PIPELINE; mode <= SEND_ARRAY; mode++) {
        phase_t *phase = begin_scenario();
        phase->mix = (mix_t){.inserts = 4, .own_updates = 2, .updates = 3, .deletes = 1};
        set_stream(phase, OP_INSERT, 2000, 5);
        set_stream(phase, OP_UPDATE, 2000, 5);
        set_stream(phase, OP_DELETE, 500, 5);
        set_stream(phase, STREAM_MIX, 4000, 10);
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            phase->mode[stream] = mode;
            phase->rollback_share[stream] = 0.2;
            phase->savepoint_share[stream] = 0.2;
        }
        run_t *run = execute();
        uint64_t committed = 0;
        for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
            const op_result_t *of = figures(run, stream);
            const stream_t *planned = &scenario.phases[1].streams[stream];
            assert_in_range(of->rolled_back, 1, planned->rows / planned->rows_per_txn / 2);
            assert_int_equal(of->rows_rolled_back, of->rolled_back * planned->rows_per_txn);
            assert_int_equal(of->rows + of->rows_rolled_back, planned->rows);
            committed += of->rows;
        }
        assert_verified(run_result(run), ROWS + committed);
        assert_int_equal(run_result(run)->taps[TAP_WAL].verify.rolled_back, 0);
        assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"),
                         (long)(ROWS + figures(run, OP_INSERT)->rows +
                                figures(run, STREAM_MIX)->transactions * 4 -
                                figures(run, OP_DELETE)->rows -
                                figures(run, STREAM_MIX)->transactions));
        assert_int_equal(
            server_number(&server, "SELECT count(*) FROM transactions WHERE amount >= 2000"), 0);
        run_free(run);
    }
}

static void a_load_whose_deletes_have_left_nothing_ends_and_says_so(void **state)
{
    (void)state;
    phase_t *phase = begin_scenario();
    set_stream(phase, OP_DELETE, ROWS, 1); /* in turns with the updates */
    set_stream(phase, OP_UPDATE, 10 * ROWS, 1);
    run_t *run = execute();
    const result_t *result = run_result(run);
    assert_non_null(strstr(result->failure.text, "no rows are left to change"));
    assert_true(verify_clean(&result->taps[TAP_WAL].verify));
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deletes_take_each_row_once),
        cmocka_unit_test(updates_pass_over_rows_that_are_deleted_meanwhile),
        cmocka_unit_test(arrays_change_what_a_pipeline_changes),
        cmocka_unit_test(mixed_transactions_of_every_size_are_whole),
        cmocka_unit_test(what_is_rolled_back_reaches_neither_the_table_nor_the_tap),
        cmocka_unit_test(a_load_whose_deletes_have_left_nothing_ends_and_says_so),
    };
    return cmocka_run_group_tests_name("run_mix", tests, start, stop);
}
