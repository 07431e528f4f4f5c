/*
 * admin: a plain blocking connection for what is not hot: the schema, the checks before a run, the
 * clock and the monitor. One thread at a time; owns its PGconn.
 */
#ifndef CDCBENCH_POSTGRES_ADMIN_H
#define CDCBENCH_POSTGRES_ADMIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "postgres/target.h"

typedef struct pg_admin pg_admin_t;

/* Connects, waiting at most the target's connect_timeout. NULL with *err (ERR_RUN): what was tried,
 * what libpq said, what to do. */
pg_admin_t *pg_admin_connect(const pg_target_t *target, err_t *err);
void pg_admin_free(pg_admin_t *admin);

/* False once the connection is lost. */
bool pg_admin_alive(const pg_admin_t *admin);

/* Runs one or more statements without results; *err has SQLSTATE and the server's text. */
bool pg_admin_exec(pg_admin_t *admin, const char *sql, err_t *err);

/* A result of text cells. NULL cell: SQL NULL. Owned by the caller, freed by pg_rows_free. */
typedef struct pg_rows pg_rows_t;
pg_rows_t *pg_admin_query(pg_admin_t *admin, const char *sql, int n_params,
                          const char *const *params, err_t *err);
int pg_rows_count(const pg_rows_t *rows);
const char *pg_rows_cell(const pg_rows_t *rows, int row, int column);
void pg_rows_free(pg_rows_t *rows);

/* One cell of one row into out (cut at size; "" for NULL or no row). False on an error. */
bool pg_admin_value(pg_admin_t *admin, const char *sql, char *out, size_t size, err_t *err);

/* Quotes an identifier or a literal for SQL text; malloc'd, NULL when memory is out. */
char *pg_admin_quote_identifier(pg_admin_t *admin, const char *text);
char *pg_admin_quote_literal(pg_admin_t *admin, const char *text);

/* One reading of the server's clock: SELECT clock_timestamp() with the client's monotonic time just
 * before the send and just after the receipt. */
typedef struct {
    int64_t sent_ns, received_ns; /* CLOCK_MONOTONIC */
    int64_t server_unix_us;
} pg_clock_sample_t;
bool pg_admin_clock(pg_admin_t *admin, pg_clock_sample_t *out, err_t *err);

#endif
