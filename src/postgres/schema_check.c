#include "postgres/schema_check.h"

#include <stdlib.h>
#include <string.h>

#include "postgres/schema_objects.h"
#include "postgres/sql_text.h"

#define VERSION_MIN 140000 /* as in server_version_num */

static bool check_server(const pg_rows_t *row, err_t *err)
{
    if (atoi(schema_cell(row, 0, "version_num")) < VERSION_MIN) {
        return err_set(err, ERR_RUN, "the server is PostgreSQL %s; version 14 or later is needed",
                       schema_cell(row, 0, "version"));
    }
    if (schema_cell_true(row, 0, "standby")) {
        return err_set(err, ERR_RUN,
                       "the server is a standby, which takes no writes; connect to its primary, or "
                       "make it one: SELECT pg_promote()");
    }
    return true;
}

static bool check_rights(const pg_rows_t *row, err_t *err)
{
    const char *role = schema_cell(row, 0, "role"), *schema = schema_cell(row, 0, "schema");
    const char *database = schema_cell(row, 0, "database");
    if (!schema[0]) {
        return err_set(
            err, ERR_RUN,
            "search_path (%s) names no schema that exists; one to create the run's tables in is "
            "needed: CREATE SCHEMA AUTHORIZATION %s",
            schema_cell(row, 0, "search_path"), role);
    }
    if (!schema_cell_true(row, 0, "may_create")) {
        return err_set(
            err, ERR_RUN,
            "role %s may not create in schema %s, where the run's tables are to be made: "
            "GRANT CREATE ON SCHEMA %s TO %s",
            role, schema, schema, role);
    }
    if (!schema_cell_true(row, 0, "may_publish")) {
        return err_set(err, ERR_RUN,
                       "role %s may not create a publication, which takes CREATE on the database: "
                       "GRANT CREATE ON DATABASE %s TO %s",
                       role, database, role);
    }
    return true;
}

static bool check_free(const pg_rows_t *row, const char *used, const char *max, const char *setting,
                       const char *noun, const char *view, err_t *err)
{
    if (atoi(schema_cell(row, 0, used)) < atoi(schema_cell(row, 0, max))) {
        return true;
    }
    return err_set(err, ERR_RUN,
                   "no %s is free: %s of %s = %s are in use; end what is not needed (SELECT * FROM "
                   "%s), or ALTER SYSTEM SET %s = %d and restart the server",
                   noun, schema_cell(row, 0, used), setting, schema_cell(row, 0, max), view,
                   setting, atoi(schema_cell(row, 0, max)) + 10);
}

static bool check_replication(const pg_rows_t *row, err_t *err)
{
    if (strcmp(schema_cell(row, 0, "wal_level"), "logical") != 0) {
        return err_set(err, ERR_RUN,
                       "wal_level is %s; logical is needed to read changes from the WAL: ALTER "
                       "SYSTEM SET wal_level = 'logical', and restart the server",
                       schema_cell(row, 0, "wal_level"));
    }
    if (!schema_cell_true(row, 0, "may_replicate")) {
        return err_set(err, ERR_RUN,
                       "role %s may not replicate, which reading changes from the WAL takes: ALTER "
                       "ROLE %s REPLICATION (as a superuser)",
                       schema_cell(row, 0, "role"), schema_cell(row, 0, "role"));
    }
    return check_free(row, "slots", "slots_max", "max_replication_slots", "replication slot",
                      "pg_replication_slots", err) &&
           check_free(row, "senders", "senders_max", "max_wal_senders", "WAL sender",
                      "pg_stat_replication", err);
}

static bool check_owner(const pg_rows_t *row, err_t *err)
{
    const char *owner = schema_cell(row, 0, "owner"), *role = schema_cell(row, 0, "role");
    if (!owner[0]) {
        return true;
    }
    return err_set(err, ERR_RUN,
                   "table %s.%s was made by role %s, and role %s may not act for it; to "
                   "publish a table one must own it: connect as %s, or GRANT %s TO %s",
                   schema_cell(row, 0, "schema"), schema_cell(row, 0, "owned"), owner, role, owner,
                   owner, role);
}

static bool check_names(pg_admin_t *admin, const schema_opts_t *opts, err_t *err)
{
    pg_rows_t *found = schema_objects(admin, opts, err);
    bool done = found && schema_refuse_foreign(found, err);
    pg_rows_free(found);
    return done;
}

bool schema_check(pg_admin_t *admin, const schema_opts_t *opts, bool need_wal_tap, err_t *err)
{
    pg_rows_t *row = schema_query(admin, sql_checks, opts, err);
    bool done = row && check_server(row, err) && check_rights(row, err) &&
                check_names(admin, opts, err) && check_owner(row, err) &&
                (!need_wal_tap || check_replication(row, err));
    pg_rows_free(row);
    return done || err_wrap(err, "checking %s", pg_admin_display(admin));
}

bool schema_check_replication(pg_admin_t *admin, err_t *err)
{
    pg_rows_t *row = schema_query(admin, sql_checks, NULL, err);
    bool done = row && check_server(row, err) && check_replication(row, err);
    pg_rows_free(row);
    return done || err_wrap(err, "checking %s", pg_admin_display(admin));
}
