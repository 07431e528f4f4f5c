/*
 * table: a table is a list of columns, each with its SQL type and its role. `transactions` is built
 * in and the default; other tables will be other lists. Constant data; any thread.
 */
#ifndef CDCBENCH_MODEL_TABLE_H
#define CDCBENCH_MODEL_TABLE_H

#include <stddef.h>

typedef enum {
    ROLE_KEY,         /* the primary key: the row number, as a UUID */
    ROLE_GENERATED,   /* a pure function of seed and row number; no update touches it */
    ROLE_AMOUNT,      /* a pure function of seed, row number and version */
    ROLE_MODIFIED_BY, /* set by trigger_record_user_update: current_user */
    ROLE_MODIFIED_AT, /* set by trigger_record_user_update: current_timestamp */
    ROLE_CHANGE_INFO, /* set by trigger_record_change_info: old and new amount, user, time */
} column_role_t;

typedef struct {
    const char *name; /* as the server folds it: affiliateid */
    const char *sql_type;
    column_role_t role;
} column_t;

typedef struct {
    const char *name;
    const column_t *columns; /* those that are loaded come first */
    size_t n_columns;
    size_t n_loaded;       /* how many the COPY's column list names; the rest are the triggers' */
    const char *copy_list; /* "transaction_id, user_id, …" */
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

/* The number of the column of that name (length len), or -1. */
int table_column(const table_t *table, const char *name, size_t len);

#endif
