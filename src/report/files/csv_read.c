#include "report/files/csv_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"

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

bool csv_read_file(const char *path, csv_data_t *out, err_t *err)
{
    size_t len = 0;
    *out = (csv_data_t){0};
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
