/*
 * cluster: an embedded PostgreSQL: a throw-away cluster made with the installed server's initdb,
 * run as an unprivileged user where we are root, on a socket of its own and on loopback TCP (a free
 * port), with scram and a random password. Blocking; main thread only, before other threads are
 * started (it forks; and the server dies with the thread that started it).
 *
 * Each cluster lives in a folder of its own (postgres/cluster/cluster_dir.h) under
 * /var/tmp/cdcbench-UID, or the folder that CDCBENCH_CLUSTERS names, with a file that its owner
 * holds locked for as long as it lives. When the owner dies, the kernel stops the server (SIGQUIT);
 * pg_cluster_reap removes the folder.
 */
#ifndef CDCBENCH_POSTGRES_CLUSTER_CLUSTER_H
#define CDCBENCH_POSTGRES_CLUSTER_CLUSTER_H

#include "base/err.h"

typedef struct pg_cluster pg_cluster_t;

typedef struct {
    const char *bin_dir; /* where initdb and postgres are; NULL: look (pg_config, Debian's and other
                          * usual places, PATH; the newest) */
    const char
        *database; /* created in it: "financial_db"; NULL: only what initdb makes (postgres) */
    bool keep;     /* it goes on after us: pg_cluster_stop leaves it running, owned by nobody.
                    * (Said at the start: a server cannot be told later not to die with us. If
                    * we crash, it is reaped as any other.) */
    const char *const *extra_settings; /* "name=value", NULL-terminated, after pg_cluster_settings;
                                        * NULL: none */
} pg_cluster_opts_t;

/* Makes and starts one, and waits until it answers. NULL with *err (ERR_RUN): no server found and
 * how to install one, or the last lines of its log. Nothing is left behind on failure. */
pg_cluster_t *pg_cluster_start(const pg_cluster_opts_t *opts, err_t *err);

/* Over its socket; with its password, a registered secret. user=postgres, a superuser. */
const char *pg_cluster_dsn(const pg_cluster_t *cluster);
int pg_cluster_tcp_port(const pg_cluster_t *cluster); /* on 127.0.0.1, for those who need TCP */
/* A libpq password file (PGPASSFILE) in its folder, for whoever uses a kept server by hand; "" for
 * one that is not kept. */
const char *pg_cluster_passfile(const pg_cluster_t *cluster);
const char *pg_cluster_socket_dir(const pg_cluster_t *cluster); /* PGHOST, with the port above */
const char *pg_cluster_version(const pg_cluster_t *cluster);    /* "15.18 (Debian …)" */
const char *pg_cluster_dir(const pg_cluster_t *cluster);
int pg_cluster_pid(const pg_cluster_t *cluster); /* the postmaster's now; 0 when it does not run */

/* The settings it was started with, "name=value" strings, NULL-terminated; constant data. */
const char *const *pg_cluster_settings(void);

/* Stops it (fast, then immediate, then by SIGKILL) and removes its folder; a kept one is left
 * running. Frees the handle. False with *err when something could not be removed. NULL is allowed.
 */
bool pg_cluster_stop(pg_cluster_t *cluster, err_t *err);

/* Stops a kept one, named by its folder (pg_cluster_dir), and removes it. False with *err. */
bool pg_cluster_stop_kept(const char *dir, err_t *err);

/* Stops and removes what a crashed run left behind; the number of clusters, or −1 with *err. Kept
 * clusters stay. */
int pg_cluster_reap(err_t *err);

#endif
