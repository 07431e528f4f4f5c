/*
 * schema_check: what stands in the way of a run, found before anything is touched. Blocking; one
 * thread; over an admin connection.
 */
#ifndef CDCBENCH_POSTGRES_SCHEMA_CHECK_H
#define CDCBENCH_POSTGRES_SCHEMA_CHECK_H

#include "postgres/schema.h"

/* A server that is too old (14 or later is needed) or a standby, no schema or no right to create in
 * it or to create a publication, a table, function or publication of our names that is not ours;
 * and with `need_wal_tap`: wal_level=logical, a free replication slot and WAL sender, a role that
 * may replicate (init, clean and taps none leave these out). False with *err: ERR_RUN, what was
 * found, what is needed, and the statement that mends it. */
bool schema_check(pg_admin_t *admin, const schema_opts_t *opts, bool need_wal_tap, err_t *err);

/* Of these only what reading changes from the WAL takes, whoever's the tables are. */
bool schema_check_replication(pg_admin_t *admin, err_t *err);

#endif
