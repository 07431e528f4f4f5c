/*
 * watched: a table of somebody else's that is only listened to: found by its name, and published. A
 * publication that is there already is used as it is; else one is made, and dropped again. Its name
 * says which session made it (cdcbench_watch_PID_SECONDS, by pg_stat_activity's pid and
 * backend_start), so that one left behind by a kill is known by its session being gone.
 * Blocking; one thread; over an admin connection that stays open from attach to detach.
 */
#ifndef CDCBENCH_POSTGRES_WATCHED_H
#define CDCBENCH_POSTGRES_WATCHED_H

#include "postgres/admin.h"

#define WATCHED_NAME_MAX 64 /* NAMEDATALEN */

typedef struct {
    char schema[WATCHED_NAME_MAX], table[WATCHED_NAME_MAX];
    char publication[WATCHED_NAME_MAX];
    bool made; /* the publication, by us */
} watched_t;

/* Whether the text can be a table's name: what the server would not even look for is refused before
 * it is asked. False with *err (ERR_USAGE). */
bool watched_check_name(const char *table, err_t *err);

/* Finds the table ("schema.name", or a name on the search path; quoted as in SQL:
 * watched_check_name) and what stands in the way of listening to it (the wal tap's needs of
 * schema.h included); then takes `publication`, or makes one where that is NULL. It refuses to
 * publish a table without a replica identity: the server would refuse its owner's updates from then
 * on. False with *err (ERR_RUN), and nothing is changed: what was found, what is needed. */
bool watched_attach(pg_admin_t *admin, const char *table, const char *publication, watched_t *out,
                    err_t *err);

/* Drops the publication, if it was made. False with *err: what to do about it. */
bool watched_detach(pg_admin_t *admin, const watched_t *watched, err_t *err);

/* Drops what watchers that are gone have left; adds how many to *removed. False with *err. */
bool watched_reap(pg_admin_t *admin, int *removed, err_t *err);

#endif
