#include "report/files/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/cmocka_first.h"

static bool read_text(const char *text, csv_data_t *out, err_t *err)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    return csv_read_text(copy, strlen(text), "some.csv", out, err);
}

static void assert_reads(const char *text, csv_data_t *out)
{
    err_t err = {.code = ERR_NONE};
    if (!read_text(text, out, &err)) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(const char *text, const char *message)
{
    err_t err = {.code = ERR_NONE};
    csv_data_t data;
    assert_false(read_text(text, &data, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, message);
}

static void cells_are_found_by_their_columns_name(void **state)
{
    (void)state;
    csv_data_t data;
    assert_reads("a,b_us\nx,1\ny,-2.5\n", &data);
    assert_int_equal(data.n_rows, 2);
    size_t b = csv_column(&data, "b_us");
    assert_string_equal(csv_cell(&data, 1, csv_column(&data, "a")), "y");
    assert_true(csv_number(&data, 0, b) == 1);
    assert_true(csv_number(&data, 1, b) == -2.5);
    csv_data_free(&data);
}

static void what_is_empty_or_no_column_is_absent_and_not_zero(void **state)
{
    (void)state;
    csv_data_t data;
    assert_reads("a,b\n,x1\n", &data);
    assert_true(isnan(csv_number(&data, 0, csv_column(&data, "a"))));
    assert_true(isnan(csv_number(&data, 0, csv_column(&data, "b"))));
    assert_int_equal(csv_column(&data, "c"), CSV_NO_COLUMN);
    assert_string_equal(csv_cell(&data, 0, CSV_NO_COLUMN), "");
    csv_data_free(&data);
}

static void quotes_keep_commas_quotes_and_line_breaks(void **state)
{
    (void)state;
    csv_data_t data;
    assert_reads("a,b\r\n\"x,\"\"y\"\"\nz\",\"\"\r\n", &data);
    assert_string_equal(csv_cell(&data, 0, 0), "x,\"y\"\nz");
    assert_string_equal(csv_cell(&data, 0, 1), "");
    csv_data_free(&data);
}

static void a_last_line_without_its_end_is_left_out(void **state)
{
    (void)state;
    csv_data_t data;
    assert_reads("a,b\n1,2\n3", &data);
    assert_int_equal(data.n_rows, 1);
    csv_data_free(&data);
    assert_reads("a,b\n1,2\n3,45", &data);
    assert_int_equal(data.n_rows, 1);
    csv_data_free(&data);
}

static void what_is_no_csv_is_refused_with_its_line(void **state)
{
    (void)state;
    assert_refused("", "some.csv has no header");
    assert_refused("a,b\n1,2\n3\n", "some.csv, line 3: 1 fields where the header has 2");
    assert_refused("a,b\n1,\"2\n3,4\n", "some.csv, line 2: a quote has no end");
    assert_refused("a\n\"b\"c\n", "some.csv, line 2: a quote has no end");
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    err_t err = {.code = ERR_NONE};
    csv_data_t data;
    assert_false(csv_read_file("/nonexistent", "some.csv", &data, &err));
    assert_string_equal(err.text, "cannot read /nonexistent/some.csv: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_found_by_their_columns_name),
        cmocka_unit_test(what_is_empty_or_no_column_is_absent_and_not_zero),
        cmocka_unit_test(quotes_keep_commas_quotes_and_line_breaks),
        cmocka_unit_test(a_last_line_without_its_end_is_left_out),
        cmocka_unit_test(what_is_no_csv_is_refused_with_its_line),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
