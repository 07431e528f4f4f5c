#include "report/terminal/summary.h"

#include "report/golden.h"
#include "report/sample.h"
#include "report/sample_faults.h"
#include "report/text/text.h"
#include "result/verdict.h"

static char *printed(const result_t *result)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    summary_print(out, result, "results/20261122T140312Z-quick");
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_summary(const result_t *result, const char *golden)
{
    char *text = printed(result);
    golden_assert(golden, text);
    free(text);
}

/* Only phase mixed, as a user of --rows 0 would run. */
static void keep_one_phase(sample_t *sample)
{
    phase_result_t *load = &sample->result.phases[SAMPLE_LOAD];
    hist_free(load->ops[OP_INSERT].latency);
    hist_free(load->ops[OP_INSERT].service);
    *load = (phase_result_t){
        .start_ns = NOT_MEASURED, .end_ns = NOT_MEASURED, .overload_from_ns = NOT_MEASURED};
    lag_t **lag = &sample->result.taps[TAP_WAL]
                       .lag[SCOPE_EVENT][SAMPLE_LOAD][OP_INSERT][STAGE_COMMIT_TO_RECEIPT];
    lag_free(*lag);
    *lag = NULL;
    sample->result.acknowledged = 90000;
    sample->result.taps[TAP_WAL].verify = (verify_totals_t){.expected = 90000, .delivered = 90000};
}

static void a_clean_and_complete_tap_verifies_the_run(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    assert_int_equal(verdict_of(&sample.result), VERDICT_VERIFIED);
    sample_free(&sample);
}

static void a_fault_on_any_tap_fails_the_run_even_when_interrupted(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.taps[TAP_KAFKA] = (tap_result_t){
        .on = true, .complete = true, .verify = {.expected = 290000, .delivered = 290000}};
    assert_int_equal(verdict_of(&sample.result), VERDICT_VERIFIED);
    sample.result.taps[TAP_KAFKA].verify.mismatched = 1;
    sample.result.interrupted = true;
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
    sample_free(&sample);
}

static void a_repeated_change_on_kafka_is_forgiven_for_a_reason_alone(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.taps[TAP_KAFKA] =
        (tap_result_t){.on = true,
                       .complete = true,
                       .verify = {.expected = 290000, .delivered = 293000, .duplicated = 3000}};
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);

    sample.result.restarts_seen = true;
    assert_int_equal(verdict_of(&sample.result), VERDICT_VERIFIED);
    char *text = printed(&sample.result);
    assert_non_null(strstr(text, "290,000 changes, each seen, in order"));
    assert_non_null(strstr(text, "3,000 duplicated on kafka, which is no fault: Kafka Connect"));
    free(text);

    sample.result.restarts_seen = false;
    sample.result.at_least_once = true;
    assert_int_equal(verdict_of(&sample.result), VERDICT_VERIFIED);
    text = printed(&sample.result);
    assert_non_null(strstr(text, "which is no fault: --delivery at-least-once"));
    free(text);

    sample.result.taps[TAP_KAFKA].verify.missing = 1;
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
    sample.result.taps[TAP_KAFKA].verify.missing = 0;
    sample.result.taps[TAP_WAL].verify.duplicated = 1; /* nothing repeats there */
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
    sample_free(&sample);
}

static void a_missing_change_fails_a_tap_that_read_to_the_end(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.taps[TAP_WAL].verify.missing = 1;
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
    sample.result.taps[TAP_WAL].complete = false;
    assert_int_equal(verdict_of(&sample.result), VERDICT_INCOMPLETE);
    sample.result.taps[TAP_WAL].verify.duplicated = 1;
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
    sample_free(&sample);
}

static void a_tap_that_was_not_held_against_all_changes_verifies_nothing(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.taps[TAP_WAL].verify = (verify_totals_t){.expected = 0};
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
    sample_free(&sample);
}

static void gaps_that_could_not_be_kept_fail_the_run(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.taps[TAP_WAL].verify.gaps_overflowed = true;
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
    sample_free(&sample);
}

static void an_interrupted_or_failed_load_leaves_the_run_incomplete(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.interrupted = true;
    assert_int_equal(verdict_of(&sample.result), VERDICT_INCOMPLETE);
    sample.result.interrupted = false;
    err_set(&sample.result.failure, ERR_RUN, "the server is gone");
    assert_int_equal(verdict_of(&sample.result), VERDICT_INCOMPLETE);
    sample_free(&sample);
}

