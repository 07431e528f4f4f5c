#include "run/control/ddl.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "postgres/admin.h"

struct ddl {
    work_t *work;
    int64_t at_ns, done_ns;
    int stop_fd;
    pthread_t thread;
};

/* False: it was stopped before. */
static bool wait_until(const ddl_t *ddl)
{
    struct pollfd stop = {.fd = ddl->stop_fd, .events = POLLIN};
    for (int64_t left_ns; (left_ns = ddl->at_ns - clock_now_ns()) > 0;) {
        int64_t left_ms = left_ns / NS_PER_MS + 1;
        if (poll(&stop, 1, left_ms < 1000 ? (int)left_ms : 1000) > 0)
            return false;
    }
    return poll(&stop, 1, 0) == 0;
}

/* A statement a table: it holds one lock at a time, and so cannot wait in a circle with
 * transactions over several tables. New transactions queue behind it, so it does not wait for long.
 */
static bool add_column(pg_admin_t *admin, const char *table, err_t *err)
{
    buf_t sql = {0};
    bool done =
        buf_printf(
            &sql,
            "SET lock_timeout = '5s'; ALTER TABLE \"%s\" ADD COLUMN IF NOT EXISTS " DDL_COLUMN
            " text",
            table)
            ? pg_admin_exec(admin, buf_text(&sql), err)
            : err_set(err, ERR_RUN, "out of memory");
    buf_free(&sql);
    return done || err_wrap(err, "--ddl-at: adding a column to table %s", table);
}

static void *run(void *arg)
{
    ddl_t *ddl = arg;
    err_t err = {0};
    const tables_t *tables = &ddl->work->scenario->tables;
    if (!wait_until(ddl))
        return NULL;
    pg_admin_t *admin = pg_admin_connect(ddl->work->target, &err);
    bool done = admin != NULL;
    for (uint32_t t = 0; done && t < tables->n; t++)
        done = add_column(admin, tables->use[t].table->name, &err);
    pg_admin_free(admin);
    if (done) {
        ddl->done_ns = clock_now_ns();
        log_info("column " DDL_COLUMN " was added to %u table%s", tables->n,
                 tables->n == 1 ? "" : "s");
    } else {
        work_fail(ddl->work, &err);
    }
    return NULL;
}

ddl_t *ddl_start(work_t *work, int64_t at_ns, err_t *err)
{
    ddl_t *ddl = calloc(1, sizeof *ddl);
    if (ddl == NULL) {
        err_set(err, ERR_RUN, "--ddl-at: out of memory");
        return NULL;
    }
    ddl->work = work;
    ddl->at_ns = at_ns;
    ddl->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int failed = ddl->stop_fd < 0 ? EMFILE : pthread_create(&ddl->thread, NULL, run, ddl);
    if (failed == 0)
        return ddl;
    err_set(err, ERR_RUN, "--ddl-at: a thread could not be started: %s", strerror(failed));
    if (ddl->stop_fd >= 0)
        close(ddl->stop_fd);
    free(ddl);
    return NULL;
}

int64_t ddl_stop(ddl_t *ddl)
{
    if (ddl == NULL)
        return 0;
    eventfd_write(ddl->stop_fd, 1);
    pthread_join(ddl->thread, NULL);
    int64_t done_ns = ddl->done_ns;
    close(ddl->stop_fd);
    free(ddl);
    return done_ns;
}
