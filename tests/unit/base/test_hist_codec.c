#include "base/hist_codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void record_slot(void *ctx, size_t slot, uint64_t count)
{
    hist_record(ctx, hist_slot_high_us(slot), count);
}

static void assert_comes_back(const hist_t *hist)
{
    buf_t text = {0};
    err_t err = {.code = ERR_NONE};
    hist_t *back = hist_new();
    assert_true(hist_encode(hist, &text));
    if (!hist_decode(text.data, text.len, record_slot, back, &err)) {
        fail_msg("%s", err.text);
    }
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        assert_true(hist_slot_count(hist, slot) == hist_slot_count(back, slot));
    }
    hist_free(back);
    buf_free(&text);
}

static void every_count_comes_back_in_its_slot(void **state)
{
    (void)state;
    hist_t *hist = hist_new();
    assert_comes_back(hist);
    hist_record(hist, 0, 1);
    hist_record(hist, 1, 63);
    hist_record(hist, 2047, 64);
    hist_record(hist, 2048, 1u << 20);
    hist_record(hist, 1234567, UINT64_C(1) << 55);
    hist_record(hist, HIST_MAX_US, INT64_MAX);
    assert_comes_back(hist);
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        hist_record(hist, hist_slot_low_us(slot), slot % 3);
    }
    assert_comes_back(hist);
    hist_free(hist);
}

static void count_slot(void *ctx, size_t slot, uint64_t count)
{
    (void)slot;
    *(uint64_t *)ctx += count;
}

/* Encoded by HdrHistogram's port to Python: 1 to 1,000 µs, once each, and 123,456,789 µs, thrice; 3
 * digits, from 1 to 2^40 - 1. */
static void a_histogram_that_hdrhistogram_encoded_is_read_and_written_alike(void **state)
{
    (void)state;
    static const char text[] =
        "HISTFAAAACp4nJNpmSzMwMD8lgECmKE0IxD/BwH7D1ABplEwCkbBsAePe5nYAPW4Ea4=";
    hist_t *hist = hist_new();
    err_t err = {.code = ERR_NONE};
    if (!hist_decode(text, strlen(text), record_slot, hist, &err)) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(hist_count(hist), 1003);
    assert_int_equal(hist_slot_count(hist, hist_slot(0)), 0);
    assert_int_equal(hist_slot_count(hist, hist_slot(1000)), 1);
    assert_int_equal(hist_slot_count(hist, hist_slot(123456789)), 3);
    buf_t again = {0};
    assert_true(hist_encode(hist, &again));
    assert_int_equal(again.len, strlen(text));
    assert_memory_equal(again.data, text, again.len);
    buf_free(&again);
    hist_free(hist);
}

static void assert_refused(const char *text, size_t len, const char *why)
{
    err_t err = {.code = ERR_NONE};
    uint64_t count = 0;
    assert_false(hist_decode(text, len, count_slot, &count, &err));
    assert_int_equal(err.code, ERR_USAGE);
    if (strstr(err.text, why) == NULL) {
        fail_msg("'%s' does not say '%s'", err.text, why);
    }
}

static void what_is_no_histogram_is_refused(void **state)
{
    (void)state;
    assert_refused("", 0, "no base64");
    assert_refused("abc", 3, "no base64");
    assert_refused("ab=c", 4, "no base64");
    assert_refused("AAAAAAAAAAAAAAAA", 16, "not compressed V2");
    hist_t *hist = hist_new();
    hist_record(hist, 77, 5);
    buf_t text = {0};
    assert_true(hist_encode(hist, &text));
    assert_refused(text.data, text.len - 4, "cut short");
    text.data[20] = text.data[20] == 'A' ? 'B' : 'A';
    assert_refused(text.data, text.len, "damaged");
    buf_free(&text);
    hist_free(hist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_count_comes_back_in_its_slot),
        cmocka_unit_test(a_histogram_that_hdrhistogram_encoded_is_read_and_written_alike),
        cmocka_unit_test(what_is_no_histogram_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
