/* The END records of transactions against their events: whichever comes first, in whatever
 * order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "run/tap/transaction_ends.h"

#define FLOOR_LSN 1000

static const char *const collections[] = {"public.transactions", "public.wide"};
static transaction_ends_t *ends;
static end_counts_t counts;

static int setup(void **state)
{
    (void)state;
    ends = transaction_ends_new(collections, 2, FLOOR_LSN);
    return ends == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    transaction_ends_free(ends);
    return 0;
}

static void see_in(uint64_t txid, uint32_t table, unsigned events)
{
    char id[64];
    int len = snprintf(id, sizeof id, "%llu:4711", (unsigned long long)txid);
    envelope_t envelope = {.op = ENVELOPE_CREATE, .transaction.id = {id, (uint32_t)len}};
    for (unsigned i = 0; i < events; i++)
        transaction_ends_event(ends, &envelope, table);
}

static void see(uint64_t txid, unsigned events)
{
    see_in(txid, 0, events);
}

static void tell_text(const char *text)
{
    transaction_ends_record(ends, text, strlen(text));
}

/* An END at a position of the log, with `all` events, some of them of a table that is not ours. */
static void tell_all(uint64_t txid, unsigned lsn, unsigned all, unsigned first, unsigned second)
{
    char value[512];
    snprintf(value, sizeof value,
             "{\"status\":\"END\",\"id\":\"%llu:%u\",\"event_count\":%u,\"data_collections\":["
             "{\"data_collection\":\"other.transactions\",\"event_count\":3},"
             "{\"data_collection\":\"public.transactions\",\"event_count\":%u},"
             "{\"data_collection\":\"public.wide\",\"event_count\":%u}],\"ts_ms\":1}",
             (unsigned long long)txid, lsn, all, first, second);
    tell_text(value);
}

static void tell(uint64_t txid, unsigned events)
{
    tell_all(txid, FLOOR_LSN, events + 3, events, 0);
}

static void take_result(bool complete)
{
    transaction_ends_result(ends, complete, &counts);
    assert_true(counts.measured);
}

static void assert_faults(unsigned differ, unsigned missing, unsigned unseen)
{
    assert_int_equal(counts.faults[END_DIFFERS], differ);
    assert_int_equal(counts.faults[END_MISSING], missing);
    assert_int_equal(counts.faults[END_UNSEEN], unseen);
}

static void assert_kept(size_t i, end_fault_kind_t kind, uint64_t txid, const char *collection,
                        uint64_t told, uint64_t seen)
{
    assert_true(i < counts.n_kept);
    const end_fault_t *fault = &counts.kept[i];
    assert_int_equal(fault->kind, kind);
    assert_int_equal(fault->txid, txid);
    assert_string_equal(fault->collection, collection);
    assert_int_equal(fault->told, told);
    assert_int_equal(fault->seen, seen);
}

static void a_count_and_its_events_agree_whichever_comes_first(void **state)
{
    (void)state;
    see(700, 5);
    tell_text("{\"status\":\"BEGIN\",\"id\":\"700:1000\",\"event_count\":null,"
              "\"data_collections\":null,\"ts_ms\":1}");
    assert_int_equal(transaction_ends_waiting(ends), 1);
    tell(700, 5);
    assert_int_equal(transaction_ends_waiting(ends), 0);
    tell(701, 4);
    see(701, 3);
    assert_int_equal(transaction_ends_waiting(ends), 1);
    see(701, 1);
    see(702, 2);
    tell(702, 6);
    see(702, 4);
    assert_int_equal(transaction_ends_waiting(ends), 0);
    take_result(true);
    assert_int_equal(counts.ends, 3);
    assert_int_equal(counts.agree, 3);
    assert_true(end_counts_clean(&counts));
    assert_int_equal(counts.n_kept, 0);
}

