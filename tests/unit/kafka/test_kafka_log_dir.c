/* kafka_log_dir: the segments of one topic's partitions are counted, nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kafka/kafka_log_dir.h"

static char root[] = "/tmp/cdcbench-log-dir-XXXXXX";

static const struct {
    const char *folder, *file;
    off_t bytes;
} files[] = {
    {"cdc.public.t-0", "00000000000000000000.log", 1000},
    {"cdc.public.t-0", "00000000000000001234.log", 200},
    {"cdc.public.t-0", "00000000000000000000.index", 50000},
    {"cdc.public.t-0", "00000000000000000000.timeindex", 50000},
    {"cdc.public.t-11", "00000000000000000000.log", 30},
    {"cdc.public.t-x", "00000000000000000000.log", 7},
    {"cdc.public.t-", "00000000000000000000.log", 7},
    {"cdc.public.t-0.abc-delete", "00000000000000000000.log", 7},
    {"cdc.public.t2-0", "00000000000000000000.log", 7},
};
#define N_FILES (sizeof files / sizeof *files)

static int make_folders(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < N_FILES; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", root, files[i].folder);
        mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/%s/%s", root, files[i].folder, files[i].file);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        assert_int_equal(ftruncate(fd, files[i].bytes), 0);
        close(fd);
    }
    return 0;
}

static int remove_folders(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_FILES; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s/%s", root, files[i].folder, files[i].file);
        unlink(path);
        snprintf(path, sizeof path, "%s/%s", root, files[i].folder);
        rmdir(path); /* the last one of a folder succeeds */
    }
    return rmdir(root);
}

static void the_segments_of_all_partitions_of_the_topic_are_counted(void **state)
{
    (void)state;
    uint64_t bytes = 99;
    assert_true(kafka_log_dir_bytes(root, "cdc.public.t", &bytes, NULL));
    assert_int_equal(bytes, 1230);
}

static void a_topic_without_folders_has_no_bytes(void **state)
{
    (void)state;
    uint64_t bytes = 99;
    assert_true(kafka_log_dir_bytes(root, "cdc.public", &bytes, NULL));
    assert_int_equal(bytes, 0);
}

static void a_folder_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    uint64_t bytes;
    err_t err = {0};
    assert_false(kafka_log_dir_bytes("/no/such/folder", "t", &bytes, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "/no/such/folder cannot be read: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_segments_of_all_partitions_of_the_topic_are_counted),
        cmocka_unit_test(a_topic_without_folders_has_no_bytes),
        cmocka_unit_test(a_folder_that_cannot_be_read_is_named),
    };
    return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
