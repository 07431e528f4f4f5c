/*
 * installation: a PostgreSQL server that is installed on this machine: where its programs are, and
 * its version. Blocking; main thread.
 */
#ifndef CDCBENCH_POSTGRES_CLUSTER_INSTALLATION_H
#define CDCBENCH_POSTGRES_CLUSTER_INSTALLATION_H

#include <limits.h>

#include "base/err.h"

typedef struct {
    char bin_dir[PATH_MAX]; /* initdb and postgres are there */
    char version[128];      /* as the server says it: "15.20 (Debian 15.20-0+deb12u1)" */
    int number;             /* 1520; 0: none */
} installation_t;

/* The one in bin_dir; with NULL the newest of those that pg_config, the usual folders of Debian, of
 * the PostgreSQL project's packages and of its sources, and PATH lead to. Version 14 or later.
 * False with *err (ERR_RUN): where it was looked for and how to install one. */
bool installation_find(const char *bin_dir, installation_t *out, err_t *err);

#endif
