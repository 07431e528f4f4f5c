/* The proof is itself proven: a stream of a million changes, as a server would send it, in which
 * single events are dropped, repeated, swapped and changed; each is found, counted once, and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "run/tap/wal_reader.h"
#include "wal_bytes.h"

enum {
    INSERTS_PER_TXN = 1000,
    UPDATES_PER_TXN = 20,
    RELATION = 16384,
    FAULTS_PER_KIND = 250,
};

#define USER      "bench"
#define FIRST_LSN UINT64_C(0x1000000)
#define COMMIT_US INT64_C(1700000000000000)

typedef enum { NO_FAULT, DROP, REPEAT, SWAP, ALTER, ALTER_KEY, FAULTS } fault_t_;

typedef struct {
    uint32_t rows, changes; /* the first `rows` changes are inserts, the others updates */
    row_space_t space;
    uint16_t *versions; /* as the writer made them */
    uint8_t *faults;    /* one a change */
    row_state_t *writer;
    tap_t *tap;
    wal_reader_t *reader;
    clocksync_t clock;
    _Atomic uint32_t phase;
    verify_opts_t verify;
    uint64_t lsn;
    uint32_t draw;
} world_t;

static uint32_t draw(world_t *w)
{
    w->draw = w->draw * 1664525u + 1013904223u;
    return w->draw >> 8;
}

static void feed(world_t *w, const wal_stream_t *stream, size_t i)
{
    size_t len;
    bool reply = false;
    err_t err = {0};
    const char *frame = wal_stream_frame(stream, i, &len);
    if (!wal_reader_feed(w->reader, frame, len, 1, &reply, &err))
        fail_msg("%s", err.text);
}

/* The fifteen values of a row at a version; `texts` holds them. */
typedef struct {
    const char *values[TX_COLUMNS];
    char texts[TX_COLUMNS][256];
} row_values_t;

static void fill_values(const world_t *w, uint64_t row, uint32_t version, row_values_t *out)
{
    row_text_t text;
    row_text(&w->space, row, &text);
    for (int c = 0; c < TX_LOADED; c++) {
        int len = text.start[c + 1] - text.start[c] - 1;
        snprintf(out->texts[c], sizeof out->texts[c], "%.*s", len, text.text + text.start[c]);
        out->values[c] = out->texts[c];
    }
    out->values[TX_MODIFIED_BY] = out->values[TX_MODIFIED_AT] = out->values[TX_CHANGE_INFO] = NULL;
    if (version == 0)
        return;
    char now[16], was[16];
    now[row_amount_text(row_amount_cents(&w->space, row, version), now)] = '\0';
    was[row_amount_text(row_amount_cents(&w->space, row, version - 1), was)] = '\0';
    snprintf(out->texts[TX_AMOUNT], sizeof out->texts[TX_AMOUNT], "%s", now);
    snprintf(out->texts[TX_MODIFIED_BY], sizeof out->texts[TX_MODIFIED_BY], "%s", USER);
    snprintf(out->texts[TX_MODIFIED_AT], sizeof out->texts[TX_MODIFIED_AT],
             "2026-11-22 14:03:26.387745");
    snprintf(out->texts[TX_CHANGE_INFO], sizeof out->texts[TX_CHANGE_INFO],
             "{\"amount\": {\"new\": %s, \"old\": %s}, \"modified_at\": "
             "\"2026-11-22T14:03:26.387745+00:00\", \"modified_by\": \"%s\"}",
             now, was, USER);
    for (int c = TX_LOADED; c < TX_COLUMNS; c++)
        out->values[c] = out->texts[c];
}

static bool is_update(const world_t *w, uint32_t change)
{
    return change >= w->rows;
}

static uint64_t row_of(const world_t *w, uint32_t change)
{
    return is_update(w, change) ? (uint64_t)(change - w->rows) * 7919 % w->rows : change;
}

/* One character of one column's new value becomes another that it never is. */
static void alter(world_t *w, row_values_t *values, bool update, bool key)
{
    int column = key      ? TX_TRANSACTION_ID
                 : update ? 1 + (int)(draw(w) % (TX_COLUMNS - 1))
                          : 1 + (int)(draw(w) % (TX_LOADED - 1));
    char *text = values->texts[column];
    if (text[0] == '\0') {
        snprintf(text, sizeof values->texts[column], "?"); /* an empty voucher */
        return;
    }
    size_t at = draw(w) % strlen(text);
    text[at] = column == TX_AMOUNT && text[at] != '.' ? (text[at] == '7' ? '3' : '7') : '#';
}

