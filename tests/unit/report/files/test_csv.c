#include "report/files/csv.h"

#include <math.h>
#include <stdlib.h>

#include "report/cmocka_first.h"
#include "result/result.h"

typedef struct {
    const char *text;
    int64_t integer;
    double real;
} record_t;

static const csv_column_t columns[] = {
    CSV_TEXT(record_t, text, "any text"),
    CSV_COLUMN("integer", "rows", "a whole number", csv_integer, CSV_RECORD,
               offsetof(record_t, integer), 0),
    CSV_COLUMN("real", "s", "a number", csv_real, CSV_RECORD, offsetof(record_t, real), 2),
};
static const csv_table_t table = {"some.csv", "One row each.", columns, 3};

static void assert_line(const record_t *record, const char *expected)
{
    char *line = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&line, &len);
    assert_non_null(out);
    csv_write_record(out, &table, record);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(line, expected);
    free(line);
}

static void what_was_not_measured_is_empty_and_zero_is_zero(void **state)
{
    (void)state;
    assert_line(&(record_t){"a", 0, 0}, "a,0,0.00\n");
    assert_line(&(record_t){"a", NOT_MEASURED, NAN}, "a,,\n");
    assert_line(&(record_t){"a", -7, INFINITY}, "a,-7,\n");
}

static void text_with_commas_quotes_or_line_breaks_is_quoted(void **state)
{
    (void)state;
    assert_line(&(record_t){"a,b", 1, 1}, "\"a,b\",1,1.00\n");
    assert_line(&(record_t){"say \"x\"", 1, 1}, "\"say \"\"x\"\"\",1,1.00\n");
    assert_line(&(record_t){"a\nb", 1, 1}, "\"a\nb\",1,1.00\n");
    assert_line(&(record_t){"a\rb", 1, 1}, "\"a\rb\",1,1.00\n");
}

static void the_header_and_the_description_name_each_column(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    csv_write_header(out, &table);
    csv_describe(out, &table);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "text,integer,real\n"
                              "## some.csv\n\nOne row each.\n\n"
                              "| column | unit | meaning |\n|---|---|---|\n"
                              "| `text` |  | any text |\n"
                              "| `integer` | rows | a whole number |\n"
                              "| `real` | s | a number |\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_measured_is_empty_and_zero_is_zero),
        cmocka_unit_test(text_with_commas_quotes_or_line_breaks_is_quoted),
        cmocka_unit_test(the_header_and_the_description_name_each_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
