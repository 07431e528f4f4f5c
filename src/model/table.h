/*
 * table: a table is a list of columns, each with its SQL type, its role and its generator.
 * `transactions` is built in and the default, and its rows have a writer of their own (row.h);
 * wide, narrow and toasted are built in too, and a user describes others (table_builder.h):
 * docs/tables.md. Constant data once made; any thread.
 *
 * Several tables may be used at once: row i lives in table i mod n, so that row numbers, keys and
 * versions are the same whatever the tables.
 */
#ifndef CDCBENCH_MODEL_TABLE_H
#define CDCBENCH_MODEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/generator.h"

#define TABLES_MAX 16 /* in one run */

/* What a TOAST pointer takes: shorter values stay in the row (src/include/varatt.h). */
#define TOAST_POINTER_BYTES 18

typedef enum {
    ROLE_KEY,         /* the primary key: the row number, as a UUID */
    ROLE_GENERATED,   /* a pure function of seed and row number; no update touches it */
    ROLE_AMOUNT,      /* a pure function of seed, row number and version */
    ROLE_MODIFIED_BY, /* set by trigger_record_user_update: current_user */
    ROLE_MODIFIED_AT, /* set by trigger_record_user_update: current_timestamp */
    ROLE_CHANGE_INFO, /* set by trigger_record_change_info: old and new amount, user, time */
} column_role_t;

/* What a SQL type's values look like in an event. */
typedef enum {
    SQL_TEXT, /* text, varchar, uuid, inet: the same bytes everywhere */
    SQL_INTEGER,
    SQL_NUMERIC,   /* compared by value where the event does not keep the scale */
    SQL_TIMESTAMP, /* as text, or as Unix µs */
    SQL_BOOLEAN,   /* t, or true */
    SQL_JSON,
    SQL_BYTES, /* \x0a1b, or base64, or bare hexadecimal digits */
} sql_form_t;

typedef struct {
    const char *name; /* as the server folds it: affiliateid */
    const char *sql_type;
    column_role_t role;
    sql_form_t form;
    bool external;  /* STORAGE EXTERNAL: put out of line without an attempt to compress */
    bool may_toast; /* long enough to be put out of line: an update may leave it unsent */
    generator_t generator;
} column_t;

typedef struct {
    const char *name;
    const column_t *columns; /* those that are loaded come first */
    size_t n_columns;
    size_t n_loaded;       /* how many the COPY's column list names; the rest are the triggers' */
    const char *copy_list; /* "transaction_id, user_id, …", as SQL takes it */
    int key, amount;       /* column numbers */
    bool has_trigger_columns; /* modified_by, modified_at, change_info */
    bool is_transactions;     /* its rows are row.h's, not the generators' */
    size_t row_bytes_max;     /* of a line of COPY text; value_bytes_max: of one value as printed */
    size_t value_bytes_max;
} table_t;

/* Column numbers of `transactions`. */
enum {
    TX_TRANSACTION_ID,
    TX_USER_ID,
    TX_TIMESTAMP,
    TX_AMOUNT,
    TX_CURRENCY,
    TX_CITY,
    TX_COUNTRY,
    TX_MERCHANT_NAME,
    TX_PAYMENT_METHOD,
    TX_IP_ADDRESS,
    TX_VOUCHER_CODE,
    TX_AFFILIATEID,
    TX_MODIFIED_BY,
    TX_MODIFIED_AT,
    TX_CHANGE_INFO,
    TX_COLUMNS,
    TX_LOADED = TX_MODIFIED_BY,
};

extern const table_t table_transactions;

/* Which of the two triggers a table has. */
typedef enum {
    TRIGGERS_NONE = 0,
    TRIGGERS_USER = 1,    /* trigger_record_user_update */
    TRIGGERS_COLUMNS = 2, /* trigger_record_change_info */
    TRIGGERS_BOTH = 3
} triggers_t;

/* A table of a run, and what is asked of it there. */
typedef struct {
    const table_t *table;
    triggers_t triggers;
    bool replica_identity_full; /* the old row comes whole with updates and deletes; else its key */
} table_use_t;

/* The tables of a run: row i lives in use[i mod n]. */
typedef struct {
    table_use_t use[TABLES_MAX];
    uint32_t n; /* at least one */
} tables_t;

/* A run's only table. */
tables_t tables_of_one(const table_t *table, triggers_t triggers, bool replica_identity_full);

/* The number of the table of that name, or -1. */
int tables_find(const tables_t *tables, const char *name);

/* The built-in table of that name: transactions, wide, narrow or toasted; NULL: there is none. Made
 * by the first call, whichever thread makes it; never freed. */
const table_t *table_builtin(const char *name);

/* "transactions, wide, narrow, toasted" */
extern const char table_builtin_names[];

/* The number of the column of that name (length len), or -1. */
int table_column(const table_t *table, const char *name, size_t len);

#endif
