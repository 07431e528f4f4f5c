/*
 * format: how the records of a topic may be written, a row of one table each: by what a record is
 * told, and who reads it. A reader takes the row that the record at hand asks for; whatever the
 * row, it yields an envelope (kafka/format/envelope.h), so that nobody behind it knows of formats.
 *
 * A new format is a row in format.c and a file of its own: docs/design.md, "How to
 * add". One topic and one thread a reader.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_FORMAT_H
#define CDCBENCH_KAFKA_FORMAT_FORMAT_H

#include "kafka/format/envelope.h"

/* The bytes of a record; NULL with 0: null. */
typedef struct {
    const char *key, *value;
    size_t key_len, value_len;
} format_record_t;

typedef struct {
    const char *name; /* "json" */
    /* Whether the record looks like one; the first row that says so reads it. */
    bool (*is_one)(const format_record_t *record);
    /* What reading needs beside the record, of one topic; NULL when memory is out. */
    void *(*open)(void);
    void (*close)(void *state); /* NULL is allowed */
    /* As envelope_read. */
    bool (*read)(void *state, const format_record_t *record, envelope_t *out, err_t *err);
} format_t;

typedef struct format_reader format_reader_t;

format_reader_t *format_reader_new(void); /* NULL when memory is out */
void format_reader_free(format_reader_t *reader);

/* Reads a record. What *out points to lives as envelope_read's. False with *err (ERR_RUN): what is
 * wrong in it, or that it is of a format that cannot be read, by name. */
bool format_read(format_reader_t *reader, const format_record_t *record, envelope_t *out,
                 err_t *err);

#endif
