/* cdcbench init and cdcbench clean. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/server.h"
#include "plan/scenario/scenario_file.h"
#include "postgres/schema.h"
#include "run/control/table_setup.h"

/* These two work on a server that somebody named; there is no embedded one to prepare. */
static pg_admin_t *connect_named(const config_t *config, pg_target_t **target, err_t *err)
{
    if (!server_is_named(config)) {
        err_set(err, ERR_USAGE, "no server: give --dsn, or set PGHOST");
        return NULL;
    }
    *target = pg_target_new(config->server.dsn, err);
    return *target == NULL ? NULL : pg_admin_connect(*target, err);
}

int command_init(const line_t *line, const config_t *config)
{
    (void)line;
    err_t err = {0};
    pg_target_t *target = NULL;
    tables_t tables;
    table_setup_t setup = {0};
    pg_admin_t *admin = NULL;
    bool done = config_tables(config, &tables, &err) && table_setup_make(&setup, &tables, &err) &&
                (admin = connect_named(config, &target, &err)) != NULL &&
                schema_check(admin, &setup.opts, false, &err) &&
                schema_create(admin, &setup.opts, false, &err);
    for (uint32_t t = 0; done && t < tables.n; t++)
        log_info("table %s, its triggers and publication %s are there", tables.use[t].table->name,
                 SCHEMA_PUBLICATION);
    table_setup_end(&setup);
    pg_admin_free(admin);
    pg_target_free(target);
    return done ? 0 : command_fail(&err);
}

int command_clean(const line_t *line, const config_t *config)
{
    (void)line;
    err_t err = {0};
    pg_target_t *target = NULL;
    int removed = 0;
    pg_admin_t *admin = connect_named(config, &target, &err);
    bool done = admin != NULL && server_clean(config, target, admin, CLEAN_LEFT, &removed, &err);
    if (done)
        log_info("%d object%s removed", removed, removed == 1 ? "" : "s");
    pg_admin_free(admin);
    pg_target_free(target);
    return done ? 0 : command_fail(&err);
}
