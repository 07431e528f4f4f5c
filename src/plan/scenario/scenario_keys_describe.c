/* The keys of a scenario as the manual lists them. */
#include <string.h>

#include "plan/scenario/scenario_keys.h"
#include "plan/scenario/scenario_spec.h"

static const char *argument_of(const option_t *row)
{
    return row->kind == OPTION_FLAG                                ? "true or false"
           : row->choices != NULL && row->kind != OPTION_SET       ? row->choices
           : row->kind == OPTION_MAP || row->kind == OPTION_ONE_OF ? "..."
                                                                   : row->argument;
}

/* The bars between choices would end the cell. */
static void print_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        fputs(*text == '|' ? "\\" : "", out);
        fputc(*text, out);
    }
}

static void describe_row(FILE *out, const char *key, const option_t *row)
{
    const char *argument = argument_of(row);
    fprintf(out, "| `%s` | ", key);
    print_cell(out, argument != NULL ? argument : "");
    fprintf(out, " | %s | ", row->default_text != NULL ? row->default_text : "");
    print_cell(out, row->help);
    for (int i = 0, n = 0; i < STREAM_COUNT && row->streams != 0; i++) {
        if ((row->streams & (1u << i)) != 0) {
            fprintf(out, "%s%s", n++ == 0 ? " (of " : ", ", stream_names[i]);
        }
    }
    fputs(row->streams != 0 ? ") |\n" : " |\n", out);
}

static void describe_heading(FILE *out, const char *title)
{
    fprintf(out, "\n### %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", title);
}

/* The table, and behind it those of its inner maps. */
static void describe_table(FILE *out, const char *title, const key_table_t *table)
{
    describe_heading(out, title);
    for (size_t i = 0; i < table->n; i++) {
        describe_row(out, table->rows[i].name, &table->rows[i]);
    }
    for (size_t i = 0; i < table->n; i++) {
        const key_table_t *inner = table->rows[i].inner;
        if (inner != NULL && inner != &stream_keys && inner->n > 0) {
            describe_table(out, inner->name, inner);
        }
    }
}

void scenario_keys_describe(FILE *out)
{
    describe_heading(out, "A scenario");
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (option->key != NULL && strncmp(option->key, "phases.", strlen("phases.")) != 0) {
            describe_row(out, option->key, option);
        }
    }
    describe_table(out, "phases, each", &phase_keys);
    describe_table(out, "insert, update, delete, transaction of a phase", &stream_keys);
}
