/* The table of options: its parts, one behind the other. */
#include <assert.h>

#include "plan/options/options_rows.h"

const char *const option_group_names[GROUP_COUNT] = {
    [GROUP_SERVER] = "Which server",        [GROUP_KAFKA] = "Kafka and Debezium",
    [GROUP_TABLE] = "Which table and rows", [GROUP_WORK] = "What is done to them",
    [GROUP_RUN] = "How it is done",         [GROUP_SIZE] = "Which cluster",
    [GROUP_OUTPUT] = "What comes out",      [GROUP_OTHER] = "Other options",
};

static const option_rows_t *const parts[] = {&options_where, &options_work, &options_run,
                                             &options_size, &options_output};
enum { PARTS = sizeof parts / sizeof *parts };

const option_t *options_at(size_t number)
{
    for (int i = 0; i < PARTS; i++) {
        if (number < parts[i]->n) {
            return &parts[i]->rows[number];
        }
        number -= parts[i]->n;
    }
    return NULL;
}

size_t options_number(const option_t *option)
{
    size_t number = 0;
    while (options_at(number) != option) {
        assert(options_at(number) != NULL); /* it is none of the table's */
        number++;
    }
    assert(number < CONFIG_OPTIONS_MAX);
    return number;
}
