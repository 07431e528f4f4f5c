/*
 * change: one change of a row, as a tap read it, in the form that every tap hands to the verifier:
 * which operation, and slices for the columns before and after. The slices point into the tap's
 * receive buffer and live until the verifier returns. Plain data; no thread rules of its own.
 */
#ifndef CDCBENCH_MODEL_CHANGE_H
#define CDCBENCH_MODEL_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

/* What is done to a row: in schedules, statistics and events alike. */
typedef enum { OP_INSERT, OP_UPDATE, OP_DELETE, OP_COUNT } op_t;

extern const char *const op_names[OP_COUNT]; /* "insert", "update", "delete" */

/* Columns a table may have. */
#define TABLE_COLUMNS_MAX 128

typedef enum {
    FIELD_ABSENT,    /* the event does not carry this column at all */
    FIELD_NULL,      /* SQL NULL */
    FIELD_UNCHANGED, /* an unchanged TOASTed value that was not sent: pgoutput's 'u', Debezium's
                        placeholder */
    FIELD_TEXT, /* PostgreSQL's text form (DateStyle ISO, TimeZone UTC), or a JSON string's content
                 */
    FIELD_INTEGER, /* decimal digits; for a timestamp: Unix microseconds
                      (io.debezium.time.MicroTimestamp) */
    FIELD_NUMBER,  /* any other JSON number: compared by value (decimal.handling.mode=double) */
} field_kind_t;

typedef struct {
    const char *bytes; /* not NUL-terminated; NULL unless kind is FIELD_TEXT or a number */
    uint32_t len;
    field_kind_t kind;
} field_t;

/* How much of the old row an event carries. */
typedef enum {
    BEFORE_NONE, /* nothing (insert; update under REPLICA IDENTITY DEFAULT with its key unchanged)
                  */
    BEFORE_KEY,  /* the key columns only */
    BEFORE_FULL, /* the whole old row: REPLICA IDENTITY FULL */
    BEFORE_OMITTED, /* the event's form has no room for it (a flattened one): none is expected */
} before_kind_t;

typedef struct {
    op_t op;
    uint32_t table; /* its number among the run's */
    bool op_untold; /* the event does not say what was done (a flattened row): op is OP_INSERT, and
                       only the version tells an update from it */
    bool snapshot;  /* read from the table, not from the log: version may be any */
    before_kind_t before_kind;
    uint64_t position; /* rises (or stays) from change to change of one transaction: its LSN */
    field_t before[TABLE_COLUMNS_MAX]; /* by the table's column numbers, not the server's */
    field_t after[TABLE_COLUMNS_MAX];  /* unused for OP_DELETE */
} change_t;

#endif
