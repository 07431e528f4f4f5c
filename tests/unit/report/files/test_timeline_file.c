#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "report/files/files.h"
#include "report/golden.h"
#include "report/sample.h"

typedef struct {
    scenario_t scenario;
    folder_t *folder;
    growing_t *file;
} timeline_t;

static void timeline_open(timeline_t *timeline)
{
    err_t err = {.code = ERR_NONE};
    sample_scenario(&timeline->scenario);
    timeline->folder = folder_open("out", "quick", 0, &err);
    assert_non_null(timeline->folder);
    timeline->file = files_timeline_open(timeline->folder, &err);
    assert_non_null(timeline->file);
}

static void timeline_close(timeline_t *timeline)
{
    assert_true(growing_close(timeline->file, NULL));
    folder_free(timeline->folder);
}

static bool append(timeline_t *timeline, const timeline_row_t *row, err_t *err)
{
    return files_timeline_append(timeline->file, &timeline->scenario, row, err);
}

static void seconds_are_written_as_documented(void **state)
{
    (void)state;
    timeline_t timeline;
    timeline_open(&timeline);
    timeline_row_t load = sample_second(1.0004, SAMPLE_LOAD);
    timeline_row_t mixed = sample_mixed_second(2);
    assert_true(append(&timeline, &load, NULL));
    assert_true(append(&timeline, &mixed, NULL));
    timeline_close(&timeline);
    char *text = golden_read("out/timeline.csv");
    golden_assert("timeline.csv", text);
    free(text);
}

static void a_second_is_in_the_file_as_soon_as_it_is_appended(void **state)
{
    (void)state;
    timeline_t timeline;
    timeline_open(&timeline);
    timeline_row_t row = sample_mixed_second(1);
    struct stat before, after;
    assert_int_equal(stat("out/timeline.csv", &before), 0);
    assert_true(append(&timeline, &row, NULL));
    assert_int_equal(stat("out/timeline.csv", &after), 0);
    assert_true(before.st_size > 0); /* the header */
    assert_true(after.st_size > before.st_size);
    timeline_close(&timeline);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The limit lets half a line through, as a disk that fills up does. */
static void half_a_line_is_taken_back_and_the_next_one_may_come(void **state)
{
    (void)state;
    timeline_t timeline;
    timeline_open(&timeline);
    timeline_row_t row = sample_mixed_second(1);
    struct stat header, status;
    assert_int_equal(stat("out/timeline.csv", &header), 0);
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size((rlim_t)header.st_size + 20);
    err_t err = {.code = ERR_NONE};
    bool appended = append(&timeline, &row, &err);
    limit_file_size(RLIM_INFINITY);

    assert_false(appended);
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "out/timeline.csv"));
    assert_non_null(strstr(err.text, strerror(EFBIG)));
    assert_int_equal(stat("out/timeline.csv", &status), 0);
    assert_int_equal(status.st_size, header.st_size);

    assert_true(append(&timeline, &row, &err));
    char *text = golden_read("out/timeline.csv");
    assert_non_null(strstr(text, "\n1.000,1.000,mixed,2000,"));
    free(text);
    timeline_close(&timeline);
}

static void a_file_that_cannot_be_made_is_an_error_that_names_it(void **state)
{
    (void)state;
    err_t err = {.code = ERR_NONE};
    folder_t *folder = folder_open("out", "quick", 0, &err);
    assert_non_null(folder);
    assert_int_equal(mkdir("out/timeline.csv", 0777), 0);
    assert_null(files_timeline_open(folder, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "out/timeline.csv"));
    assert_true(growing_close(NULL, &err));
    folder_free(folder);
}

#define in_folder(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, sample_enter_folder, sample_leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(seconds_are_written_as_documented),
        in_folder(a_second_is_in_the_file_as_soon_as_it_is_appended),
        in_folder(half_a_line_is_taken_back_and_the_next_one_may_come),
        in_folder(a_file_that_cannot_be_made_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
