/*
 * golden: compares text with a file of tests/golden/report. With CDCBENCH_GOLDEN=write in the
 * environment the file is written instead: look at the difference before it is committed.
 */
#ifndef CDCBENCH_TESTS_REPORT_GOLDEN_H
#define CDCBENCH_TESTS_REPORT_GOLDEN_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/cmocka_first.h"

/* The whole of a file, malloc'd. */
static inline char *golden_read(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_error("cannot read %s\n", path);
    }
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    size_t len = fread(text, 1, (1 << 20) - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static inline void golden_assert(const char *name, const char *text)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/report/%s", GOLDEN_DIR, name);
    const char *mode = getenv("CDCBENCH_GOLDEN");
    if (mode != NULL && strcmp(mode, "write") == 0) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(text, file);
        assert_int_equal(fclose(file), 0);
    }
    char *expected = golden_read(path);
    assert_string_equal(text, expected);
    free(expected);
}

#endif
