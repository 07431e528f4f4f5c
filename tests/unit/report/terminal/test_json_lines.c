#include "report/files/run_json.h"

#include <jansson.h>

#include "report/files/tables.h"
#include "report/golden.h"
#include "report/sample.h"
#include "report/terminal/live.h"

/* What was written, read again as JSON; exactly one line of it. */
static json_t *only_line(char *text)
{
    assert_non_null(strchr(text, '\n'));
    assert_string_equal(strchr(text, '\n'), "\n");
    json_t *line = json_loads(text, 0, NULL);
    assert_true(json_is_object(line));
    free(text);
    return line;
}

static void a_second_has_the_columns_of_the_timeline(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    scenario_t scenario;
    sample_scenario(&scenario);
    timeline_row_t row = sample_mixed_second(2.5);
    FILE *out = open_memstream(&text, &len);
    assert_true(json_lines_second(out, &scenario, &row));
    assert_int_equal(fclose(out), 0);
    json_t *line = only_line(text);
    assert_int_equal(json_object_size(line), table_timeline.n_columns);
    for (size_t i = 0; i < table_timeline.n_columns; i++) {
        assert_non_null(json_object_get(line, table_timeline.columns[i].name));
    }
    assert_string_equal(json_string_value(json_object_get(line, "phase")), "mixed");
    assert_int_equal(json_integer_value(json_object_get(line, "wal_lag_p99_us")), 4000);
    assert_true(json_is_null(json_object_get(line, "kafka_lag_p99_us")));
    assert_true(json_number_value(json_object_get(line, "second")) == 2.5);
    json_decref(line);
}

static void the_last_line_says_what_came_of_it(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    sample_t sample;
    sample_init(&sample);
    FILE *out = open_memstream(&text, &len);
    assert_true(json_lines_end(out, &sample.result, 0, "results/it"));
    assert_int_equal(fclose(out), 0);
    assert_string_equal(
        text, "{\"verdict\":\"verified\",\"pace\":null,\"exit_code\":0,\"acknowledged\":290000,"
              "\"folder\":\"results/it\"}\n");
    free(text);
    sample_free(&sample);
}

static void assert_heading(const manifest_t *manifest, const char *pipeline, const char *expected)
{
    scenario_t scenario;
    sample_scenario(&scenario);
    char *text = live_heading(&scenario, manifest, pipeline);
    assert_string_equal(text, expected);
    free(text);
}

static void the_heading_names_what_is_known(void **state)
{
    (void)state;
    manifest_t nothing = {0};
    manifest_t embedded = {.server_version = "15.18 (Debian 15.18-0+deb12u1)", .embedded = true};
    assert_heading(&nothing, NULL, "quick · seed 42");
    assert_heading(&embedded, NULL, "quick · seed 42 · PostgreSQL 15.18 embedded");
    assert_heading(&embedded,
                   "{\"kafka_version\":\"4.3.1\",\"debezium_version\":\"3.6.0.Final\","
                   "\"connector\":{\"config\":{\"poll.interval.ms\":\"500\"}}}",
                   "quick · seed 42 · PostgreSQL 15.18 embedded · Kafka 4.3.1 · "
                   "Debezium 3.6.0.Final, poll.interval.ms 500");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_has_the_columns_of_the_timeline),
        cmocka_unit_test(the_last_line_says_what_came_of_it),
        cmocka_unit_test(the_heading_names_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
