/*
 * target: which server, and how to get there: a connection string (or the libpq environment), made
 * into the keyword arrays that libpq takes, and into text that may be shown. Made at start-up by
 * one thread; then only read. The passwords in it become known as secrets (base/secret.h).
 */
#ifndef CDCBENCH_POSTGRES_TARGET_H
#define CDCBENCH_POSTGRES_TARGET_H

#include <stdbool.h>

#include "base/err.h"

typedef struct pg_target pg_target_t;

/* From a DSN (URI or keyword form); NULL or "": libpq's environment and defaults. The caller owns
 * the result. NULL with *err (ERR_USAGE) when libpq cannot parse it; the message holds no password.
 */
pg_target_t *pg_target_new(const char *dsn, err_t *err);
void pg_target_free(pg_target_t *target);

/* For messages and run.json: "host=… port=… dbname=… user=…", never a password. Owned by target. */
const char *pg_target_display(const pg_target_t *target);

/* What the DSN says of a keyword ("host", "port", "dbname", "user", "password"), else the
 * environment, else libpq's default; NULL when none says anything. For telling others (Debezium)
 * where the server is: mind that "password" is one. Owned by target. */
const char *pg_target_get(const pg_target_t *target, const char *keyword);

/* libpq's parallel arrays (NULL-terminated, for PQconnectdbParams with expand_dbname 0), for an
 * ordinary connection or one in replication mode (replication=database). Both carry
 * application_name=cdcbench, TimeZone UTC, DateStyle ISO, IntervalStyle and client_encoding UTF8;
 * and, unless the DSN or the environment says else, connect_timeout 10 and what makes libpq notice
 * a host that is gone: keepalives after 10 s, tcp_user_timeout 60 s. Owned by target. */
const char *const *pg_target_keywords(const pg_target_t *target, bool replication);
const char *const *pg_target_values(const pg_target_t *target, bool replication);

#endif
