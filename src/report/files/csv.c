#include "report/files/csv.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "result/result.h"

/* --- cells ------------------------------------------------------------------------------------ */

cell_t cell_text(const char *text)
{
    return text == NULL ? CELL_NONE : (cell_t){.kind = CELL_TEXT, .text = text};
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

cell_t csv_text(const void *at, double detail)
{
    (void)detail;
    return cell_text(at);
}

cell_t csv_count(const void *at, double detail)
{
    (void)detail;
    return cell_count(*(const uint64_t *)at);
}

cell_t csv_integer(const void *at, double detail)
{
    (void)detail;
    return cell_integer(*(const int64_t *)at);
}

cell_t csv_count_of_interval(const void *at, double detail)
{
    return csv_integer(at, detail);
}

cell_t csv_real(const void *at, double detail)
{
    return cell_real(*(const double *)at, (int)detail);
}

cell_t csv_value(const csv_column_t *column, const void *record)
{
    const char *holder = record;
    if (column->in != CSV_RECORD) {
        holder = *(const void *const *)(const void *)(holder + column->in);
    }
    return holder == NULL ? CELL_NONE : column->type(holder + column->offset, column->detail);
}

const csv_column_t *csv_find_column(const csv_table_t *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return &table->columns[i];
        }
    }
    return NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

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
        cell_t cell = csv_value(&table->columns[i], record);
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

/* --- reading ---------------------------------------------------------------------------------- */

/* Where in the text reading stands. Fields are unquoted in place: they only ever get shorter. */
typedef struct {
    char *at, *end;
    size_t line; /* 1 is the first */
} reader_t;

typedef enum { ENDS_FIELD, ENDS_LINE, ENDS_TEXT } field_end_t;

/* What stands behind a field, stepped over. A field that the end of the text ends has no line. */
static field_end_t step_over_end(reader_t *reader)
{
    if (reader->at < reader->end && *reader->at == '\r' && reader->at + 1 < reader->end &&
        reader->at[1] == '\n') {
        reader->at++;
    }
    if (reader->at == reader->end) {
        return ENDS_TEXT;
    }
    if (*reader->at++ == ',') {
        return ENDS_FIELD;
    }
    reader->line++;
    return ENDS_LINE;
}

/* A field in quotes, of which the first is passed: "" is one of them. NULL: it does not end. */
static char *read_quoted(reader_t *reader, char **to)
{
    char *field = reader->at;
    *to = field;
    while (reader->at < reader->end) {
        char c = *reader->at++;
        if (c == '"') {
            if (reader->at == reader->end || *reader->at != '"') {
                return field;
            }
            reader->at++;
        }
        *(*to)++ = c;
    }
    return NULL;
}

static bool at_field_end(const reader_t *reader)
{
    return reader->at == reader->end || *reader->at == ',' || *reader->at == '\n' ||
           (*reader->at == '\r' && reader->at + 1 < reader->end && reader->at[1] == '\n');
}

/* The next field, NUL-terminated; NULL when its quotes do not end where the field does. */
static char *read_field(reader_t *reader, field_end_t *end)
{
    char *field = reader->at, *to;
    if (reader->at < reader->end && *reader->at == '"') {
        reader->at++;
        field = read_quoted(reader, &to);
        if (field == NULL || !at_field_end(reader)) {
            return NULL;
        }
    } else {
        while (!at_field_end(reader)) {
            reader->at++;
        }
        to = reader->at;
    }
    *end = step_over_end(reader);
    *to = '\0';
    return field;
}

/* Reads one line's fields behind the cells that are there. *whole: the line has its end. */
static bool read_line(reader_t *reader, const char *what, csv_data_t *out, size_t *n, size_t *cap,
                      bool *whole, err_t *err)
{
    field_end_t end = ENDS_FIELD;
    size_t line = reader->line;
    while (end == ENDS_FIELD) {
        char *field = read_field(reader, &end);
        if (field == NULL) {
            return err_set(err, ERR_USAGE, "%s, line %zu: a quote has no end", what, line);
        }
        char **room = array_room(out->cells, *n, cap, sizeof *room);
        if (room == NULL) {
            return err_set(err, ERR_RUN, "cannot read %s: out of memory", what);
        }
        out->cells = room;
        room[(*n)++] = field;
    }
    *whole = end == ENDS_LINE;
    return true;
}

static bool read_lines(csv_data_t *out, size_t len, const char *what, err_t *err)
{
    reader_t reader = {.at = out->text, .end = out->text + len, .line = 1};
    size_t n = 0, cap = 0;
    while (reader.at < reader.end) {
        size_t before = n, line = reader.line;
        bool whole = false;
        if (!read_line(&reader, what, out, &n, &cap, &whole, err)) {
            return false;
        }
        if (!whole) {
            break;
        }
        if (out->n_columns == 0) {
            out->n_columns = n;
        } else if (n - before != out->n_columns) {
            return err_set(err, ERR_USAGE, "%s, line %zu: %zu fields where the header has %zu",
                           what, line, n - before, out->n_columns);
        } else {
            out->n_rows++;
        }
    }
    return out->n_columns > 0 || err_set(err, ERR_USAGE, "%s has no header", what);
}

bool csv_read_text(char *text, size_t len, const char *what, csv_data_t *out, err_t *err)
{
    *out = (csv_data_t){0};
    out->text = text;
    bool read = read_lines(out, len, what, err);
    if (!read) {
        csv_data_free(out);
    }
    return read;
}

/* The file's bytes; NULL with errno. */
static char *read_bytes(const char *path, size_t *len)
{
    FILE *file = fopen(path, "re");
    struct stat status;
    char *text = NULL;
    if (file == NULL) {
        return NULL;
    }
    if (fstat(fileno(file), &status) == 0) {
        if (status.st_size > CSV_READ_MAX_BYTES) {
            errno = EFBIG;
        } else {
            text = malloc((size_t)status.st_size + 1);
        }
    }
    if (text != NULL) {
        *len = fread(text, 1, (size_t)status.st_size, file);
        if (ferror(file)) {
            free(text);
            text = NULL;
        }
    }
    int saved = errno;
    fclose(file);
    errno = saved;
    return text;
}

bool csv_read_file(const char *folder, const char *name, csv_data_t *out, err_t *err)
{
    char path[PATH_MAX];
    size_t len = 0;
    *out = (csv_data_t){0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = read_bytes(path, &len);
    return text != NULL ? csv_read_text(text, len, path, out, err)
                        : err_set(err, ERR_USAGE, "cannot read %s: %s", path, strerror(errno));
}

void csv_data_free(csv_data_t *data)
{
    free(data->cells);
    free(data->text);
    *data = (csv_data_t){0};
}

const char *csv_name(const csv_data_t *data, size_t column)
{
    return data->cells[column];
}

size_t csv_column(const csv_data_t *data, const char *name)
{
    for (size_t i = 0; i < data->n_columns; i++) {
        if (strcmp(data->cells[i], name) == 0) {
            return i;
        }
    }
    return CSV_NO_COLUMN;
}

const char *csv_cell(const csv_data_t *data, size_t row, size_t column)
{
    return column == CSV_NO_COLUMN ? "" : data->cells[(row + 1) * data->n_columns + column];
}

double csv_number(const csv_data_t *data, size_t row, size_t column)
{
    const char *cell = csv_cell(data, row, column);
    char *end;
    double value = strtod(cell, &end);
    return *cell != '\0' && *end == '\0' ? value : NAN;
}
