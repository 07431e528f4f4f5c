/*
 * cluster_dir: the folder of one embedded cluster, under a root folder that belongs to us alone:
 *
 *   /var/tmp/cdcbench-UID/     or CDCBENCH_CLUSTERS
 *     pg-AbCdEf/
 *       owner                  held locked (flock) while its owner lives; "kept" in it: nobody's
 *       log                    what initdb and the server print
 *       data/                  the cluster, and
 *       run/                   its socket: both belong to the user that the server runs as
 *
 * The kernel lets go of the lock however the owner ends, so that no crash leaves a folder that
 * looks alive; a lock on the root keeps a folder that is being made from being taken for a
 * left-over. Blocking; main thread.
 */
#ifndef CDCBENCH_POSTGRES_CLUSTER_CLUSTER_DIR_H
#define CDCBENCH_POSTGRES_CLUSTER_CLUSTER_DIR_H

#include "base/err.h"
#include "postgres/cluster/process.h"

/* The root is short enough for the path of a socket (107 bytes), and all of these are below it. */
#define CLUSTER_PATH_MAX 128

typedef struct {
    char path[CLUSTER_PATH_MAX];
    char data[CLUSTER_PATH_MAX];
    char run[CLUSTER_PATH_MAX];
    int owner_fd;
} cluster_dir_t;

/* Makes one, owned by this process. False with *err (ERR_RUN), and nothing left. */
bool cluster_dir_make(cluster_dir_t *dir, const process_user_t *user, err_t *err);

/* Makes a file in it that only the server's user may read. */
bool cluster_dir_put(const cluster_dir_t *dir, const char *name, const char *text,
                     const process_user_t *user, err_t *err);

/* Gives it up: nobody's from now on, and left alone by every reap. */
bool cluster_dir_keep(cluster_dir_t *dir, err_t *err);

/* Removes it with all that is in it, following no link, and gives it up. */
bool cluster_dir_remove(cluster_dir_t *dir, err_t *err);

/* Removes those whose owner is gone, each after stop(its data folder). The number of them, or −1
 * with *err when one could not be removed (the others are, all the same). */
int cluster_dir_reap(void (*stop)(const char *data_dir), err_t *err);

/* Removes a kept one, by its path, after stop(its data folder). False with *err: ERR_USAGE for a
 * path that is none of these folders, ERR_RUN for one that is not kept or cannot be removed. */
bool cluster_dir_remove_kept(const char *path, void (*stop)(const char *data_dir), err_t *err);

#endif
