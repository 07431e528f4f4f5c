#include "report/page/page_data.h"

#include "report/cmocka_first.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page/page.h"

/* timeline.csv with a row a second; insert_acked_rows and wal_lag_max_us as given; "" is absent. */
static json_t *timeline(size_t rows, const char *(*acked)(size_t), const char *(*lag)(size_t))
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    fputs("second,interval_s,phase,insert_acked_rows,wal_lag_max_us,kafka_lag_max_us\n", memory);
    for (size_t i = 0; i < rows; i++) {
        fprintf(memory, "%zu.000,0.500,mixed,%s,%s,\n", i + 1, acked(i), lag(i));
    }
    assert_int_equal(fclose(memory), 0);
    csv_data_t data;
    assert_true(csv_read_text(text, len, "timeline.csv", &data, NULL));
    json_t *json = page_timeline(&data);
    assert_non_null(json);
    csv_data_free(&data);
    return json;
}

static const char *hundred(size_t row)
{
    (void)row;
    return "100";
}

/* Absent in the second row; one extreme far in. */
static const char *spike(size_t row)
{
    return row == 1 ? "" : row == 1234 ? "999999" : row == 1236 ? "-7" : "5";
}

static json_t *values(const json_t *timeline, const char *series, const char *of)
{
    return json_object_get(json_object_get(json_object_get(timeline, "series"), series), of);
}

static void counts_become_rates_and_what_is_absent_stays_so(void **state)
{
    (void)state;
    json_t *json = timeline(3, hundred, spike);
    json_t *rate = values(json, "insert_acked_per_s", "mean");
    assert_int_equal(json_integer_value(json_array_get(rate, 0)), 200);
    json_t *lag = values(json, "wal_lag_max_us", "mean");
    assert_int_equal(json_integer_value(json_array_get(lag, 0)), 5);
    assert_true(json_is_null(json_array_get(lag, 1)));
    assert_null(values(json, "wal_lag_max_us", "max"));
    assert_null(values(json, "kafka_lag_max_us", "mean"));
    json_decref(json);
}

static void a_long_run_has_fewer_points_and_loses_no_extreme(void **state)
{
    (void)state;
    json_t *json = timeline(3600, hundred, spike);
    assert_int_equal(json_integer_value(json_object_get(json, "rows")), 3600);
    assert_int_equal(json_integer_value(json_object_get(json, "rows_per_point")), 4);
    assert_int_equal(json_array_size(json_object_get(json, "second")), 900);
    json_t *at = json_array_get(values(json, "wal_lag_max_us", "max"), 1234 / 4);
    assert_int_equal(json_integer_value(at), 999999);
    at = json_array_get(values(json, "wal_lag_max_us", "min"), 1236 / 4);
    assert_int_equal(json_integer_value(at), -7);
    at = json_array_get(json_object_get(json, "second"), 899);
    assert_true(json_real_value(at) == 3600);
    json_decref(json);
}

static void nothing_in_the_document_ends_the_script_that_holds_it(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    page_write(memory, "{\"label\":\"</script><b>\"}");
    assert_int_equal(fclose(memory), 0);
    assert_non_null(strstr(text, "{\"label\":\"\\u003c/script>\\u003cb>\"}"));
    assert_null(strstr(text, "</script><b>"));
    assert_null(strstr(text, "/*data*/"));
    free(text);
}

static void a_folder_without_a_run_is_refused(void **state)
{
    (void)state;
    err_t err = {.code = ERR_NONE};
    assert_null(page_data_folder("/nonexistent", NULL, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "/nonexistent/run.json"));
}

static void the_document_explains_every_stage_of_the_way(void **state)
{
    (void)state;
    char *text = page_document(json_array(), NULL, false, NULL);
    assert_non_null(text);
    json_t *all = json_loads(text, 0, NULL);
    json_t *words = json_object_get(all, "stage_words");
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
        const stage_row_t *row = &stage_rows[stage];
        json_t *told = json_object_get(words, row->name);
        assert_int_equal(told != NULL, row->is_link);
        if (told != NULL) {
            assert_string_equal(json_string_value(json_object_get(told, "words")), row->words);
            assert_string_equal(json_string_value(json_object_get(told, "clock")), row->clock);
        }
    }
    json_decref(all);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_become_rates_and_what_is_absent_stays_so),
        cmocka_unit_test(a_long_run_has_fewer_points_and_loses_no_extreme),
        cmocka_unit_test(nothing_in_the_document_ends_the_script_that_holds_it),
        cmocka_unit_test(the_document_explains_every_stage_of_the_way),
        cmocka_unit_test(a_folder_without_a_run_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