static void each_table_is_held_by_itself(void **state)
{
    (void)state;
    see_in(700, 0, 3);
    see_in(700, 1, 3);
    tell_all(700, FLOOR_LSN, 9, 2, 4);
    see_in(701, 0, 2);
    see_in(701, 1, 4);
    tell_all(701, FLOOR_LSN, 9, 2, 4);
    take_result(true);
    assert_int_equal(counts.agree, 1);
    assert_faults(1, 0, 0);
    assert_int_equal(counts.n_kept, 2);
    assert_kept(0, END_DIFFERS, 700, "public.transactions", 2, 3);
    assert_kept(1, END_DIFFERS, 700, "public.wide", 4, 3);
}

static void the_whole_is_held_too(void **state)
{
    (void)state;
    see(700, 5);
    tell_all(700, FLOOR_LSN, 9, 5, 0);
    take_result(true);
    assert_faults(1, 0, 0);
    assert_int_equal(counts.n_kept, 1);
    assert_kept(0, END_DIFFERS, 700, "", 6, 5);
}

static void what_is_lacking_is_named_with_both_counts(void **state)
{
    (void)state;
    tell(702, 3);
    see(701, 2);
    tell(700, 5);
    see(700, 4);
    take_result(true);
    assert_int_equal(counts.agree, 0);
    assert_faults(1, 1, 1);
    assert_int_equal(counts.n_kept, 3);
    assert_kept(0, END_DIFFERS, 700, "public.transactions", 5, 4);
    assert_kept(1, END_MISSING, 701, "public.transactions", 0, 2);
    assert_kept(2, END_UNSEEN, 702, "public.transactions", 3, 0);
    assert_false(end_counts_clean(&counts));
}

static void a_tap_that_stopped_early_leaves_undecided_what_may_have_been_on_its_way(void **state)
{
    (void)state;
    tell(702, 3);
    see(701, 2);
    tell(700, 5);
    see(700, 4);
    tell(699, 5);
    see(699, 6);
    take_result(false);
    assert_int_equal(counts.undecided, 3);
    assert_faults(1, 0, 0);
    assert_kept(0, END_DIFFERS, 699, "public.transactions", 5, 6);
}

static void what_comes_late_is_held_against_the_counts_that_agreed(void **state)
{
    (void)state;
    see(700, 2);
    tell(700, 2);
    see(700, 1);
    see(701, 2);
    tell(701, 2);
    tell(701, 7);
    see(702, 2);
    tell(702, 2);
    tell(702, 2); /* agrees, and is once more than is right */
    take_result(true);
    assert_int_equal(counts.agree, 1);
    assert_int_equal(counts.repeated, 2);
    assert_kept(0, END_DIFFERS, 700, "public.transactions", 2, 3);
    assert_kept(1, END_DIFFERS, 701, "public.transactions", 7, 2);
}

static void events_beyond_the_whole_are_a_fault_of_an_early_end_too(void **state)
{
    (void)state;
    see(700, 5);
    tell_all(700, FLOOR_LSN, 7, 5, 0); /* 4 of them ours, by the whole */
    take_result(false);
    assert_int_equal(counts.undecided, 0);
    assert_faults(1, 0, 0);
    assert_kept(0, END_DIFFERS, 700, "", 4, 5);
}

static void an_end_without_an_event_of_ours_is_kept_only_for_events_that_came(void **state)
{
    (void)state;
    tell(700, 0);
    see(701, 2);
    tell(701, 0);
    tell_all(702, FLOOR_LSN - 1, 8, 5, 0); /* of before the run */
    take_result(true);
    assert_int_equal(counts.ends, 1);
    assert_faults(1, 0, 0);
    assert_kept(0, END_DIFFERS, 701, "public.transactions", 0, 2);
}

static void the_first_ten_are_those_of_the_lowest_numbers(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        see(500 + i * 37 % 100, 1 + i);
    take_result(true);
    assert_faults(0, 100, 0);
    assert_int_equal(counts.n_kept, END_FAULTS_KEPT);
    for (unsigned i = 0; i < END_FAULTS_KEPT; i++)
        assert_int_equal(counts.kept[i].txid, 500 + i);
}

