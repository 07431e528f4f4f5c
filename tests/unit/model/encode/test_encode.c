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

#include "model/encode/encode.h"

static FILE *golden_open(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    return file;
}

/* A path that this machine has no instructions for cannot be tested on it: said aloud. */
static bool runs(encode_path_t path)
{
    if (!encode_path_runs(path))
        print_message("this machine does not run the encoder's path %s\n", encode_path_names[path]);
    return encode_path_runs(path);
}

static key_kind_t kind_named(const char *name)
{
    return strcmp(name, "uuid4") == 0 ? KEY_UUID4 : KEY_UUID7;
}

/* Each line: the row's number, a tab, the row. */
static void assert_rows_are_golden(encode_path_t path, uint64_t seed, const char *kind,
                                   size_t lines_expected)
{
    row_space_t space;
    row_space_init(&space, seed, kind_named(kind));
    char name[64], line[ENCODE_ROW_MAX + 32], made[ENCODE_ROW_MAX];
    snprintf(name, sizeof name, "rows-%" PRIu64 "-%s.tsv", seed, kind);
    FILE *file = golden_open(name);
    size_t lines = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        char *row_begin;
        uint64_t row = strtoull(line, &row_begin, 10);
        row_begin++;
        size_t len = encode_rows_by(path, ENCODE_COPY_TEXT, &space, row, 1, made);
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
    for (encode_path_t path = 0; path < ENCODE_PATHS; path++) {
        if (!runs(path))
            continue;
        assert_rows_are_golden(path, 42, "uuid4", 1148);
        assert_rows_are_golden(path, 42, "uuid7", 248);
        assert_rows_are_golden(path, 0, "uuid4", 248);
        assert_rows_are_golden(path, 0, "uuid7", 248);
        assert_rows_are_golden(path, UINT64_MAX, "uuid4", 248);
        assert_rows_are_golden(path, UINT64_MAX, "uuid7", 248);
    }
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

static void checksum(encode_path_t path, uint64_t seed, key_kind_t kind, uint64_t rows,
                     char hex[33])
{
    static char buffer[BATCH_ROWS * ENCODE_ROW_MAX];
    row_space_t space;
    row_space_init(&space, seed, kind);
    XXH3_state_t *hash = XXH3_createState();
    assert_non_null(hash);
    XXH3_128bits_reset(hash);
    for (uint64_t row = 0; row < rows; row += BATCH_ROWS) {
        size_t n = rows - row < BATCH_ROWS ? (size_t)(rows - row) : BATCH_ROWS;
        XXH3_128bits_update(hash, buffer,
                            encode_rows_by(path, ENCODE_COPY_TEXT, &space, row, n, buffer));
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
        for (encode_path_t path = 0; path < ENCODE_PATHS; path++) {
            if (!runs(path))
                continue;
            checksum(path, seed, kind_named(kind), rows, found);
            assert_string_equal(found, expected);
        }
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
    static char batch[100 * ENCODE_ROW_MAX];
    size_t len = encode_rows(ENCODE_COPY_TEXT, &space, 1000, 100, batch), at = 0;
    for (uint64_t row = 1000; row < 1100; row++) {
        row_text_t text;
        row_text(&space, row, &text);
        assert_memory_equal(batch + at, text.text, text.start[TX_LOADED]);
        at += text.start[TX_LOADED];
    }
    assert_int_equal(at, len);
    assert_int_equal(encode_rows(ENCODE_COPY_TEXT, &space, 1000, 0, batch), 0);
}

#define SOME_ROWS 333 /* some whole batches and a part of one */

/* Row by row and as one batch, by this path. */
static void assert_same_bytes(encode_path_t path, encode_format_t format, const row_space_t *space)
{
    char *expected = malloc(SOME_ROWS * ENCODE_ROW_MAX), *made = malloc(SOME_ROWS * ENCODE_ROW_MAX);
    const uint64_t first = ROW_NUMBER_MAX - SOME_ROWS;
    size_t expected_len = 0, made_len = 0;
    for (uint64_t row = first; row < first + SOME_ROWS; row++) {
        expected_len +=
            encode_rows_by(ENCODE_PORTABLE, format, space, row, 1, expected + expected_len);
        made_len += encode_rows_by(path, format, space, row, 1, made + made_len);
    }
    assert_int_equal(made_len, expected_len);
    assert_memory_equal(made, expected, expected_len);
    assert_int_equal(encode_rows_by(path, format, space, first, SOME_ROWS, made), expected_len);
    assert_memory_equal(made, expected, expected_len);
    free(expected);
    free(made);
}

static void every_path_makes_the_same_bytes_in_every_format(void **state)
{
    (void)state;
    for (encode_path_t path = 0; path < ENCODE_PATHS; path++) {
        if (!runs(path))
            continue;
        for (encode_format_t format = 0; format < ENCODE_FORMATS; format++) {
            row_space_t space;
            row_space_init(&space, 0x0123456789abcdef, KEY_UUID4);
            assert_same_bytes(path, format, &space);
            row_space_init(&space, 0x0123456789abcdef, KEY_UUID7);
            assert_same_bytes(path, format, &space);
        }
    }
}

/* What csv adds to COPY text: quotes where a comma stands, and around nothing. */
static void csv_is_copy_text_with_commas_and_quotes(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    char csv[ENCODE_ROW_MAX], expected[2 * ENCODE_ROW_MAX];
    unsigned quoted = 0;
    for (uint64_t row = 0; row < 5000; row++) {
        row_text_t text;
        row_text(&space, row, &text);
        size_t len = 0;
        for (unsigned c = 0; c < TX_LOADED; c++) {
            const char *value = text.text + text.start[c];
            int value_len = text.start[c + 1] - text.start[c] - 1;
            bool quote = value_len == 0 || memchr(value, ',', (size_t)value_len) != NULL;
            quoted += quote && value_len > 0;
            len += (size_t)snprintf(expected + len, sizeof expected - len, "%s%.*s%s%c",
                                    quote ? "\"" : "", value_len, value, quote ? "\"" : "",
                                    c + 1 == TX_LOADED ? '\n' : ',');
        }
        assert_int_equal(encode_rows(ENCODE_CSV, &space, row, 1, csv), len);
        assert_memory_equal(csv, expected, len);
    }
    assert_in_range(quoted, 1000, 4000);
}

static void only_copy_binary_has_a_head_and_a_tail(void **state)
{
    (void)state;
    char out[ENCODE_FRAME_MAX];
    assert_int_equal(encode_head(ENCODE_COPY_TEXT, out), 0);
    assert_int_equal(encode_tail(ENCODE_CSV, out), 0);
    assert_int_equal(encode_head(ENCODE_COPY_BINARY, out), 19);
    assert_memory_equal(out, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    assert_int_equal(encode_tail(ENCODE_COPY_BINARY, out), 2);
    assert_memory_equal(out, "\377\377", 2);
}

static void rows_are_about_two_hundred_bytes_long(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    static char batch[1000 * ENCODE_ROW_MAX];
    size_t bytes = encode_rows(ENCODE_COPY_TEXT, &space, 0, 1000, batch);
    assert_in_range(bytes, 180 * 1000, 210 * 1000);
}

static void *encode_one(void *out)
{
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    return (void *)encode_rows(ENCODE_COPY_TEXT, &space, 5, 1, out);
}

/* First in main: the tables are not built yet, and every thread asks for them. */
static void threads_that_start_together_get_the_same_tables(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    static char out[THREADS][ENCODE_ROW_MAX];
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
        cmocka_unit_test(every_path_makes_the_same_bytes_in_every_format),
        cmocka_unit_test(csv_is_copy_text_with_commas_and_quotes),
        cmocka_unit_test(only_copy_binary_has_a_head_and_a_tail),
        cmocka_unit_test(rows_are_about_two_hundred_bytes_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