static void make_change(world_t *w, uint32_t change, fault_t_ fault, wal_stream_t *stream)
{
    static row_values_t before, after;
    uint64_t row = row_of(w, change);
    uint32_t version = 0;
    if (is_update(w, change))
        version = ++w->versions[row];
    fill_values(w, row, version, &after);
    if (version > 0)
        fill_values(w, row, version - 1, &before);
    if (fault == ALTER || fault == ALTER_KEY)
        alter(w, &after, is_update(w, change), fault == ALTER_KEY);
    w->lsn += 100;
    wal_stream_open(stream, w->lsn, w->lsn, COMMIT_US + 10);
    if (is_update(w, change))
        wal_update(&stream->bytes, RELATION, 'O', TX_COLUMNS, before.values, TX_COLUMNS,
                   after.values);
    else
        wal_insert(&stream->bytes, RELATION, TX_COLUMNS, after.values);
    wal_stream_close(stream);
}

static void clear(wal_stream_t *stream)
{
    buf_clear(&stream->bytes);
    buf_clear(&stream->ends);
}

static void frame_begin(world_t *w, wal_stream_t *stream, uint64_t commit_lsn)
{
    clear(stream);
    wal_stream_open(stream, w->lsn, w->lsn, COMMIT_US + 5);
    wal_begin(&stream->bytes, commit_lsn, COMMIT_US, 1);
    wal_stream_close(stream);
    feed(w, stream, 0);
}

static void frame_commit(world_t *w, wal_stream_t *stream, uint64_t commit_lsn)
{
    clear(stream);
    wal_stream_open(stream, commit_lsn, commit_lsn, COMMIT_US + 20);
    wal_commit(&stream->bytes, commit_lsn, commit_lsn + 8, COMMIT_US);
    wal_stream_close(stream);
    feed(w, stream, 0);
}

/* Feeds changes first … first + n − 1 as one transaction, faults applied. */
static void feed_transaction(world_t *w, uint32_t first, uint32_t n, wal_stream_t *stream)
{
    uint64_t commit_lsn = w->lsn + 200 * (uint64_t)n;
    frame_begin(w, stream, commit_lsn);
    for (uint32_t i = first; i < first + n; i++) {
        fault_t_ fault = w->faults[i];
        clear(stream);
        make_change(w, i, fault, stream);
        if (fault == DROP)
            continue;
        if (fault == SWAP) {
            make_change(w, ++i, NO_FAULT, stream);
            feed(w, stream, 1);
        }
        feed(w, stream, 0);
        if (fault == REPEAT)
            feed(w, stream, 0);
    }
    w->lsn = commit_lsn;
    frame_commit(w, stream, commit_lsn);
    w->lsn = commit_lsn + 8;
}

/* `n` changes get this fault: spread over all, never two side by side, never the last of a
 * transaction (so that a swap stays inside it). */
static void plant(world_t *w, fault_t_ fault, uint32_t n)
{
    while (n > 0) {
        uint32_t i = draw(w) % (w->changes - 2) + 1;
        if (i % UPDATES_PER_TXN == UPDATES_PER_TXN - 1 || w->faults[i - 1] != NO_FAULT ||
            w->faults[i] != NO_FAULT || w->faults[i + 1] != NO_FAULT)
            continue;
        w->faults[i] = (uint8_t)fault;
        n--;
    }
}

/* A million changes, or a tenth of that. */
static world_t *world_new(uint32_t changes)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->changes = changes;
    w->rows = changes / 10 * 6;
    w->draw = 42;
    row_space_init(&w->space, 42, KEY_UUID4);
    w->versions = calloc(w->rows, sizeof *w->versions);
    w->faults = calloc(w->changes, 1);
    w->writer = row_state_new(w->rows);
    assert_true(w->versions != NULL && w->faults != NULL && w->writer != NULL);
    clocksync_init(&w->clock, clock_anchor());
    w->verify = (verify_opts_t){.space = &w->space,
                                .tables = tables_of_one(&table_transactions, TRIGGERS_BOTH, true),
                                .rows = w->rows,
                                .modified_by = USER};
    tap_opts_t tap = {
        .verify = &w->verify, .connections = 1, .clock = &w->clock, .phase = &w->phase};
    w->tap = tap_new(&tap);
    w->reader = wal_reader_new(w->tap, &w->verify.tables, FIRST_LSN);
    assert_true(w->tap != NULL && w->reader != NULL);
    w->lsn = FIRST_LSN;
    return w;
}

static void world_free(world_t *w)
{
    wal_reader_free(w->reader);
    tap_free(w->tap);
    row_state_free(w->writer);
    free(w->versions);
    free(w->faults);
    free(w);
}

static void feed_all(world_t *w)
{
    static const wal_column_t columns[TX_COLUMNS] = {
        {"transaction_id", 1043, true}, {"user_id", 1043, true},
        {"timestamp", 1114, true},      {"amount", 1700, true},
        {"currency", 1043, true},       {"city", 1043, true},
        {"country", 1043, true},        {"merchant_name", 1043, true},
        {"payment_method", 1043, true}, {"ip_address", 1043, true},
        {"voucher_code", 1043, true},   {"affiliateid", 1043, true},
        {"modified_by", 25, true},      {"modified_at", 1114, true},
        {"change_info", 3802, true},
    };
    wal_stream_t stream = {0};
    wal_stream_open(&stream, 0, 0, COMMIT_US);
    wal_relation(&stream.bytes, RELATION, "public", "transactions", 'f', TX_COLUMNS, columns);
    wal_stream_close(&stream);
    feed(w, &stream, 0);
    for (uint32_t i = 0; i < w->rows; i += INSERTS_PER_TXN)
        feed_transaction(w, i, INSERTS_PER_TXN, &stream);
    for (uint32_t i = w->rows; i < w->changes; i += UPDATES_PER_TXN)
        feed_transaction(w, i, UPDATES_PER_TXN, &stream);
    wal_stream_free(&stream);
    for (uint64_t row = 0; row < w->rows; row++)
        row_state_set(w->writer, row, w->versions[row]);
}

