/* cdcbench init and cdcbench clean. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/server.h"
#include "postgres/schema.h"
#include "run/debezium.h"

/* These two work on a server that somebody named; there is no embedded one to prepare. */
static pg_admin_t *connect_named(const config_t *config, pg_target_t **target, err_t *err)
{
    if (!server_is_named(config)) {
        err_set(err, ERR_USAGE, "no server: give --dsn, or set PGHOST");
        return NULL;
    }
    *target = pg_target_new(config->dsn, err);
    return *target == NULL ? NULL : pg_admin_connect(*target, err);
}

int command_init(const line_t *line, const config_t *config)
{
    (void)line;
    err_t err = {0};
    pg_target_t *target = NULL;
    schema_opts_t opts = {.trigger_user = (config->triggers & TRIGGERS_USER) != 0,
                          .trigger_columns = (config->triggers & TRIGGERS_COLUMNS) != 0,
                          .replica_identity_full = config->replica_identity_full};
    pg_admin_t *admin = connect_named(config, &target, &err);
    bool done = admin != NULL && schema_check(admin, false, &err) &&
                schema_create(admin, &opts, false, &err);
    if (done)
        log_info("table %s, its triggers and publication %s are there", SCHEMA_TABLE,
                 SCHEMA_PUBLICATION);
    pg_admin_free(admin);
    pg_target_free(target);
    return done ? 0 : command_fail(&err);
}

int command_clean(const line_t *line, const config_t *config)
{
    (void)line;
    err_t err = {0};
    pg_target_t *target = NULL;
    int outside = 0, removed = 0;
    char noted_topic[256];
    pg_admin_t *admin = connect_named(config, &target, &err);
    /* The connector first: while it is there its slot is in use. */
    bool done = admin != NULL && schema_noted(admin, noted_topic, sizeof noted_topic, &err) &&
                debezium_clean(config, target, admin, noted_topic, &outside, &err) &&
                schema_clean(admin, &removed, &err);
    removed += outside;
    if (done)
        log_info("%d object%s removed", removed, removed == 1 ? "" : "s");
    pg_admin_free(admin);
    pg_target_free(target);
    return done ? 0 : command_fail(&err);
}
