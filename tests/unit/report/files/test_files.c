#include "report/files/files.h"

#include <sys/stat.h>

#include "report/golden.h"
#include "report/sample.h"

static const manifest_t *manifest(void)
{
    static config_t config;
    static manifest_t manifest;
    if (manifest.config == NULL) {
        config_defaults(&config);
        manifest.config = &config;
    }
    return &manifest;
}

static void write_all(const result_t *result)
{
    err_t err = {.code = ERR_NONE};
    folder_t *folder = folder_open("out", "quick", 0, &err);
    if (folder == NULL || !files_write(folder, manifest(), result, &err)) {
        fail_msg("%s", err.text);
    }
    folder_free(folder);
}

static void assert_file(const char *path, const char *golden)
{
    char *text = golden_read(path);
    golden_assert(golden, text);
    free(text);
}

static void the_csv_files_of_a_run_are_as_documented(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    write_all(&sample.result);
    assert_file("out/summary.csv", "summary.csv");
    assert_file("out/lag.csv", "lag.csv");
    assert_file("out/verify.csv", "verify.csv");
    sample_free(&sample);
}

/* The field of the line that begins with `row`, under the heading `column`; into out. */
static void csv_field(const char *path, const char *row, const char *column, char *out, size_t size)
{
    char *text = golden_read(path);
    char *rest = text;
    char *heading = strsep(&rest, "\n");
    char *line = strsep(&rest, "\n");
    while (line != NULL && strncmp(line, row, strlen(row)) != 0) {
        line = strsep(&rest, "\n");
    }
    assert_non_null(line);
    for (;;) {
        char *name = strsep(&heading, ",");
        char *value = strsep(&line, ",");
        assert_non_null(name);
        assert_non_null(value);
        if (strcmp(name, column) == 0) {
            snprintf(out, size, "%s", value);
            free(text);
            return;
        }
    }
}

static void assert_field(const char *path, const char *row, const char *column,
                         const char *expected)
{
    char value[64];
    csv_field(path, row, column, value, sizeof value);
    assert_string_equal(value, expected);
}

static void rates_are_over_the_time_from_first_send_to_last_acknowledgement(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    write_all(&sample.result);
    assert_field("out/summary.csv", "load,insert,", "seconds", "1.600000");
    assert_field("out/summary.csv", "load,insert,", "rows_per_s", "125000.0");
    assert_field("out/summary.csv", "load,insert,", "mb_per_s", "25.000");
    sample_free(&sample);
}

static void figures_that_were_not_measured_are_empty(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    op_result_t *insert = &sample.result.phases[SAMPLE_LOAD].ops[OP_INSERT];
    hist_free(insert->latency);
    insert->latency = NULL;
    insert->last_acked_ns = NOT_MEASURED;
    write_all(&sample.result);
    assert_field("out/summary.csv", "load,insert,", "seconds", "");
    assert_field("out/summary.csv", "load,insert,", "rows_per_s", "");
    assert_field("out/summary.csv", "load,insert,", "mb_per_s", "");
    assert_field("out/summary.csv", "load,insert,", "latency_mean_us", "");
    assert_field("out/summary.csv", "load,insert,", "latency_p50_us", "");
    assert_field("out/summary.csv", "load,insert,", "latency_max_us", "");
    assert_field("out/summary.csv", "load,insert,", "errors", "0");
    /* An empty histogram has no quantiles; rows without bytes had none counted. */
    assert_field("out/summary.csv", "mixed,update,", "service_p99_us", "");
    assert_field("out/summary.csv", "mixed,update,", "mb_per_s", "");
    assert_field("out/lag.csv", "mixed,wal,delete,", "count", "0");
    assert_field("out/lag.csv", "mixed,wal,delete,", "p50_us", "");
    sample_free(&sample);
}

static void lag_is_merged_over_operations_and_phases(void **state)
{
    (void)state;
    static const char one[] = "mixed,wal,all,commit_to_receipt,";
    static const char all[] = "all,wal,all,commit_to_receipt,";
    sample_t sample;
    sample_init(&sample);
    write_all(&sample.result);
    assert_field("out/lag.csv", one, "count", "90000");
    assert_field("out/lag.csv", one, "min_us", "220");
    assert_field("out/lag.csv", all, "count", "290000");
    assert_field("out/lag.csv", all, "min_us", "220");
    assert_field("out/lag.csv", "all,wal,insert,commit_to_receipt,", "count", "260000");
    assert_field("out/lag.csv", "all,wal,all,ack_to_receipt,", "negative_count", "15000");
    assert_field("out/lag.csv", "all,wal,all,ack_to_receipt,", "min_us", "-150");
    sample_free(&sample);
}

static void a_phase_that_did_not_begin_has_no_row(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.phases[SAMPLE_MIXED].start_ns = NOT_MEASURED;
    write_all(&sample.result);
    char *text = golden_read("out/summary.csv");
    assert_non_null(strstr(text, "load,insert,"));
    assert_null(strstr(text, "mixed,"));
    free(text);
    sample_free(&sample);
}

static void counts_of_ends_stand_in_the_row_of_the_tap_that_held_them(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample_kafka_with_ends(&sample.result.taps[TAP_KAFKA]);
    sample_ends_differ(&sample.result.taps[TAP_KAFKA].ends);
    write_all(&sample.result);
    static const struct {
        const char *row, *column, *value;
    } expected[] = {{"kafka,", "end_agrees", "9180"}, {"kafka,", "end_differs", "17"},
                    {"kafka,", "end_missing", "2"},   {"kafka,", "end_unseen", "1"},
                    {"wal,", "end_agrees", ""},       {"wal,", "end_unseen", ""}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char found[64];
        csv_field("out/verify.csv", expected[i].row, expected[i].column, found, sizeof found);
        assert_string_equal(found, expected[i].value);
    }
    sample_free(&sample);
}

static void a_tap_that_was_off_has_no_row(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.taps[TAP_WAL].on = false;
    write_all(&sample.result);
    char *text = golden_read("out/verify.csv");
    assert_string_equal(strchr(text, '\n'), "\n");
    free(text);
    sample_free(&sample);
}

static void a_file_that_cannot_be_written_does_not_keep_the_others_from_it(void **state)
{
    (void)state;
    err_t err = {.code = ERR_NONE};
    sample_t sample;
    sample_init(&sample);
    folder_t *folder = folder_open("out", "quick", 0, &err);
    assert_non_null(folder);
    assert_int_equal(mkdir("out/lag.csv", 0777), 0);
    assert_int_equal(mkdir("out/verify.csv", 0777), 0);
    assert_false(files_write(folder, manifest(), &sample.result, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "out/lag.csv")); /* the first */
    assert_int_equal(access("out/summary.csv", F_OK), 0);
    assert_int_equal(access("out/run.json", F_OK), 0);
    assert_int_not_equal(access("out/lag.csv.tmp", F_OK), 0);
    folder_free(folder);
    sample_free(&sample);
}

#define in_folder(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, sample_enter_folder, sample_leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(the_csv_files_of_a_run_are_as_documented),
        in_folder(rates_are_over_the_time_from_first_send_to_last_acknowledgement),
        in_folder(figures_that_were_not_measured_are_empty),
        in_folder(lag_is_merged_over_operations_and_phases),
        in_folder(a_phase_that_did_not_begin_has_no_row),
        in_folder(counts_of_ends_stand_in_the_row_of_the_tap_that_held_them),
        in_folder(a_tap_that_was_off_has_no_row),
        in_folder(a_file_that_cannot_be_written_does_not_keep_the_others_from_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