static verify_totals_t verdict_of(world_t *w)
{
    verify_totals_t totals;
    feed_all(w);
    verify_finish(tap_verifier(w->tap), w->writer, w->changes, &totals);
    return totals;
}

static void a_stream_without_faults_is_clean(void **state)
{
    (void)state;
    world_t *w = world_new(1000000);
    verify_totals_t totals = verdict_of(w);
    assert_true(verify_clean(&totals));
    assert_int_equal(totals.expected, w->changes);
    assert_int_equal(totals.delivered, w->changes);
    world_free(w);
}

static void every_planted_fault_is_found_and_counted_as_what_it_is(void **state)
{
    (void)state;
    world_t *w = world_new(1000000);
    for (fault_t_ fault = DROP; fault < FAULTS; fault++)
        plant(w, fault, FAULTS_PER_KIND);
    /* An insert whose key was altered is nobody's, and missed; an update's row is known by its old
     * key. */
    uint32_t lost_keys = 0;
    for (uint32_t i = 0; i < w->rows; i++)
        lost_keys += w->faults[i] == ALTER_KEY;
    assert_in_range(lost_keys, 1, FAULTS_PER_KIND - 1);
    verify_totals_t totals = verdict_of(w);
    assert_false(verify_clean(&totals));
    assert_int_equal(totals.missing, FAULTS_PER_KIND + lost_keys);
    assert_int_equal(totals.duplicated, FAULTS_PER_KIND);
    assert_int_equal(totals.out_of_order, FAULTS_PER_KIND);
    assert_int_equal(totals.mismatched, FAULTS_PER_KIND + FAULTS_PER_KIND - lost_keys);
    assert_int_equal(totals.unknown, lost_keys);
    assert_int_equal(totals.rolled_back, 0);
    assert_int_equal(totals.delivered, w->changes - lost_keys);
    world_free(w);
}

/* Whether the faults kept of a kind are planted ones: their row and version are of such a change.
 */
static void faults_name(world_t *w, fault_kind_t kind, fault_t_ planted)
{
    const verifier_t *verifier = tap_verifier(w->tap);
    size_t n = verify_fault_count(verifier, kind);
    assert_int_equal(n, VERIFY_FAULTS_MAX);
    for (size_t i = 0; i < n; i++) {
        const fault_t *fault = verify_fault(verifier, kind, i);
        assert_true(fault->has_row);
        uint16_t version = 0;
        bool found = fault->version == 0 && w->faults[fault->row] == planted;
        for (uint32_t c = w->rows; !found && c < w->changes; c++)
            if (row_of(w, c) == fault->row)
                found = ++version == fault->version && w->faults[c] == planted;
        assert_true(found);
    }
}

static void the_faults_that_are_kept_name_their_row_and_version(void **state)
{
    (void)state;
    world_t *w = world_new(100000);
    plant(w, DROP, 100);
    plant(w, REPEAT, 100);
    plant(w, ALTER, 100);
    verify_totals_t totals = verdict_of(w);
    assert_int_equal(totals.missing, 100);
    faults_name(w, FAULT_MISSING, DROP);
    faults_name(w, FAULT_DUPLICATED, REPEAT);
    faults_name(w, FAULT_MISMATCHED, ALTER);
    for (size_t i = 0; i < VERIFY_FAULTS_MAX; i++) {
        const fault_t *fault = verify_fault(tap_verifier(w->tap), FAULT_MISMATCHED, i);
        assert_non_null(fault->column);
        assert_string_not_equal(fault->expected, fault->found);
    }
    world_free(w);
}

static void what_was_committed_before_the_floor_is_before_run(void **state)
{
    (void)state;
    world_t *w = world_new(100000);
    w->lsn = FIRST_LSN - 500000;
    verify_totals_t totals = verdict_of(w);
    /* The transactions of the first rows end below the floor. */
    assert_true(totals.before_run > 0);
    assert_int_equal(totals.before_run % INSERTS_PER_TXN, 0);
    assert_int_equal(totals.missing, totals.before_run);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_without_faults_is_clean),
        cmocka_unit_test(every_planted_fault_is_found_and_counted_as_what_it_is),
        cmocka_unit_test(the_faults_that_are_kept_name_their_row_and_version),
        cmocka_unit_test(what_was_committed_before_the_floor_is_before_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
