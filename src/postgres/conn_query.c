/* A single query and its one value. */
#include "postgres/conn_internal.h"

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
