#include "postgres/replication.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/lsn.h"

/* CREATE_REPLICATION_SLOT waits for every transaction that is older, however long it takes. */
#define COMMAND_MAX_S 60

struct pg_replication {
    PGconn *pg;
    char *slot;
    char *frame; /* the CopyData that pg_replication_next gave last; PQfreemem */
    uint64_t start_lsn;
    bool unsent; /* a part of a status update waits in libpq's buffer */
};

/* Always false: what was tried, and libpq's or the server's words for why not. */
static bool fail(const pg_replication_t *r, err_t *err, const char *tried, const char *words)
{
    char text[sizeof(err->text)];
    err_line(text, sizeof(text), words);
    return err_set(err, ERR_RUN, "replication slot %s: %s: %s", r->slot, tried, text);
}

/* ---- opening, which may block ---------------------------------------------------------------- */

/* Doubles `mark` in name, and puts it around: an identifier with '"', a literal with '\''. The
 * replication grammar knows no other escape, so PQescapeLiteral's E'' would not do. */
static bool put_quoted(buf_t *buf, const char *name, char mark)
{
    if (!buf_put(buf, &mark, 1)) {
        return false;
    }
    for (; *name; name++) {
        if ((*name == mark && !buf_put(buf, &mark, 1)) || !buf_put(buf, name, 1)) {
            return false;
        }
    }
    return buf_put(buf, &mark, 1);
}

/* Waits until PQgetResult would not block, or the time is up. */
static bool await_result(pg_replication_t *r, err_t *err, const char *tried)
{
    int64_t until_ns = clock_now_ns() + COMMAND_MAX_S * NS_PER_S;
    while (PQisBusy(r->pg)) {
        int64_t wait_ms = (until_ns - clock_now_ns()) / NS_PER_MS;
        struct pollfd fd = {.fd = PQsocket(r->pg), .events = POLLIN};
        if (wait_ms <= 0) {
            return err_set(err, ERR_RUN,
                           "replication slot %s: %s: no answer in %d s; a slot is made only once "
                           "every transaction older than it has ended: look for one in "
                           "pg_stat_activity, by xact_start, and end it",
                           r->slot, tried, COMMAND_MAX_S);
        }
        if (poll(&fd, 1, (int)wait_ms) < 0 && errno != EINTR) {
            return fail(r, err, tried, strerror(errno));
        }
        if ((fd.revents || fd.fd < 0) && !PQconsumeInput(r->pg)) {
            return fail(r, err, tried, PQerrorMessage(r->pg));
        }
    }
    return true;
}

/* Sends a replication command; its result, which the caller clears, where it has the status wanted.
 */
static PGresult *command(pg_replication_t *r, const char *sql, ExecStatusType wanted,
                         const char *tried, err_t *err)
{
    if (!PQsendQuery(r->pg, sql)) {
        fail(r, err, tried, PQerrorMessage(r->pg));
        return NULL;
    }
    if (!await_result(r, err, tried)) {
        return NULL;
    }
    PGresult *result = PQgetResult(r->pg);
    if (PQresultStatus(result) != wanted) {
        fail(r, err, tried, PQresultErrorMessage(result));
        PQclear(result);
        return NULL;
    }
    return result;
}

static bool create_slot(pg_replication_t *r, err_t *err)
{
    const char *tried = "could not be created";
    buf_t sql = {0};
    PGresult *result = NULL;
    bool ok = buf_puts(&sql, "CREATE_REPLICATION_SLOT ") && put_quoted(&sql, r->slot, '"') &&
              buf_puts(&sql, " TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT");
    if (!ok) {
        fail(r, err, tried, "memory is out");
        goto out;
    }
    result = command(r, buf_text(&sql), PGRES_TUPLES_OK, tried, err);
    ok = result != NULL;
    if (!ok) {
        goto out;
    }
    /* slot_name, consistent_point, snapshot_name, output_plugin */
    if (PQntuples(result) != 1 || PQnfields(result) < 2 ||
        !lsn_parse(PQgetvalue(result, 0, 1), &r->start_lsn)) {
        ok = fail(r, err, tried, "the server's answer has no consistent point");
        goto out;
    }
    for (PGresult *rest; (rest = PQgetResult(r->pg)) != NULL;) {
        PQclear(rest); /* the end of the command, already on its way */
    }
out:
    PQclear(result);
    buf_free(&sql);
    return ok;
}

static bool start_streaming(pg_replication_t *r, const char *publication, err_t *err)
{
    const char *tried = "could not be streamed";
    buf_t names = {0}, sql = {0}; /* the option is a literal that holds a list of identifiers */
    PGresult *result = NULL;
    bool ok = put_quoted(&names, publication, '"') && buf_puts(&sql, "START_REPLICATION SLOT ") &&
              put_quoted(&sql, r->slot, '"') &&
              buf_puts(&sql, " LOGICAL 0/0 (proto_version '1', publication_names ") &&
              put_quoted(&sql, buf_text(&names), '\'') && buf_puts(&sql, ")");
    if (ok) {
        result = command(r, buf_text(&sql), PGRES_COPY_BOTH, tried, err);
        ok = result != NULL;
    } else {
        fail(r, err, tried, "memory is out");
    }
    PQclear(result);
    buf_free(&names);
    buf_free(&sql);
    return ok;
}

