/*
 * embedded: a real server for the tests of what talks to one, in a root folder of the test's own,
 * so that no other cluster of this machine is touched. A test program that finds no server fails.
 */
#ifndef CDCBENCH_TESTS_EMBEDDED_H
#define CDCBENCH_TESTS_EMBEDDED_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "postgres/admin.h"
#include "postgres/cluster/cluster.h"

/* Names the root folder; call first. */
static inline const char *embedded_root(void)
{
    static char root[64];
    snprintf(root, sizeof root, "/var/tmp/cdcbench-test-%d", (int)getpid());
    setenv("CDCBENCH_CLUSTERS", root, 1);
    return root;
}

/* NULL when it cannot be started: the reason is on stderr. */
static inline pg_cluster_t *embedded_start(const char *const *extra_settings)
{
    err_t err = {0};
    pg_cluster_opts_t opts = {.database = "financial_db", .extra_settings = extra_settings};
    pg_cluster_t *cluster = pg_cluster_start(&opts, &err);
    if (!cluster) {
        fprintf(stderr, "%s\n", err.text);
    }
    return cluster;
}

/* A connection as `user` (NULL: the superuser) to `database` (NULL: financial_db). The target is
 * kept until the process ends. NULL with the reason on stderr. */
static inline pg_admin_t *embedded_connect(const pg_cluster_t *cluster, const char *user,
                                           const char *database)
{
    static pg_target_t *targets[64];
    static int n_targets;
    err_t err = {0};
    char dsn[512];
    snprintf(dsn, sizeof dsn, "%s dbname=%s user=%s", pg_cluster_dsn(cluster),
             database ? database : "financial_db", user ? user : "postgres");
    targets[n_targets] = pg_target_new(dsn, &err);
    pg_admin_t *admin = targets[n_targets] ? pg_admin_connect(targets[n_targets], &err) : NULL;
    n_targets++;
    if (!admin) {
        fprintf(stderr, "%s\n", err.text);
    }
    return admin;
}

#endif
