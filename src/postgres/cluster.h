/*
 * cluster: an embedded PostgreSQL: a throw-away cluster made with the installed server's initdb, run
 * as an unprivileged user where we are root, on loopback TCP (a free port) and a socket of its own,
 * with scram and a random password (decision 15). Blocking; main thread only.
 *
 * Each cluster lives in a folder of its own under pg_cluster_root(), with a file that names its owner
 * (pid and start time of the process); pg_cluster_reap stops and removes those whose owner is gone.
 */
#ifndef CDCBENCH_POSTGRES_CLUSTER_H
#define CDCBENCH_POSTGRES_CLUSTER_H

#include "base/err.h"

typedef struct pg_cluster pg_cluster_t;

typedef struct {
    const char *bin_dir;  /* where initdb and postgres are; NULL: look (pg_config, Debian's and other usual places, PATH; the newest) */
    const char *database; /* created in it: "financial_db" */
} pg_cluster_opts_t;

/* Makes and starts one, and waits until it answers. NULL with *err (ERR_RUN): no server found and how
 * to install one, or the last lines of its log. Nothing is left behind on failure. */
pg_cluster_t *pg_cluster_start(const pg_cluster_opts_t *opts, err_t *err);

const char *pg_cluster_dsn(const pg_cluster_t *cluster);     /* with its password; a registered secret */
const char *pg_cluster_version(const pg_cluster_t *cluster); /* "15.18 (Debian …)" */
const char *pg_cluster_dir(const pg_cluster_t *cluster);
int pg_cluster_pid(const pg_cluster_t *cluster);             /* the postmaster's */

/* The settings it was started with, "name=value" strings, NULL-terminated; constant data. */
const char *const *pg_cluster_settings(void);

/* Stops it (fast, then immediate) and removes its folder, or with `keep` leaves it running, owned by nobody. Frees the
 * handle. False with *err when something could not be removed. */
bool pg_cluster_stop(pg_cluster_t *cluster, bool keep, err_t *err);

/* Stops and removes what a crashed run left behind; the number of clusters, or −1 with *err. Kept clusters stay. */
int pg_cluster_reap(err_t *err);

#endif
