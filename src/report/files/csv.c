#include "report/files/csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "result/result.h"

cell_t cell_text(const char *text)
{
    return (cell_t){.kind = CELL_TEXT, .text = text};
}

cell_t cell_integer(int64_t value)
{
    return value == NOT_MEASURED ? CELL_NONE : (cell_t){.kind = CELL_INTEGER, .integer = value};
}

cell_t cell_count(uint64_t value)
{
    return (cell_t){.kind = CELL_INTEGER, .integer = (int64_t)value};
}

cell_t cell_real(double value, int decimals)
{
    if (!isfinite(value)) {
        return CELL_NONE;
    }
    return (cell_t){.kind = CELL_REAL, .decimals = decimals, .real = value};
}

/* RFC 4180, section 2: a field with a comma, a quote or a line break is quoted, its quotes doubled.
 */
static void write_text(FILE *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            putc('"', out);
        }
        putc(*text, out);
    }
    putc('"', out);
}

static void write_cell(FILE *out, const cell_t *cell)
{
    switch (cell->kind) {
    case CELL_ABSENT:
        break;
    case CELL_TEXT:
        write_text(out, cell->text);
        break;
    case CELL_INTEGER:
        fprintf(out, "%" PRId64, cell->integer);
        break;
    case CELL_REAL:
        fprintf(out, "%.*f", cell->decimals, cell->real);
        break;
    }
}

void csv_write_header(FILE *out, const csv_table_t *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        fprintf(out, "%s%s", i > 0 ? "," : "", table->columns[i].name);
    }
    putc('\n', out);
}

void csv_write_record(FILE *out, const csv_table_t *table, const void *record)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const csv_column_t *column = &table->columns[i];
        cell_t cell = column->get(column, record);
        if (i > 0) {
            putc(',', out);
        }
        write_cell(out, &cell);
    }
    putc('\n', out);
}

void csv_describe(FILE *out, const csv_table_t *table)
{
    fprintf(out, "## %s\n\n%s\n\n| column | unit | meaning |\n|---|---|---|\n", table->file,
            table->rows);
    for (size_t i = 0; i < table->n_columns; i++) {
        const csv_column_t *column = &table->columns[i];
        fprintf(out, "| `%s` | %s | %s |\n", column->name, column->unit, column->meaning);
    }
}
