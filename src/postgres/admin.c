#include "postgres/admin.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"

struct pg_admin {
    PGconn *conn;
    const pg_target_t *target;
    int patience_ms;
    bool given_up;       /* a statement was not answered in time: what it did is not known */
    int64_t sent_ns;     /* just before the last statement was sent */
    int64_t received_ns; /* just after its first result was there */
};

struct pg_rows {
    PGresult *result;
};

/* Notices ("does not exist, skipping") are for people at a psql prompt; libpq would print them. */
static void drop_notice(void *ctx, const PGresult *notice)
{
    (void)ctx;
    (void)notice;
}

pg_admin_t *pg_admin_connect(const pg_target_t *target, err_t *err)
{
    pg_admin_t *admin = calloc(1, sizeof *admin);
    if (!admin) {
        err_set(err, ERR_RUN, "cannot connect to PostgreSQL: out of memory");
        return NULL;
    }
    admin->target = target;
    admin->patience_ms = PG_ADMIN_PATIENCE_MS;
    admin->conn =
        PQconnectdbParams(pg_target_keywords(target, false), pg_target_values(target, false), 0);
    if (PQstatus(admin->conn) != CONNECTION_OK) {
        char text[512];
        err_line(text, sizeof text, PQerrorMessage(admin->conn));
        err_set(
            err, ERR_RUN,
            "cannot connect to PostgreSQL on %s: %s; check --dsn or the PG… variables, and that "
            "the server runs",
            pg_target_display(target), text);
        pg_admin_free(admin);
        return NULL;
    }
    PQsetNoticeReceiver(admin->conn, drop_notice, NULL);
    PQsetnonblocking(admin->conn, 1);
    return admin;
}

void pg_admin_free(pg_admin_t *admin)
{
    if (admin) {
        PQfinish(admin->conn);
        free(admin);
    }
}

int pg_admin_set_patience(pg_admin_t *admin, int patience_ms)
{
    assert(patience_ms > 0);
    int before = admin->patience_ms;
    admin->patience_ms = patience_ms;
    return before;
}

bool pg_admin_alive(const pg_admin_t *admin)
{
    return !admin->given_up && PQstatus(admin->conn) == CONNECTION_OK;
}

int pg_admin_version(const pg_admin_t *admin)
{
    return admin ? PQserverVersion(admin->conn) : 0;
}

int pg_admin_backend_pid(const pg_admin_t *admin)
{
    return PQbackendPID(admin->conn);
}

/* unix(7), SO_PEERCRED: of whoever called listen(2). */
int pg_admin_listener_pid(const pg_admin_t *admin)
{
    struct ucred peer = {0};
    struct sockaddr address = {0};
    socklen_t size = sizeof peer, address_size = sizeof address;
    int fd = PQsocket(admin->conn);
    bool local =
        fd >= 0 && getsockname(fd, &address, &address_size) == 0 && address.sa_family == AF_UNIX;
    return local && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

const char *pg_admin_display(const pg_admin_t *admin)
{
    return pg_target_display(admin->target);
}

/* Fills *err with "first line of the statement on host=…: reason". Returns false always. */
static bool fail(const pg_admin_t *admin, const char *sql, const char *reason, err_t *err)
{
    sql += strspn(sql, " \n");
    while (strncmp(sql, "--", 2) == 0) {
        sql += strcspn(sql, "\n");
        sql += strspn(sql, " \n");
    }
    char line[100];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(sql, "\n"), sql);
    secret_redact_cut(line, strlen(line));
    return err_set(err, ERR_RUN, "%s on %s: %s", line, pg_admin_display(admin), reason);
}

/* The server's words: "ERROR 42501: permission denied for schema public (detail; hint)". Where the
 * connection failed there is no SQLSTATE, and libpq's message is all there is. */
static bool fail_with_result(const pg_admin_t *admin, const char *sql, const PGresult *result,
                             err_t *err)
{
    buf_t words = {0};
    char reason[768];
    const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    if (sqlstate) {
        const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
        const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
        const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
        buf_printf(&words, "%s %s: %s%s%s%s%s", severity ? severity : "ERROR", sqlstate,
                   primary ? primary : "", detail ? "; " : "", detail ? detail : "",
                   hint ? "; " : "", hint ? hint : "");
    }
    err_line(reason, sizeof reason, sqlstate ? buf_text(&words) : PQerrorMessage(admin->conn));
    buf_free(&words);
    return fail(admin, sql, reason, err);
}

/* Waits until a result can be taken without blocking. False: the deadline has passed. A connection
 * that is lost meanwhile counts as a result: PQgetResult then says so. */
static bool await_result(pg_admin_t *admin, int64_t deadline_ns)
{
    for (;;) {
        int unsent = PQflush(admin->conn);
        if (unsent < 0 || !PQisBusy(admin->conn)) {
            return true;
        }
        int64_t left_ns = deadline_ns - clock_now_ns();
        if (left_ns <= 0) {
            return false;
        }
        short events = (short)(POLLIN | (unsent ? POLLOUT : 0));
        struct pollfd fd = {.fd = PQsocket(admin->conn), .events = events};
        int ready = poll(&fd, 1, (int)(left_ns / NS_PER_MS) + 1);
        if (ready < 0 && errno != EINTR) {
            return true;
        }
        if (ready > 0 && !PQconsumeInput(admin->conn)) {
            return true;
        }
    }
}

