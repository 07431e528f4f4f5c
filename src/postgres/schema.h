/*
 * schema: a run's tables, their trigger functions and triggers, and the publication: created and
 * removed; and beforehand, what stands in the way. What we make is listed in a JSON
 * comment on each table, and only what such a list names is ever removed. They are made in the
 * session's current schema. Blocking; one thread; over an admin connection.
 *
 * The SQL itself is in sql/ (files that psql can run), written for `transactions`, and is built
 * into the binary; for another table its name is put in that one's place.
 */
#ifndef CDCBENCH_POSTGRES_SCHEMA_H
#define CDCBENCH_POSTGRES_SCHEMA_H

#include "postgres/admin.h"

typedef struct {
    const char *name;           /* a lower-case identifier, as SQL folds it */
    const char *create_sql;     /* one or more statements; NULL: sql/table.sql, `transactions` */
    bool trigger_user;          /* trigger_record_user_update */
    bool trigger_columns;       /* trigger_record_change_info */
    bool replica_identity_full; /* else DEFAULT */
} schema_table_t;

typedef struct {
    const schema_table_t *tables;
    size_t n; /* at least one */
} schema_opts_t;

#define SCHEMA_PUBLICATION "cdcbench_transactions"
#define SCHEMA_SLOT_PREFIX "cdcbench_"

/* A server that is too old (14 or later is needed) or a standby, no schema or no right to create in
 * it or to create a publication, a table, function or publication of our names that is not ours;
 * and with `need_wal_tap`: wal_level=logical, a free replication slot and WAL sender, a role that
 * may replicate (init, clean and taps none leave these out). False with *err: ERR_RUN, what was
 * found, what is needed, and the statement that mends it. */
bool schema_check(pg_admin_t *admin, const schema_opts_t *opts, bool need_wal_tap, err_t *err);

/* Of these only what reading changes from the WAL takes, whoever's the tables are. */
bool schema_check_replication(pg_admin_t *admin, err_t *err);

/* Makes tables, triggers, publication (of these tables alone) and replica identities be as *opts
 * says, in one transaction: a failure leaves what was there. Idempotent. A table of ours keeps its
 * rows, or with `fresh` is dropped and made again, so that a run starts on an empty one; a trigger
 * of ours that *opts leaves out is dropped; a table of ours that *opts does not name is left as it
 * is. Never touches what is not ours: where something else has one of our names, that is ERR_RUN
 * and nothing is changed. */
bool schema_create(pg_admin_t *admin, const schema_opts_t *opts, bool fresh, err_t *err);

/* Removes what we made: triggers, publication, every table, functions (but for one that something
 * else uses by now), in one transaction; then replication slots of ours in this database that are
 * not active. Idempotent; what is not ours is passed over. *removed counts the objects and the
 * slots.
 */
bool schema_clean(pg_admin_t *admin, int *removed, err_t *err);

/* A note of what was made outside of the database (topics, one a line), kept as the publication's
 * comment: whoever cleans up asks for it. `schema_create` makes the publication anew and so forgets
 * it: read it before. schema_noted gives "" where there is none, cut at size. False with *err. */
#define SCHEMA_NOTE_MAX 4096
bool schema_note(pg_admin_t *admin, const char *text, err_t *err);
bool schema_noted(pg_admin_t *admin, char *out, size_t size, err_t *err);

/* A slot of ours: whether a walsender has it now, and its removal (one that is not there is no
 * error). False with *err. */
bool schema_slot_active(pg_admin_t *admin, const char *slot, bool *active, err_t *err);
bool schema_drop_slot(pg_admin_t *admin, const char *slot, err_t *err);

/* The server's settings that matter to a result, for the manifest: name, value pairs, in a fixed
 * order; a value is NULL where the server has no such setting. Freed with pg_rows_free. */
pg_rows_t *schema_settings(pg_admin_t *admin, err_t *err);

#endif