static void without_a_tap_nothing_is_verified(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.taps[TAP_WAL].on = false;
    assert_int_equal(verdict_of(&sample.result), VERDICT_UNVERIFIED);
    sample_free(&sample);
}

static void a_verified_run_of_several_phases_names_the_phase_of_each_row(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    assert_summary(&sample.result, "summary_verified.txt");
    sample_free(&sample);
}

static void a_run_of_one_phase_does_not_name_it(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    keep_one_phase(&sample);
    assert_summary(&sample.result, "summary_one_phase.txt");
    sample_free(&sample);
}

static void a_failed_run_names_each_fault_and_how_many_more(void **state)
{
    (void)state;
    sample_t sample;
    sample_faults_t faults;
    sample_init(&sample);
    keep_one_phase(&sample);
    sample_faults_init(&faults);
    sample.result.acknowledged = SAMPLE_ROWS;
    sample.result.taps[TAP_WAL].verify = faults.totals;
    sample.result.taps[TAP_WAL].verifier = faults.verifier;
    assert_summary(&sample.result, "summary_failed.txt");
    sample_faults_free(&faults);
    sample_free(&sample);
}

static void changes_that_never_came_are_missing_with_the_reason_beside_them(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    tap_result_t *wal = &sample.result.taps[TAP_WAL];
    wal->verify.missing = 2;
    wal->verify.delivered = 289998;
    snprintf(wal->error, sizeof wal->error, "2 changes had not arrived after 60 s");
    char *text = printed(&sample.result);
    static const char expected[] = "FAILED  2 missing on wal (of 290,000 changes)\n"
                                   "            wal: 2 changes had not arrived after 60 s\n\n";
    assert_memory_equal(text, expected, sizeof expected - 1);
    free(text);
    sample_free(&sample);
}

static void an_incomplete_run_says_why_and_what_it_saw(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    keep_one_phase(&sample);
    result_t *result = &sample.result;
    result->interrupted = true;
    result->end_ns = 12345 * NS_PER_MS;
    result->taps[TAP_WAL].complete = false;
    result->taps[TAP_WAL].verify.delivered = 1234;
    result->taps[TAP_WAL].verify.missing = 88766;
    snprintf(result->taps[TAP_WAL].error, sizeof result->taps[TAP_WAL].error,
             "the replication connection was lost: complete up to LSN 17/10");
    assert_summary(result, "summary_incomplete.txt");
    sample_free(&sample);
}

static void a_run_without_tap_and_with_mishaps_says_so(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    keep_one_phase(&sample);
    result_t *result = &sample.result;
    result->taps[TAP_WAL].on = false;
    result->phases[SAMPLE_MIXED].ops[OP_UPDATE].errors = 3;
    result->reconnects = 2;
    result->in_doubt = 5;
    result->in_doubt_committed = 4;
    result->overloaded = true;
    result->ledger_dropped = 1200;
    result->taps[TAP_WAL].unmatched_transactions = 6;
    result->clock_offset_us = NOT_MEASURED;
    result->client_cpu_us = NOT_MEASURED;
    assert_summary(result, "summary_mishaps.txt");
    sample_free(&sample);
}

static void assert_says(const result_t *result, const char *line)
{
    char *text = printed(result);
    if (strstr(text, line) == NULL)
        fail_msg("not said: %s\nin:\n%s", line, text);
    free(text);
}

static void assert_does_not_say(const result_t *result, const char *words)
{
    char *text = printed(result);
    if (strstr(text, words) != NULL)
        fail_msg("said: %s\nin:\n%s", words, text);
    free(text);
}

static void ends_that_agree_are_a_part_of_the_proof(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    result_t *result = &sample.result;
    assert_does_not_say(result, "END");
    sample_kafka_with_ends(&result->taps[TAP_KAFKA]);
    result->taps[TAP_KAFKA].ends.measured = false;
    assert_does_not_say(result, "END");
    result->taps[TAP_KAFKA].ends.measured = true;
    assert_int_equal(verdict_of(result), VERDICT_VERIFIED);
    assert_says(result, "9,200 transactions on kafka, each with the events that its END counts");
    sample_free(&sample);
}

