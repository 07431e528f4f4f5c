/* Connecting, and what a fresh session needs, in one round trip: one pipeline of the identity query
 * and a Parse for each statement. And a single query with its one value, outside of any load. */
#include "postgres/conn_internal.h"

#include <stdio.h>
#include <stdlib.h>

/* A pid can come back after a restart; a pid and a start time cannot. Our statements find their
 * rows by the key, whatever their parameters: left to itself the server plans each of them anew
 * five times, and an UPDATE over an array of 2,000 keys as a join that reads the whole table. */
static const char identity_sql[] = "SELECT pid, backend_start, current_user, "
                                   "set_config('plan_cache_mode', 'force_generic_plan', false) "
                                   "FROM pg_stat_activity WHERE pid = pg_backend_pid()";

static bool send_setup(pg_conn_t *c)
{
    if (PQsetnonblocking(c->pg, 1) != 0 || !PQenterPipelineMode(c->pg) ||
        !PQsendQueryParams(c->pg, identity_sql, 0, NULL, NULL, NULL, NULL, 0)) {
        return false;
    }
    for (int i = 0; i < c->opts.n_statements; i++) {
        const pg_statement_t *statement = &c->opts.statements[i];
        if (!PQsendPrepare(c->pg, statement->name, statement->sql, statement->n_params, NULL)) {
            return false;
        }
    }
    return PQpipelineSync(c->pg) == 1;
}

void conn_setup_step(pg_conn_t *c, bool readable, bool writable)
{
    if (!(c->polling == PGRES_POLLING_READING ? readable : writable)) {
        return;
    }
    c->polling = PQconnectPoll(c->pg);
    if (c->polling == PGRES_POLLING_FAILED) {
        conn_lose(c, NULL);
    } else if (c->polling == PGRES_POLLING_OK) {
        conn_move(c, PG_SETUP);
        if (!send_setup(c)) {
            conn_break(c);
            return;
        }
        conn_flush(c);
    }
}

static void take_identity(pg_conn_t *c, const PGresult *result)
{
    if (PQntuples(result) == 1 && PQnfields(result) == 4) {
        c->backend_pid = atoi(PQgetvalue(result, 0, 0));
        snprintf(c->backend_start, sizeof(c->backend_start), "%s", PQgetvalue(result, 0, 1));
        snprintf(c->user, sizeof(c->user), "%s", PQgetvalue(result, 0, 2));
    }
}

void conn_setup_result(pg_conn_t *c, PGresult *result)
{
    switch (result ? PQresultStatus(result) : PGRES_COMMAND_OK) {
    case PGRES_TUPLES_OK:
        take_identity(c, result);
        break;
    case PGRES_COMMAND_OK: /* a statement is prepared, or NULL: a command's results are complete */
        break;
    case PGRES_PIPELINE_SYNC:
        conn_push(c, PG_EVENT_READY);
        conn_move(c, PG_IDLE);
        break;
    default:
        /* Without its statements a session is of no use: its error is the connection's end. */
        if (conn_note_error(c, result, -1)) {
            c->fault.fatal = true;
            conn_lose(c, NULL);
        }
    }
}

/* --- a single query -----------------------------------------------------------------------------
 */

bool pg_conn_query(pg_conn_t *c, const char *sql, int n_params, const char *const *values)
{
    if (c->state != PG_IDLE || !conn_pipeline_mode(c, false)) {
        return false;
    }
    conn_begin(c);
    conn_move(c, PG_QUERYING);
    if (!PQsendQueryParams(c->pg, sql, n_params, NULL, values, NULL, NULL, 0)) {
        conn_break(c);
        return false;
    }
    return conn_flush(c);
}

static void end_query(pg_conn_t *c)
{
    bool answered = !c->fault.noted && c->value && PQntuples(c->value) > 0 &&
                    PQnfields(c->value) > 0 && !PQgetisnull(c->value, 0, 0);
    const char *value = answered ? PQgetvalue(c->value, 0, 0) : NULL;
    conn_end(c, PG_EVENT_VALUE)->value = value;
}

void conn_query_result(pg_conn_t *c, PGresult *result)
{
    if (!result) {
        end_query(c);
        return;
    }
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
        PQclear(c->value);
        c->value = result;
        return;
    case PGRES_COMMAND_OK:
        c->rows = conn_tag_rows(result);
        break;
    case PGRES_FATAL_ERROR:
        (void)conn_note_error(c, result, -1);
        break;
    default:
        conn_lose(c, "the server answered a query with something else");
    }
    PQclear(result);
}
