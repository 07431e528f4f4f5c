#include "report/files/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "report/golden.h"
#include "report/sample.h"

#define NOW_US INT64_C(1795356192123456) /* 2026-11-22T14:03:12.123456Z */

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static int entries(const char *path)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    int n = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(dir);
    return n;
}

static folder_t *opened(const char *out, const char *name)
{
    err_t err = {.code = ERR_NONE};
    folder_t *folder = folder_open(out, name, NOW_US, &err);
    if (folder == NULL) {
        fail_msg("%s", err.text);
    }
    return folder;
}

static void assert_refused(const char *out, const char *because)
{
    err_t err = {.code = ERR_NONE};
    assert_null(folder_open(out, "quick", NOW_US, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, out));
    assert_non_null(strstr(err.text, because));
}

static void a_folder_is_named_after_the_time_and_the_run(void **state)
{
    (void)state;
    folder_t *folder = opened(NULL, "quick");
    assert_string_equal(folder_path(folder), "results/20261122T140312Z-quick");
    assert_int_equal(entries(folder_path(folder)), 0); /* the probe leaves nothing */
    folder_free(folder);
    assert_false(exists("results")); /* nor does a run that came to nothing */
}

static void runs_that_begin_in_one_second_get_a_folder_each(void **state)
{
    (void)state;
    folder_t *one = opened(NULL, "quick");
    folder_t *two = opened(NULL, "quick");
    folder_t *three = opened(NULL, "quick");
    assert_string_equal(folder_path(two), "results/20261122T140312Z-quick-2");
    assert_string_equal(folder_path(three), "results/20261122T140312Z-quick-3");
    folder_free(one);
    folder_free(two);
    folder_free(three);
}

static void a_name_never_leads_out_of_the_folder(void **state)
{
    (void)state;
    folder_t *folder = opened(NULL, "../my run");
    assert_string_equal(folder_path(folder), "results/20261122T140312Z-..-my-run");
    folder_free(folder);
}

static void a_name_of_any_length_fits(void **state)
{
    (void)state;
    char name[1000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    folder_t *folder = opened(NULL, name);
    folder_free(folder);
}

static void parents_are_made(void **state)
{
    (void)state;
    folder_t *folder = opened("some/where/deep/", "quick");
    assert_string_equal(folder_path(folder), "some/where/deep");
    assert_true(exists("some/where/deep"));
    folder_free(folder);
}

static void a_folder_that_nothing_was_put_into_is_removed(void **state)
{
    (void)state;
    folder_free(opened("unused", "quick"));
    assert_false(exists("unused"));
}

static void a_folder_that_was_there_stays(void **state)
{
    (void)state;
    assert_int_equal(mkdir("mine", 0777), 0);
    folder_free(opened("mine", "quick"));
    assert_true(exists("mine"));
}

static void a_folder_that_holds_a_run_is_refused_and_left_alone(void **state)
{
    (void)state;
    assert_int_equal(mkdir("old", 0777), 0);
    touch("old/run.json");
    assert_refused("old", "run.json");
    assert_int_equal(entries("old"), 1);
}

static void a_path_below_a_file_is_refused(void **state)
{
    (void)state;
    touch("file");
    assert_refused("file", strerror(ENOTDIR));
    assert_refused("file/below", strerror(ENOTDIR));
    assert_refused("", strerror(ENOENT));
}

static void a_folder_that_takes_no_files_is_refused_before_the_run(void **state)
{
    (void)state;
    assert_refused("/proc", "takes no files");
    assert_refused("/proc/cdcbench", "cannot make");
}

static void a_file_has_its_name_only_once_it_is_whole(void **state)
{
    (void)state;
    err_t err = {.code = ERR_NONE};
    folder_t *folder = opened("out", "quick");
    FILE *file = folder_create(folder, "summary.csv", &err);
    assert_non_null(file);
    fputs("phase\n", file);
    assert_false(exists("out/summary.csv"));
    assert_true(folder_commit(folder, file, "summary.csv", &err));
    char *text = golden_read("out/summary.csv");
    assert_string_equal(text, "phase\n");
    free(text);
    assert_int_equal(entries("out"), 1);
    folder_free(folder);
    assert_true(exists("out/summary.csv"));
}

/* Writes `size` bytes to a file that is a full device. */
static void write_to_full_disk(size_t size, err_t *err)
{
    folder_t *folder = opened("out", "quick");
    assert_int_equal(symlink("/dev/full", "out/lag.csv.tmp"), 0);
    FILE *file = folder_create(folder, "lag.csv", err);
    assert_non_null(file);
    for (size_t i = 0; i < size; i++) {
        putc('x', file);
    }
    assert_false(folder_commit(folder, file, "lag.csv", err));
    assert_int_equal(entries("out"), 0);
    folder_free(folder);
}

static void a_full_disk_is_an_error_with_file_and_reason(void **state)
{
    (void)state;
    err_t err = {.code = ERR_NONE};
    write_to_full_disk(10, &err);
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "out/lag.csv"));
    assert_non_null(strstr(err.text, strerror(ENOSPC)));
}

static void a_write_that_failed_long_before_the_commit_is_not_forgotten(void **state)
{
    (void)state;
    err_t err = {.code = ERR_NONE};
    write_to_full_disk(1 << 20, &err);
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "out/lag.csv"));
}

static void a_discarded_file_leaves_nothing(void **state)
{
    (void)state;
    err_t err = {.code = ERR_NONE};
    folder_t *folder = opened("out", "quick");
    FILE *file = folder_create(folder, "run.json", &err);
    assert_non_null(file);
    folder_discard(folder, file, "run.json");
    assert_int_equal(entries("out"), 0);
    folder_free(folder);
}

#define in_folder(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, sample_enter_folder, sample_leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(a_folder_is_named_after_the_time_and_the_run),
        in_folder(runs_that_begin_in_one_second_get_a_folder_each),
        in_folder(a_name_never_leads_out_of_the_folder),
        in_folder(a_name_of_any_length_fits),
        in_folder(parents_are_made),
        in_folder(a_folder_that_nothing_was_put_into_is_removed),
        in_folder(a_folder_that_was_there_stays),
        in_folder(a_folder_that_holds_a_run_is_refused_and_left_alone),
        in_folder(a_path_below_a_file_is_refused),
        in_folder(a_folder_that_takes_no_files_is_refused_before_the_run),
        in_folder(a_file_has_its_name_only_once_it_is_whole),
        in_folder(a_full_disk_is_an_error_with_file_and_reason),
        in_folder(a_write_that_failed_long_before_the_commit_is_not_forgotten),
        in_folder(a_discarded_file_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