/* libpq's own receiver prints to stderr. */
static void drop_notice(void *ctx, const PGresult *notice)
{
    (void)ctx;
    (void)notice;
}

static bool connect_walsender(pg_replication_t *r, const pg_target_t *target, err_t *err)
{
    r->pg = PQconnectdbParams(pg_target_keywords(target, true), pg_target_values(target, true), 0);
    if (PQstatus(r->pg) == CONNECTION_OK) {
        PQsetNoticeReceiver(r->pg, drop_notice, NULL);
        return true;
    }
    return fail(r, err, "could not connect in replication mode",
                r->pg ? PQerrorMessage(r->pg) : "memory is out");
}

static pg_replication_t *open_slot(const pg_target_t *target, const char *slot, bool existing,
                                   const char *publication, err_t *err)
{
    pg_replication_t *r = calloc(1, sizeof(*r));
    if (!r || !(r->slot = strdup(slot))) {
        err_set(err, ERR_RUN, "replication slot %s: memory is out", slot);
        goto fail;
    }
    if (!connect_walsender(r, target, err) || (!existing && !create_slot(r, err)) ||
        !start_streaming(r, publication, err)) {
        goto fail;
    }
    if (PQsetnonblocking(r->pg, 1) != 0) {
        fail(r, err, "could not be made non-blocking", PQerrorMessage(r->pg));
        goto fail;
    }
    return r;
fail:
    pg_replication_close(r);
    return NULL;
}

pg_replication_t *pg_replication_open(const pg_target_t *target, const char *slot,
                                      const char *publication, err_t *err)
{
    return open_slot(target, slot, false, publication, err);
}

pg_replication_t *pg_replication_open_existing(const pg_target_t *target, const char *slot,
                                               const char *publication, err_t *err)
{
    return open_slot(target, slot, true, publication, err);
}

void pg_replication_close(pg_replication_t *r)
{
    if (r) {
        PQfreemem(r->frame);
        PQfinish(r->pg); /* the walsender takes Terminate in mid-stream, and drops the slot */
        free(r->slot);
        free(r);
    }
}

uint64_t pg_replication_start_lsn(const pg_replication_t *r)
{
    return r->start_lsn;
}

int pg_replication_fd(const pg_replication_t *r)
{
    return PQsocket(r->pg);
}

const char *pg_replication_slot(const pg_replication_t *r)
{
    return r->slot;
}

int pg_replication_backend_pid(const pg_replication_t *r)
{
    return PQbackendPID(r->pg);
}

/* ---- streaming, which does not --------------------------------------------------------------- */

static const char lost[] = "the connection was lost";

bool pg_replication_read(pg_replication_t *r, err_t *err)
{
    return PQconsumeInput(r->pg) || fail(r, err, lost, PQerrorMessage(r->pg));
}

/* PQgetCopyData said that the stream is over: why. Does not wait for what has not come. */
static bool stream_ended(pg_replication_t *r, err_t *err)
{
    PGresult *result = PQisBusy(r->pg) ? NULL : PQgetResult(r->pg);
    bool refused = PQresultStatus(result) == PGRES_FATAL_ERROR;
    fail(r, err, "the stream ended",
         refused && result ? PQresultErrorMessage(result) : "the server has nothing more to send");
    PQclear(result);
    return false;
}

bool pg_replication_encrypted(const pg_replication_t *r)
{
    return PQsslInUse(r->pg) || PQgssEncInUse(r->pg);
}

bool pg_replication_next(pg_replication_t *r, const char **bytes, size_t *len, err_t *err)
{
    PQfreemem(r->frame);
    r->frame = NULL;
    *bytes = NULL;
    *len = 0;
    int got = PQgetCopyData(r->pg, &r->frame, 1);
    if (got == 0 && pg_replication_encrypted(r)) {
        /* A read may leave a part of a record inside the TLS library, where poll sees nothing. */
        if (!pg_replication_read(r, err)) {
            return false;
        }
        got = PQgetCopyData(r->pg, &r->frame, 1);
    }
    if (got > 0) {
        *bytes = r->frame;
        *len = (size_t)got;
        return true;
    }
    if (got == 0) {
        return true;
    }
    return got == -1 ? stream_ended(r, err) : fail(r, err, lost, PQerrorMessage(r->pg));
}

bool pg_replication_confirm(pg_replication_t *r, uint64_t flushed, int64_t now_unix_us, err_t *err)
{
    char status[WAL_STATUS_LEN];
    wal_status_encode(status, flushed, flushed, flushed, now_unix_us, false);
    if (PQputCopyData(r->pg, status, sizeof(status)) != 1) {
        return fail(r, err, lost, PQerrorMessage(r->pg));
    }
    return pg_replication_flush(r, err);
}

bool pg_replication_wants_write(const pg_replication_t *r)
{
    return r->unsent;
}

bool pg_replication_flush(pg_replication_t *r, err_t *err)
{
    int left = PQflush(r->pg);
    r->unsent = left == 1;
    return left >= 0 || fail(r, err, lost, PQerrorMessage(r->pg));
}