static void ends_that_count_otherwise_fail_the_run_and_are_named(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    result_t *result = &sample.result;
    sample_kafka_with_ends(&result->taps[TAP_KAFKA]);
    sample_ends_differ(&result->taps[TAP_KAFKA].ends);
    assert_int_equal(verdict_of(result), VERDICT_FAILED);
    assert_summary(result, "summary_ends.txt");

    result->restarts_seen = true;
    assert_int_equal(verdict_of(result), VERDICT_VERIFIED);
    assert_says(result, "1 END repeated, which is no fault: Kafka Connect or its brokers");
    assert_does_not_say(result, "its END counts 10");
    sample_free(&sample);
}

static void whatever_is_wrong_with_ends_fails_the_run(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    end_counts_t *ends = &sample.result.taps[TAP_KAFKA].ends;
    sample_kafka_with_ends(&sample.result.taps[TAP_KAFKA]);
    uint64_t *const counts[] = {&ends->faults[END_DIFFERS], &ends->faults[END_MISSING],
                                &ends->faults[END_UNSEEN], &ends->repeated, &ends->unreadable};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        *counts[i] = 1;
        assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
        *counts[i] = 0;
    }
    ends->overflowed = true;
    assert_int_equal(verdict_of(&sample.result), VERDICT_FAILED);
    assert_says(&sample.result, "more were open at once than can be kept");
    ends->overflowed = false;
    ends->undecided = 3; /* of a tap that stopped early */
    assert_int_equal(verdict_of(&sample.result), VERDICT_VERIFIED);
    assert_says(&sample.result, "3 not over when the tap stopped");
    sample_free(&sample);
}

static void events_without_a_transaction_leave_ends_unheld_and_say_so(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample_kafka_with_ends(&sample.result.taps[TAP_KAFKA]);
    sample_ends_differ(&sample.result.taps[TAP_KAFKA].ends);
    sample.result.taps[TAP_KAFKA].ends.measured = false;
    sample.result.taps[TAP_KAFKA].ends.nameless = 5;
    assert_int_equal(verdict_of(&sample.result), VERDICT_VERIFIED);
    assert_says(&sample.result, "5 events on kafka name no transaction");
    sample_free(&sample);
}

static void what_the_load_met_is_told(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    result_t *result = &sample.result;
    phase_result_t *mixed = &result->phases[SAMPLE_MIXED];
    sample.scenario.phases[SAMPLE_LOAD].warm_up = true;
    mixed->ops[OP_UPDATE].rolled_back = 30;
    mixed->ops[OP_UPDATE].rows_rolled_back = 600;
    mixed->overload_from_ns = 12345 * NS_PER_MS;
    mixed->overload_us = 2500000;
    mixed->backlog_peak_rows = 40000;
    mixed->backlog_peak_us = 2100000;
    result->phases[SAMPLE_DRAIN].drain[TAP_WAL].events = 50000;
    result->phases[SAMPLE_DRAIN].drain[TAP_WAL].us = 500000;
    result->n_stalls = 6;
    for (int i = 0; i < 6; i++)
        result->stalls[i] = (stall_t){(12 + i) * NS_PER_S, (14 + i) * NS_PER_S, SAMPLE_MIXED};
    assert_says(result, "warm-up: the times of phase load are recorded nowhere; its changes are "
                        "verified\n");
    assert_says(result, "rolled back as the scenario asks: 30 transactions of 600 changes\n");
    assert_says(result, "waited for wal in phase drain: 50,000 events in 0.5 s, 100,000 per "
                        "second\n");
    assert_says(result, "OVERLOADED: in phase mixed the backlog passed its bound at second 12.3, "
                        "for 2.5 s; at most 40,000 rows, 2.1 s old\n");
    assert_says(result, "STALLED: from second 16.00 on nothing was acknowledged for 2.00 s, though "
                        "it was due (phase mixed)\n");
    assert_says(result, "STALLED: 1 more times (run.json)\n");
    sample_free(&sample);
}

static void clocks_that_cannot_be_right_are_warned_of(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    result_t *result = &sample.result;
    foreign_clock_t *connect = &result->foreign_clocks[CLOCK_CONNECT];
    *connect = (foreign_clock_t){.stamps = 9, .whole = {-900, 4000}};
    char *text = printed(result);
    assert_null(strstr(text, "WARNING"));
    free(text);
    *connect = (foreign_clock_t){.stamps = 9, .whole = {-3000000, -2000000}};
    assert_says(result,
                "WARNING: Kafka Connect's clock is 2,000 ms to 3,000 ms behind the server's");
    *connect = (foreign_clock_t){
        .stamps = 9, .whole = {5000, -2000}, .first = {-2500, -2000}, .last = {5000, 6000}};
    assert_says(result, "WARNING: Kafka Connect's clock was set or drifted, by at least 7.0 ms");
    assert_says(result, "ahead of the server's in the first minute by -2.5 ms to -2.0 ms\n");
    assert_says(result, "in the last by 5.0 ms to 6.0 ms\n");
    *connect = (foreign_clock_t){.stamps = 0};
    result->clock_breaks = 2;
    assert_says(result, "this host's was set, or changed its rate, 2 times");
    sample_free(&sample);
}

