/*
 * server: the PostgreSQL that a test program starts for itself: an embedded cluster in a root of
 * its own, a target for it, and an ordinary session to prepare and to look with. Whatever fails,
 * fails the test.
 */
#ifndef CDCBENCH_TESTS_SERVER_H
#define CDCBENCH_TESTS_SERVER_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "embedded.h"
#include "postgres/target.h"

/* How long a test waits for what must come; only a failing test waits that long. */
#define SERVER_PATIENCE_MS 30000

typedef struct {
    const char *root;
    pg_cluster_t *cluster;
    pg_target_t *target;
    pg_admin_t *admin;
} server_t;

static inline pg_admin_t *server_connect(const server_t *server)
{
    err_t err = {0};
    pg_admin_t *admin = pg_admin_connect(server->target, &err);
    if (!admin) {
        fail_msg("%s", err.text);
    }
    return admin;
}

static inline void server_exec_on(pg_admin_t *admin, const char *sql)
{
    err_t err = {0};
    if (!pg_admin_exec(admin, sql, &err)) {
        fail_msg("%s", err.text);
    }
}

static inline void server_exec(const server_t *server, const char *sql)
{
    server_exec_on(server->admin, sql);
}

/* One value, as text, in memory that the next call uses again. */
static inline const char *server_value(const server_t *server, const char *sql)
{
    static char value[512];
    err_t err = {0};
    if (!pg_admin_value(server->admin, sql, value, sizeof(value), &err)) {
        fail_msg("%s", err.text);
    }
    return value;
}

static inline long server_number(const server_t *server, const char *sql)
{
    return strtol(server_value(server, sql), NULL, 10);
}

/* Ends a backend, and waits until it is gone. */
static inline void server_terminate(const server_t *server, int pid)
{
    char sql[80];
    snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d, %d)", pid, SERVER_PATIENCE_MS);
    assert_string_equal(server_value(server, sql), "t");
}

/* Waits until a query's answer is "t". */
static inline void server_await(const server_t *server, const char *sql)
{
    for (int waited_ms = 0; waited_ms < SERVER_PATIENCE_MS; waited_ms += 2) {
        if (server_value(server, sql)[0] == 't') {
            return;
        }
        server_exec(server, "SELECT pg_sleep(0.002)");
    }
    fail_msg("still not true: %s", sql);
}

static inline int server_start(server_t *server)
{
    err_t err = {0};
    server->root = embedded_root();
    server->cluster = embedded_start(NULL);
    server->target = server->cluster ? pg_target_new(pg_cluster_dsn(server->cluster), &err) : NULL;
    server->admin = server->target ? pg_admin_connect(server->target, &err) : NULL;
    if (!server->admin) {
        fprintf(stderr, "%s\n", err.text);
    }
    return server->admin ? 0 : -1;
}

static inline int server_stop(server_t *server)
{
    err_t err = {0};
    pg_admin_free(server->admin);
    pg_target_free(server->target);
    if (!pg_cluster_stop(server->cluster, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return rmdir(server->root);
}

#endif