/* Far more than are remembered, so that places are freed while others are looked for. */
static void many_transactions_under_way_are_all_found_again(void **state)
{
    (void)state;
    enum { N = 5 * TRANSACTION_ENDS_RECENT };
    for (unsigned i = 1; i <= N; i++)
        see(i * 7, 2);
    assert_int_equal(transaction_ends_waiting(ends), N);
    for (unsigned i = N; i >= 1; i--)
        if (i % 100 != 0)
            tell(i * 7, 2);
    assert_int_equal(transaction_ends_waiting(ends), N / 100);
    for (unsigned i = 100; i <= N; i += 100)
        if (i % 200 != 0)
            tell(i * 7, 3);
    take_result(true);
    assert_int_equal(counts.agree, N - N / 100);
    assert_faults((N / 100 + 1) / 2, N / 200, 0);
    assert_kept(0, END_DIFFERS, 700, "public.transactions", 3, 2);
    assert_kept(1, END_MISSING, 1400, "public.transactions", 0, 2);
}

static void of_those_that_agreed_the_last_are_remembered(void **state)
{
    (void)state;
    enum { N = TRANSACTION_ENDS_RECENT + 1 };
    for (unsigned i = 1; i <= N; i++) {
        see(i, 2);
        tell(i, 2);
    }
    see(1, 1); /* forgotten: an event without an END */
    see(2, 1);
    take_result(true);
    assert_int_equal(counts.agree, N - 1);
    assert_faults(1, 1, 0);
    assert_kept(0, END_MISSING, 1, "public.transactions", 0, 1);
    assert_kept(1, END_DIFFERS, 2, "public.transactions", 2, 3);
}

static void what_tells_of_no_transaction_is_counted(void **state)
{
    (void)state;
    tell_text("no JSON");
    tell_text("{\"status\":\"END\",\"id\":\"x\",\"event_count\":3}");
    transaction_ends_record(ends, NULL, 0); /* null */
    take_result(true);
    assert_int_equal(counts.unreadable, 2);
    assert_false(end_counts_clean(&counts));
}

static void a_snapshots_events_are_of_no_transaction(void **state)
{
    (void)state;
    envelope_t envelope = {.op = ENVELOPE_READ, .source.snapshot = {"first", 5}};
    transaction_ends_event(ends, &envelope, 0);
    take_result(true);
    assert_int_equal(counts.nameless, 0);
    assert_int_equal(transaction_ends_waiting(ends), 0);
}

static void flattened_rows_are_known_by_their_source_or_not_held_at_all(void **state)
{
    (void)state;
    envelope_t envelope = {.op = ENVELOPE_CREATE, .flattened = true, .source.txid = 700};
    transaction_ends_event(ends, &envelope, 0);
    tell(700, 1);
    take_result(true);
    assert_int_equal(counts.agree, 1);
    envelope.source.txid = 0;
    transaction_ends_event(ends, &envelope, 0);
    transaction_ends_result(ends, true, &counts);
    assert_false(counts.measured);
    assert_int_equal(counts.nameless, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_count_and_its_events_agree_whichever_comes_first),
        TEST(each_table_is_held_by_itself),
        TEST(the_whole_is_held_too),
        TEST(what_is_lacking_is_named_with_both_counts),
        TEST(a_tap_that_stopped_early_leaves_undecided_what_may_have_been_on_its_way),
        TEST(what_comes_late_is_held_against_the_counts_that_agreed),
        TEST(events_beyond_the_whole_are_a_fault_of_an_early_end_too),
        TEST(an_end_without_an_event_of_ours_is_kept_only_for_events_that_came),
        TEST(the_first_ten_are_those_of_the_lowest_numbers),
        TEST(many_transactions_under_way_are_all_found_again),
        TEST(of_those_that_agreed_the_last_are_remembered),
        TEST(what_tells_of_no_transaction_is_counted),
        TEST(a_snapshots_events_are_of_no_transaction),
        TEST(flattened_rows_are_known_by_their_source_or_not_held_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
