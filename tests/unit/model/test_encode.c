/* The golden files of tests/golden: made by rows_reference.py there, from docs/rows.md alone. */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "model/encode.h"

static FILE *golden_open(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    return file;
}

static key_kind_t kind_named(const char *name)
{
    return strcmp(name, "uuid4") == 0 ? KEY_UUID4 : KEY_UUID7;
}

/* Each line: the row's number, a tab, the row. */
static void assert_rows_are_golden(uint64_t seed, const char *kind, size_t lines_expected)
{
    row_space_t space;
    row_space_init(&space, seed, kind_named(kind));
    char name[64], line[ROW_TEXT_MAX + 32], made[ROW_TEXT_MAX];
    snprintf(name, sizeof name, "rows-%" PRIu64 "-%s.tsv", seed, kind);
    FILE *file = golden_open(name);
    size_t lines = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        char *row_begin;
        uint64_t row = strtoull(line, &row_begin, 10);
        row_begin++;
        size_t len = encode_copy_text(&space, row, 1, made);
        assert_int_equal(len, strlen(row_begin));
        assert_memory_equal(made, row_begin, len);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, lines_expected);
}

static void rows_are_those_of_the_golden_files(void **state)
{
    (void)state;
    assert_rows_are_golden(42, "uuid4", 1148);
    assert_rows_are_golden(42, "uuid7", 248);
    assert_rows_are_golden(0, "uuid4", 248);
    assert_rows_are_golden(0, "uuid7", 248);
    assert_rows_are_golden(UINT64_MAX, "uuid4", 248);
    assert_rows_are_golden(UINT64_MAX, "uuid7", 248);
}

static void amounts_are_those_of_the_golden_file(void **state)
{
    (void)state;
    FILE *file = golden_open("amounts.tsv");
    uint64_t seed, row;
    uint32_t version, cents;
    size_t lines = 0;
    while (fscanf(file, "%" SCNu64 " %" SCNu64 " %" SCNu32 " %" SCNu32, &seed, &row, &version,
                  &cents) == 4) {
        row_space_t space;
        row_space_init(&space, seed, KEY_UUID7);
        assert_int_equal(row_amount_cents(&space, row, version), cents);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 108);
}

#define BATCH_ROWS 777 /* divides nothing, so that batches end anywhere */

static void checksum(uint64_t seed, key_kind_t kind, uint64_t rows, char hex[33])
{
    static char buffer[BATCH_ROWS * ROW_TEXT_MAX];
    row_space_t space;
    row_space_init(&space, seed, kind);
    XXH3_state_t *hash = XXH3_createState();
    assert_non_null(hash);
    XXH3_128bits_reset(hash);
    for (uint64_t row = 0; row < rows; row += BATCH_ROWS) {
        size_t n = rows - row < BATCH_ROWS ? (size_t)(rows - row) : BATCH_ROWS;
        XXH3_128bits_update(hash, buffer, encode_copy_text(&space, row, n, buffer));
    }
    XXH128_hash_t digest = XXH3_128bits_digest(hash);
    XXH3_freeState(hash);
    snprintf(hex, 33, "%016" PRIx64 "%016" PRIx64, digest.high64, digest.low64);
}

/* Each line: seed, kind, number of rows, XXH3 (128 bits) of the COPY text of rows 0 to that. */
static void millions_of_rows_have_the_golden_checksums(void **state)
{
    (void)state;
    FILE *file = golden_open("checksums.tsv");
    uint64_t seed, rows;
    char kind[8], expected[33], found[33];
    size_t lines = 0;
    while (fscanf(file, "%" SCNu64 " %7s %" SCNu64 " %32s", &seed, kind, &rows, expected) == 4) {
        checksum(seed, kind_named(kind), rows, found);
        assert_string_equal(found, expected);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 6);
}

static void a_batch_is_its_rows_one_after_another(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 7, KEY_UUID4);
    static char batch[100 * ROW_TEXT_MAX];
    size_t len = encode_copy_text(&space, 1000, 100, batch), at = 0;
    for (uint64_t row = 1000; row < 1100; row++) {
        row_text_t text;
        row_text(&space, row, &text);
        assert_memory_equal(batch + at, text.text, text.start[TX_LOADED]);
        at += text.start[TX_LOADED];
    }
    assert_int_equal(at, len);
    assert_int_equal(encode_copy_text(&space, 1000, 0, batch), 0);
}

static void rows_are_about_two_hundred_bytes_long(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    static char batch[1000 * ROW_TEXT_MAX];
    size_t bytes = encode_copy_text(&space, 0, 1000, batch);
    assert_in_range(bytes, 180 * 1000, 210 * 1000);
}

static void *encode_one(void *out)
{
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    return (void *)encode_copy_text(&space, 5, 1, out);
}

/* First in main: the tables are not built yet, and every thread asks for them. */
static void threads_that_start_together_get_the_same_tables(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    static char out[THREADS][ROW_TEXT_MAX];
    pthread_t threads[THREADS];
    void *len[THREADS];
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, encode_one, out[t]), 0);
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_join(threads[t], &len[t]), 0);
    for (int t = 1; t < THREADS; t++) {
        assert_true(len[t] == len[0]);
        assert_memory_equal(out[t], out[0], (size_t)len[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_that_start_together_get_the_same_tables),
        cmocka_unit_test(rows_are_those_of_the_golden_files),
        cmocka_unit_test(amounts_are_those_of_the_golden_file),
        cmocka_unit_test(millions_of_rows_have_the_golden_checksums),
        cmocka_unit_test(a_batch_is_its_rows_one_after_another),
        cmocka_unit_test(rows_are_about_two_hundred_bytes_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
