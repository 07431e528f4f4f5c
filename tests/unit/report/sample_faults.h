/*
 * sample_faults: a verifier of the model that has been shown rows with faults of several kinds. For
 * tests alone.
 */
#ifndef CDCBENCH_TESTS_REPORT_SAMPLE_FAULTS_H
#define CDCBENCH_TESTS_REPORT_SAMPLE_FAULTS_H

#include <string.h>

#include "model/verify/verify.h"
#include "report/cmocka_first.h"

typedef struct {
    row_space_t space;
    verifier_t *verifier;
    row_state_t *writer;
    verify_totals_t totals;
} sample_faults_t;

enum {
    SAMPLE_ROWS = 40,
    SAMPLE_ROW_MISSING = 4,
    SAMPLE_ROW_DAMAGED = 7,
    SAMPLE_DUPLICATES = 27, /* so that not all of them are kept */
};

static inline void sample_show(sample_faults_t *faults, uint64_t row, const char *city,
                               const char *key)
{
    row_text_t text;
    row_text(&faults->space, row, &text);
    change_t change = {.op = OP_INSERT, .position = UINT64_C(0x1600000000) + row};
    for (int column = 0; column < TX_COLUMNS; column++) {
        change.after[column].kind = FIELD_NULL;
    }
    for (int column = 0; column < TX_LOADED; column++) {
        change.after[column] =
            (field_t){.bytes = text.text + text.start[column],
                      .len = (uint32_t)(text.start[column + 1] - 1 - text.start[column]),
                      .kind = FIELD_TEXT};
    }
    if (city != NULL) {
        change.after[TX_CITY] =
            (field_t){.bytes = city, .len = (uint32_t)strlen(city), .kind = FIELD_TEXT};
    }
    if (key != NULL) {
        change.after[TX_TRANSACTION_ID] =
            (field_t){.bytes = key, .len = (uint32_t)strlen(key), .kind = FIELD_TEXT};
    }
    verdict_t verdict;
    verifier_change(faults->verifier, &change, &verdict);
}

static inline void sample_faults_init(sample_faults_t *faults)
{
    row_space_init(&faults->space, 42, KEY_UUID4);
    faults->verifier = verifier_new(
        &(verify_opts_t){.space = &faults->space,
                         .tables = tables_of_one(&table_transactions, TRIGGERS_NONE, false),
                         .rows = SAMPLE_ROWS,
                         .modified_by = "bench"});
    faults->writer = row_state_new(SAMPLE_ROWS);
    assert_non_null(faults->verifier);
    assert_non_null(faults->writer);
    assert_true(row_state_set_range(faults->writer, 0, SAMPLE_ROWS, 0));
    verifier_begin(faults->verifier, 100);
    for (uint64_t row = 0; row < SAMPLE_ROWS; row++) {
        if (row != SAMPLE_ROW_MISSING) {
            sample_show(faults, row, row == SAMPLE_ROW_DAMAGED ? "Atlantis\033[2J" : NULL, NULL);
        }
    }
    verifier_begin(faults->verifier, 200);
    for (uint64_t row = 10; row < 10 + SAMPLE_DUPLICATES; row++) {
        sample_show(faults, row, NULL, NULL);
    }
    verifier_begin(faults->verifier, 150); /* a commit position that falls */
    sample_show(faults, 0, NULL, "no key of this run\xFF");
    verify_finish(faults->verifier, faults->writer, SAMPLE_ROWS, &faults->totals);
}

static inline void sample_faults_free(sample_faults_t *faults)
{
    verifier_free(faults->verifier);
    row_state_free(faults->writer);
}

#endif
