/*
 * change: one change of a row, as a tap read it, in the form that every tap hands to the verifier:
 * which operation, and slices for the columns before and after. The slices point into the tap's
 * receive buffer and live until the verifier returns. With it, the forms of a value that a change
 * alone has: what the triggers note of an update, numbers and bytes as JSON writes them. Plain data
 * and pure functions; any thread.
 */
#ifndef CDCBENCH_MODEL_CHANGE_H
#define CDCBENCH_MODEL_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
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

/* ---- change_info: the jsonb that trigger_record_change_info writes into a row, as text. jsonb
 * fixes the order of keys (by length, then bytes) and the spaces: one text for one value.
 *
 *   {"amount": {"new": 912.07, "old": 812.07}, "modified_at": "2026-11-22T12:46:31.789283+00:00",
 *    "modified_by": "postgres"}            (on one line)
 */

#define CHANGE_INFO_TEXT_MAX 1024

/* What stands behind the time for one user: made once, since it is compared with every event's. */
typedef struct {
    char bytes[CHANGE_INFO_TEXT_MAX];
    size_t len;
} change_info_end_t;

void change_info_end(const char *user, change_info_end_t *out);

/* Reads the new amount from a text that starts as above; what follows it is not looked at. */
bool change_info_new_cents(const char *text, size_t len, uint32_t *cents);

/* Whether the text is, byte for byte, what the trigger makes of these amounts and this user at some
 * time, which is given back as Unix µs. */
bool change_info_matches(const char *text, size_t len, uint32_t new_cents, uint32_t old_cents,
                         const change_info_end_t *end, int64_t *unix_us);

/* Writes that text; returns its length (no NUL; cut at CHANGE_INFO_TEXT_MAX). A unix_us of
 * CHANGE_INFO_ANY_TIME is written as "...". */
#define CHANGE_INFO_ANY_TIME INT64_MIN
size_t change_info_write(uint32_t new_cents, uint32_t old_cents, const char *user, int64_t unix_us,
                         char out[CHANGE_INFO_TEXT_MAX]);

/* ---- values as JSON writes them, held against what PostgreSQL prints of them */

/* Whether two decimal numbers, of at most 18 digits each, have one value: 663.5, 663.50 and
 * 6.635E2. False when either is none. */
bool json_form_same_number(const char *a, size_t a_len, const char *b, size_t b_len);

/* Whether `text` is the base64 (RFC 4648, of either alphabet, with padding) of the bytes that these
 * hexadecimal digits, in lower case, write. */
bool json_form_is_base64(const char *text, size_t len, const char *hex, size_t hex_len);

#endif
