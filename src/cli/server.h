/*
 * server: which PostgreSQL a run works on: the one that --dsn or libpq's environment names, or an
 * embedded one of its own; what the manifest says of it; and the removal of what cdcbench has made
 * there. Main thread.
 */
#ifndef CDCBENCH_CLI_SERVER_H
#define CDCBENCH_CLI_SERVER_H

#include "postgres/cluster/cluster.h"
#include "postgres/schema.h"
#include "report/files/run_json.h"
#include "run/pipeline/debezium.h"

typedef struct {
    pg_cluster_t *cluster; /* NULL: not ours */
    pg_target_t *target;
    pg_target_t *tap_target; /* NULL: as target */
    char version[128];
    pg_rows_t *settings;
    manifest_pair_t *pairs; /* over the cells of `settings` */
    size_t n_pairs;
} server_t;

/* The database of the servers that we start. */
#define SERVER_DATABASE "financial_db"

/* Whether --dsn or libpq's environment says which server is meant. */
bool server_is_named(const config_t *config);

/* Starts or finds it and asks what it is. False with *err; server_close is due either way. */
bool server_open(server_t *server, const config_t *config, err_t *err);

/* Its part of the manifest, borrowed from server; nothing where none is open. */
void server_describe(const server_t *server, manifest_t *manifest);

/* Stops and removes an embedded one (or, with config->server.keep, leaves it and says where it is).
 */
void server_close(server_t *server, const config_t *config);

/* Removes everything that cdcbench has made: in the database; and where the config says where
 * Connect and Kafka are, the connector and the topics there. What is not ours is passed over; with
 * CLEAN_OWN so are another run's connector and what a watch left behind. *removed counts what was
 * there. Blocking. False with *err. */
bool server_clean(const config_t *config, const pg_target_t *target, pg_admin_t *admin,
                  clean_t whose, int *removed, err_t *err);

#endif