/* Figures end where their headings end, whatever the bytes of µ and →; stages have one figure and a
 * share. */
static void rows_of_a_phase_are_aligned_by_what_a_terminal_shows(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    char *text = printed(&sample.result);
    char *table = strstr(text, "mixed · 30 s");
    assert_non_null(table);
    *strstr(table, "\n\n") = '\0';
    int rows = 0, stages = 0;
    size_t width = 0;
    for (char *line = strtok(table, "\n"); line != NULL; line = strtok(NULL, "\n"), rows++) {
        width = rows == 0 ? text_width(line) : width;
        bool stage = strncmp(line, "  ", 2) == 0;
        stages += stage;
        assert_true(stage ? text_width(line) <= width : text_width(line) == width);
    }
    assert_true(width < 80);
    assert_int_equal(rows, 6);
    assert_int_equal(stages, 2);
    free(text);
    sample_free(&sample);
}

static void whether_the_taps_kept_up_stands_behind_what_was_proven(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    pace_t *wal = &sample.result.phases[SAMPLE_MIXED].pace[TAP_WAL];
    *wal = (pace_t){.verdict = PACE_KEPT_UP, .sent_per_s = 3000.4, .sustained_per_s = 2999.6};
    assert_summary(&sample.result, "summary_kept_up.txt");
    *wal = (pace_t){.verdict = PACE_FELL_BEHIND,
                    .sent_per_s = 15000,
                    .sustained_per_s = 7900,
                    .behind = 140000,
                    .growth_per_s = 7100};
    assert_summary(&sample.result, "summary_fell_behind.txt");
    *wal = (pace_t){.verdict = PACE_UNDECIDED,
                    .behind = 1200,
                    .growth_per_s = 440,
                    .growth_low = -20,
                    .growth_high = 900,
                    .decided_by_s = 95};
    assert_summary(&sample.result, "summary_pace_undecided.txt");
    sample.scenario.phases[SAMPLE_MIXED].warm_up = true;
    assert_int_equal(verdict_pace(&sample.result), PACE_UNKNOWN);
    sample_free(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_and_complete_tap_verifies_the_run),
        cmocka_unit_test(a_fault_on_any_tap_fails_the_run_even_when_interrupted),
        cmocka_unit_test(a_repeated_change_on_kafka_is_forgiven_for_a_reason_alone),
        cmocka_unit_test(a_missing_change_fails_a_tap_that_read_to_the_end),
        cmocka_unit_test(a_tap_that_was_not_held_against_all_changes_verifies_nothing),
        cmocka_unit_test(gaps_that_could_not_be_kept_fail_the_run),
        cmocka_unit_test(an_interrupted_or_failed_load_leaves_the_run_incomplete),
        cmocka_unit_test(without_a_tap_nothing_is_verified),
        cmocka_unit_test(a_verified_run_of_several_phases_names_the_phase_of_each_row),
        cmocka_unit_test(a_run_of_one_phase_does_not_name_it),
        cmocka_unit_test(a_failed_run_names_each_fault_and_how_many_more),
        cmocka_unit_test(changes_that_never_came_are_missing_with_the_reason_beside_them),
        cmocka_unit_test(an_incomplete_run_says_why_and_what_it_saw),
        cmocka_unit_test(a_run_without_tap_and_with_mishaps_says_so),
        cmocka_unit_test(ends_that_agree_are_a_part_of_the_proof),
        cmocka_unit_test(ends_that_count_otherwise_fail_the_run_and_are_named),
        cmocka_unit_test(whatever_is_wrong_with_ends_fails_the_run),
        cmocka_unit_test(events_without_a_transaction_leave_ends_unheld_and_say_so),
        cmocka_unit_test(what_the_load_met_is_told),
        cmocka_unit_test(clocks_that_cannot_be_right_are_warned_of),
        cmocka_unit_test(rows_of_a_phase_are_aligned_by_what_a_terminal_shows),
        cmocka_unit_test(whether_the_taps_kept_up_stands_behind_what_was_proven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
