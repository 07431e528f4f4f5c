/*
 * admin: a plain connection for what is not hot: the schema, the checks before a run, the clock and
 * the monitor. Calls block, but never for ever: a statement that is not answered in time (a stopped
 * server, a host that is gone) is given up, and the connection with it. One thread at a time; owns
 * its PGconn.
 */
#ifndef CDCBENCH_POSTGRES_ADMIN_H
#define CDCBENCH_POSTGRES_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "postgres/target.h"

typedef struct pg_admin pg_admin_t;

/* How long a statement is waited for unless pg_admin_set_patience says else. */
#define PG_ADMIN_PATIENCE_MS 10000

/* Connects, waiting at most the target's connect_timeout. The target outlives the connection. NULL
 * with *err (ERR_RUN): what was tried, what libpq said, what to do. */
pg_admin_t *pg_admin_connect(const pg_target_t *target, err_t *err);
void pg_admin_free(pg_admin_t *admin);

/* For statements that may take longer, or callers that cannot wait as long; above zero. Returns
 * what was set before. */
int pg_admin_set_patience(pg_admin_t *admin, int patience_ms);

/* False once the connection is lost or given up: then every call fails, and only pg_admin_free is
 * left. */
bool pg_admin_alive(const pg_admin_t *admin);

/* Its server's version, 150018 for 15.18; 0 for a NULL or lost connection. */
int pg_admin_version(const pg_admin_t *admin);

/* Over a Unix socket the process that listens on it, the postmaster; 0 over TCP, or when it is not
 * to be seen from here. */
int pg_admin_listener_pid(const pg_admin_t *admin);

/* The process that serves this connection, as the server counts its processes. */
int pg_admin_backend_pid(const pg_admin_t *admin);

/* pg_target_display of where it is connected to, for messages. */
const char *pg_admin_display(const pg_admin_t *admin);

/* Runs one or more statements, whose rows are passed over; *err (ERR_RUN) has the statement's first
 * line, the server, SQLSTATE and the server's text. After an error the rest was not run. Of several
 * statements without a BEGIN, either all count or none (they are one implicit transaction). */
bool pg_admin_exec(pg_admin_t *admin, const char *sql, err_t *err);

/* A result of text cells. NULL cell: SQL NULL. Owned by the caller, freed by pg_rows_free. */
typedef struct pg_rows pg_rows_t;

/* Runs one statement with text parameters ($1…; NULL: SQL NULL); errors as with pg_admin_exec. */
pg_rows_t *pg_admin_query(pg_admin_t *admin, const char *sql, int n_params,
                          const char *const *params, err_t *err);
int pg_rows_count(const pg_rows_t *rows);
const char *pg_rows_cell(const pg_rows_t *rows, int row, int column);
const char *pg_rows_named(const pg_rows_t *rows, int row, const char *column);
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

/* libpq's own version, "15.18": at most size − 1 characters into out. Any thread. */
void pg_library_version(char *out, size_t size);

#endif
