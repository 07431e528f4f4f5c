#include "cli/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "postgres/watched.h"

bool server_is_named(const config_t *config)
{
    return config->server.dsn != NULL || getenv("PGHOST") != NULL || getenv("PGHOSTADDR") != NULL ||
           getenv("PGSERVICE") != NULL;
}

static bool start_embedded(server_t *server, const config_t *config, err_t *err)
{
    int reaped = pg_cluster_reap(err);
    if (reaped < 0)
        return false;
    if (reaped > 0)
        log_info("removed %d throw-away server%s that an earlier run left behind", reaped,
                 reaped == 1 ? "" : "s");
    log_info("starting a throw-away PostgreSQL (no --dsn, no PGHOST)");
    pg_cluster_opts_t opts = {
        .bin_dir = config->server.pg_bin, .database = SERVER_DATABASE, .keep = config->server.keep};
    server->cluster = pg_cluster_start(&opts, err);
    return server->cluster != NULL;
}

static bool ask(server_t *server, err_t *err)
{
    pg_admin_t *admin = pg_admin_connect(server->target, err);
    if (admin == NULL)
        return false;
    bool good =
        pg_admin_value(admin, "SHOW server_version", server->version, sizeof server->version, err);
    if (good)
        server->settings = schema_settings(admin, err);
    pg_admin_free(admin);
    if (server->settings == NULL)
        return false;
    size_t n = (size_t)pg_rows_count(server->settings);
    server->pairs = calloc(n + 1, sizeof *server->pairs);
    if (server->pairs == NULL)
        return err_set(err, ERR_RUN, "out of memory");
    for (size_t i = 0; i < n; i++) {
        server->pairs[i].name = pg_rows_cell(server->settings, (int)i, 0);
        server->pairs[i].value = pg_rows_cell(server->settings, (int)i, 1);
    }
    server->n_pairs = n;
    return true;
}

bool server_open(server_t *server, const config_t *config, err_t *err)
{
    memset(server, 0, sizeof *server);
    if (!server_is_named(config) && !start_embedded(server, config, err))
        return false;
    const char *dsn =
        server->cluster != NULL ? pg_cluster_dsn(server->cluster) : config->server.dsn;
    server->target = pg_target_new(dsn, err);
    if (config->server.tap_dsn != NULL && server->target != NULL)
        server->tap_target = pg_target_new(config->server.tap_dsn, err);
    return server->target != NULL &&
           (config->server.tap_dsn == NULL || server->tap_target != NULL) && ask(server, err);
}

void server_describe(const server_t *server, manifest_t *manifest)
{
    if (server->target == NULL)
        return;
    manifest->server_display = pg_target_display(server->target);
    manifest->server_version = server->version;
    manifest->embedded = server->cluster != NULL;
    manifest->embedded_settings = server->cluster != NULL ? pg_cluster_settings() : NULL;
    manifest->server_settings = server->pairs;
    manifest->n_server_settings = server->n_pairs;
}

void server_close(server_t *server, const config_t *config)
{
    err_t err = {0};
    free(server->pairs);
    pg_rows_free(server->settings);
    if (server->cluster != NULL && config->server.keep)
        log_info("kept: the server of this run; psql reaches it with PGHOST=%s PGPORT=%d "
                 "PGUSER=postgres PGDATABASE=%s PGPASSFILE=%s; cdcbench server stop %s removes it",
                 pg_cluster_socket_dir(server->cluster), pg_cluster_tcp_port(server->cluster),
                 SERVER_DATABASE, pg_cluster_passfile(server->cluster),
                 pg_cluster_dir(server->cluster));
    pg_target_free(server->target);
    pg_target_free(server->tap_target);
    if (server->cluster != NULL && !pg_cluster_stop(server->cluster, &err))
        log_warning("%s", err.text);
    memset(server, 0, sizeof *server);
}

bool server_clean(const config_t *config, const pg_target_t *target, pg_admin_t *admin,
                  clean_t whose, int *removed, err_t *err)
{
    int outside = 0;
    char noted_topics[SCHEMA_NOTE_MAX];
    *removed = 0;
    /* The connector first: while it is there its slot is in use. */
    bool done = schema_noted(admin, noted_topics, sizeof noted_topics, err) &&
                debezium_clean(config, target, admin, noted_topics, whose, &outside, err) &&
                schema_clean(admin, removed, err) &&
                (whose == CLEAN_OWN || watched_reap(admin, removed, err));
    *removed += outside;
    return done;
}
