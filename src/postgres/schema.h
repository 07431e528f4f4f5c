/*
 * schema: the table, its trigger functions and triggers, and the publication: created, checked and
 * removed. What we make is listed in a JSON comment on the table (decision 12), and only what that
 * list names is ever removed. Blocking; one thread; over an admin connection.
 *
 * The SQL itself is in sql/ (files that psql can run) and is built into the binary.
 */
#ifndef CDCBENCH_POSTGRES_SCHEMA_H
#define CDCBENCH_POSTGRES_SCHEMA_H

#include "postgres/admin.h"

typedef struct {
    bool trigger_user;          /* trigger_record_user_update */
    bool trigger_columns;       /* trigger_record_change_info */
    bool replica_identity_full; /* else DEFAULT */
} schema_opts_t;

#define SCHEMA_TABLE       "transactions"
#define SCHEMA_PUBLICATION "cdcbench_transactions"
#define SCHEMA_SLOT_PREFIX "cdcbench_"

/* What stands in the way of a run, before anything is touched: server version (14 or later),
 * wal_level=logical, a free replication slot and WAL sender, a role that may replicate, create a publication
 * and create in the schema, a table or function or publication of our names that is not ours.
 * False with *err: ERR_RUN, what was found, what is needed, and the statement that mends it.
 * `need_wal_tap` false leaves the replication checks out (init, clean, taps none). */
bool schema_check(pg_admin_t *admin, bool need_wal_tap, err_t *err);

/* Creates what is missing (idempotent). With `fresh`, a table of ours is dropped and made again, so
 * that a run starts on an empty one. Never touches a table that is not ours (ERR_RUN). */
bool schema_create(pg_admin_t *admin, const schema_opts_t *opts, bool fresh, err_t *err);

/* Removes what we made: publication, table, triggers, functions, and replication slots of ours that are not
 * active. Idempotent. *removed counts the objects. */
bool schema_clean(pg_admin_t *admin, int *removed, err_t *err);

/* The server's settings that matter to a result, for the manifest: name, value pairs, in a fixed
 * order. Freed with pg_rows_free. */
pg_rows_t *schema_settings(pg_admin_t *admin, err_t *err);

#endif