/* Takes every result of what was sent, until libpq has none left, and returns the last, or the
 * first that is an error. NULL: not answered in time. */
static PGresult *collect(pg_admin_t *admin)
{
    int64_t deadline_ns = admin->sent_ns + admin->patience_ms * NS_PER_MS;
    PGresult *kept = NULL;
    for (;;) {
        if (!await_result(admin, deadline_ns)) {
            admin->given_up = true;
            PQclear(kept);
            return NULL;
        }
        PGresult *next = PQgetResult(admin->conn);
        if (!next) {
            return kept;
        }
        if (!kept) {
            admin->received_ns = clock_now_ns();
        }
        if (kept && PQresultStatus(kept) == PGRES_FATAL_ERROR) {
            PQclear(next);
            continue;
        }
        PQclear(kept);
        kept = next;
        if (PQresultStatus(kept) == PGRES_COPY_IN || PQresultStatus(kept) == PGRES_COPY_OUT) {
            admin->given_up = true; /* not for this connection: nobody would move the data */
            return kept;
        }
    }
}

/* n_params below zero: `sql` may be several statements (the simple protocol). */
static PGresult *run(pg_admin_t *admin, const char *sql, int n_params, const char *const *params,
                     err_t *err)
{
    if (admin->given_up) {
        fail(admin, sql, "the connection was given up before", err);
        return NULL;
    }
    admin->sent_ns = clock_now_ns();
    int sent = n_params < 0
                   ? PQsendQuery(admin->conn, sql)
                   : PQsendQueryParams(admin->conn, sql, n_params, NULL, params, NULL, NULL, 0);
    if (!sent) {
        fail_with_result(admin, sql, NULL, err);
        return NULL;
    }
    PGresult *result = collect(admin);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
        return result;
    }
    if (!result && admin->given_up) {
        char reason[128];
        snprintf(reason, sizeof reason,
                 "no answer within %g s: the server is stopped, busy or out of reach",
                 admin->patience_ms / 1000.0);
        fail(admin, sql, reason, err);
    } else {
        fail_with_result(admin, sql, result, err);
    }
    PQclear(result);
    return NULL;
}

bool pg_admin_exec(pg_admin_t *admin, const char *sql, err_t *err)
{
    PGresult *result = run(admin, sql, -1, NULL, err);
    PQclear(result);
    return result != NULL;
}

pg_rows_t *pg_admin_query(pg_admin_t *admin, const char *sql, int n_params,
                          const char *const *params, err_t *err)
{
    pg_rows_t *rows = malloc(sizeof *rows);
    if (!rows) {
        fail(admin, sql, "out of memory", err);
        return NULL;
    }
    rows->result = run(admin, sql, n_params, params, err);
    if (!rows->result) {
        free(rows);
        return NULL;
    }
    return rows;
}

int pg_rows_count(const pg_rows_t *rows)
{
    return PQntuples(rows->result);
}

const char *pg_rows_cell(const pg_rows_t *rows, int row, int column)
{
    assert(row < PQntuples(rows->result) && column >= 0 && column < PQnfields(rows->result));
    return PQgetisnull(rows->result, row, column) ? NULL : PQgetvalue(rows->result, row, column);
}

const char *pg_rows_named(const pg_rows_t *rows, int row, const char *column)
{
    return pg_rows_cell(rows, row, PQfnumber(rows->result, column));
}

void pg_rows_free(pg_rows_t *rows)
{
    if (rows) {
        PQclear(rows->result);
        free(rows);
    }
}

bool pg_admin_value(pg_admin_t *admin, const char *sql, char *out, size_t size, err_t *err)
{
    pg_rows_t *rows = pg_admin_query(admin, sql, 0, NULL, err);
    if (!rows) {
        return false;
    }
    const char *cell = pg_rows_count(rows) > 0 ? pg_rows_cell(rows, 0, 0) : NULL;
    snprintf(out, size, "%s", cell ? cell : "");
    pg_rows_free(rows);
    return true;
}

/* libpq's memory is its own (PQfreemem); the caller is promised malloc's. */
static char *take(char *escaped)
{
    char *copy = escaped ? strdup(escaped) : NULL;
    PQfreemem(escaped);
    return copy;
}

char *pg_admin_quote_identifier(pg_admin_t *admin, const char *text)
{
    return take(PQescapeIdentifier(admin->conn, text, strlen(text)));
}

char *pg_admin_quote_literal(pg_admin_t *admin, const char *text)
{
    return take(PQescapeLiteral(admin->conn, text, strlen(text)));
}

bool pg_admin_clock(pg_admin_t *admin, pg_clock_sample_t *out, err_t *err)
{
    /* extract() gives a numeric (PostgreSQL 14): the product is exact. */
    static const char sql[] = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    char text[32];
    if (!pg_admin_value(admin, sql, text, sizeof text, err)) {
        return false;
    }
    out->sent_ns = admin->sent_ns;
    out->received_ns = admin->received_ns;
    out->server_unix_us = strtoll(text, NULL, 10);
    return true;
}

void pg_library_version(char *out, size_t size)
{
    int number = PQlibVersion();
    snprintf(out, size, "%d.%d", number / 10000, number % 10000);
}
