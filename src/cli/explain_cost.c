#include "cli/explain_cost.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "plan/scenario/scenario_file.h"
#include "postgres/schema.h"
#include "report/analysis/cost.h"

/* Settings of the connector that say whether messages have their schema. */
enum { CONVERTER_SETTINGS = 4 };
static char *const converters[2][CONVERTER_SETTINGS] = {
#define JSON_CONVERTER "org.apache.kafka.connect.json.JsonConverter"
    {"key.converter=" JSON_CONVERTER, "key.converter.schemas.enable=false",
     "value.converter=" JSON_CONVERTER, "value.converter.schemas.enable=false"},
    {"key.converter=" JSON_CONVERTER, "key.converter.schemas.enable=true",
     "value.converter=" JSON_CONVERTER, "value.converter.schemas.enable=true"},
};

/* ---- what stands in the way --------------------------------------------------------------------
 */

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* What it sets itself, condition by condition. */
static bool check_conditions(const config_t *config, err_t *err)
{
    static const char *const keys[] = {"table.triggers", "table.replica_identity"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const option_t *option = options_with_key(keys[k]);
        bool is_set = false;
        for (size_t i = 0; i < config->scenario.set.n; i++)
            is_set |= begins_with(config->scenario.set.items[i], keys[k]) ||
                      begins_with(config->scenario.set.items[i], "table=");
        if (is_set || options_given(config, option))
            return err_set(err, ERR_USAGE,
                           "--explain-cost goes through what --%s can be: take it away",
                           option->name);
    }
    for (size_t i = 0; i < config->kafka.connector.n; i++) {
        const char *setting = config->kafka.connector.items[i];
        if (begins_with(setting, "key.converter") || begins_with(setting, "value.converter"))
            return err_set(err, ERR_USAGE,
                           "--explain-cost has the messages with and without their schemas, by "
                           "converters of its own: take away --connector %.*s",
                           (int)strcspn(setting, "="), setting);
    }
    return true;
}

static bool check_options(const config_t *config, err_t *err)
{
    if (strcmp(config->scenario.word, COST_SCENARIO) != 0)
        return err_set(err, ERR_USAGE,
                       "--explain-cost runs a scenario of its own: take away %s; --rows and --set "
                       "change that one",
                       config->scenario.word);
    if (config->run.repeat > 1)
        return err_set(err, ERR_USAGE,
                       "--explain-cost runs each condition once: take away --repeat");
    if (config->server.keep)
        return err_set(err, ERR_USAGE,
                       "--explain-cost removes what it made, so there is nothing to keep: take "
                       "away --keep");
    if (config->load.ddl_at_ns > 0)
        return err_set(err, ERR_USAGE,
                       "--explain-cost has the same table from beginning to end: take away "
                       "--ddl-at");
    return config->kafka.brokers == NULL || !config_has_tap(config, TAP_BEHIND_PIPELINE) ||
           config->kafka.connect_url != NULL ||
           err_set(err, ERR_USAGE,
                   "--explain-cost has a connector of its own, to turn the messages' schemas off "
                   "and on: say where Kafka Connect is, with --connect-url, or leave Kafka out, "
                   "with --taps wal");
}

static bool check_phases(const config_t *config, const scenario_t *scenario, err_t *err)
{
    /* One that a scenario describes may have triggers of its own. */
    if (config->table.names.n > 0 || scenario->tables.n != 1 ||
        scenario->tables.use[0].table != &table_transactions)
        return err_set(err, ERR_USAGE,
                       "--explain-cost is about the table transactions, whose triggers can be "
                       "turned off and on: take away --table and the scenario's tables");
    for (uint32_t p = 0; p < scenario->n_phases; p++) {
        const phase_t *phase = &scenario->phases[p];
        if (phase->kind == PHASE_WORK && !phase->warm_up && !cost_is_told(phase))
            return err_set(err, ERR_USAGE,
                           "phase %s: --explain-cost tells operations apart by their phases, so "
                           "each phase has one of insert, update and delete",
                           phase->name);
    }
    return true;
}

bool explain_cost_check(const config_t *config, const scenario_t *scenario, err_t *err)
{
    return check_options(config, err) && check_conditions(config, err) &&
           check_phases(config, scenario, err);
}

/* ---- the conditions, one after another ---------------------------------------------------------
 */

typedef struct {
    cost_condition_t condition;
    costs_t *costs;
} taker_t;

static void take(const result_t *result, void *into)
{
    const taker_t *taker = into;
    costs_take(taker->costs, &taker->condition, result);
}

static cost_condition_t condition_of(unsigned number, bool kafka)
{
    return (cost_condition_t){.triggers = (number & 1) != 0,
                              .full = (number & 2) != 0,
                              .kafka = kafka,
                              .schemas = (number & 4) != 0};
}

/* The config with the condition in it; borrows from both, but for the list of the connector's
 * settings, which is the caller's to free. False when memory is out. */
static bool apply(const config_t *config, const cost_condition_t *condition, config_t *out)
{
    *out = *config;
    out->table.triggers = condition->triggers ? TRIGGERS_BOTH : TRIGGERS_NONE;
    out->table.replica_identity_full = condition->full;
    size_t n = config->kafka.connector.n;
    out->kafka.connector.items = calloc(n + CONVERTER_SETTINGS, sizeof *out->kafka.connector.items);
    if (out->kafka.connector.items == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        out->kafka.connector.items[i] = config->kafka.connector.items[i];
    for (size_t i = 0; condition->kafka && i < CONVERTER_SETTINGS; i++)
        out->kafka.connector.items[out->kafka.connector.n++] = converters[condition->schemas][i];
    return true;
}

/* As people and its folder call it. */
static void name_condition(const cost_condition_t *condition, char *out, size_t size)
{
    snprintf(out, size, "triggers-%s-identity-%s%s%s", cost_triggers(condition),
             cost_identity(condition), condition->kafka ? "-schemas-" : "",
             condition->kafka ? cost_schemas(condition) : "");
}

/* In the database nothing of ours was there before the first condition; Connect may have another
 * run's connector, and then this run has not begun. */
static int clean_up(job_t *job, const config_t *config)
{
    err_t err = {0};
    int removed;
    pg_admin_t *admin = pg_admin_connect(job->server.target, &err);
    bool done =
        admin != NULL && server_clean(config, job->server.target, admin, CLEAN_OWN, &removed, &err);
    pg_admin_free(admin);
    if (done)
        return 0;
    err_wrap(&err, "what this condition made may be left: cdcbench clean, with the same options, "
                   "removes it");
    return command_fail(&err);
}

/* Number `number` of them. */
static int do_condition(job_t *job, const char *parent, unsigned number, costs_t *costs)
{
    char name[96], folder[PATH_MAX];
    config_t config;
    taker_t taker = {.condition =
                         condition_of(number, config_has_tap(job->config, TAP_BEHIND_PIPELINE)),
                     .costs = costs};
    if (!apply(job->config, &taker.condition, &config)) {
        err_t err = {0};
        err_set(&err, ERR_RUN, "out of memory");
        return command_fail(&err);
    }
    name_condition(&taker.condition, name, sizeof name);
    snprintf(folder, sizeof folder, "%s/%s", parent, name);
    log_info("%s", name);
    job_run_t run = {.config = &config, .meter = true, .take = take, .into = &taker};
    int code = job_run_one(job, folder, run);
    code = job_worse(code, clean_up(job, &config));
    free(config.kafka.connector.items);
    return code;
}

/* What is cleaned away after each condition must not be an earlier run's. */
static bool check_nothing_there(const job_t *job, err_t *err)
{
    char there[8] = "";
    pg_admin_t *admin = pg_admin_connect(job->server.target, err);
    bool asked = admin != NULL && pg_admin_value(admin,
                                                 "SELECT 1 FROM pg_publication WHERE pubname = "
                                                 "'" SCHEMA_PUBLICATION "'",
                                                 there, sizeof there, err);
    pg_admin_free(admin);
    return asked &&
           (there[0] == '\0' ||
            err_set(
                err, ERR_RUN,
                "an earlier run's table, or init's, is in the database %s: --explain-cost makes "
                "and removes one for each condition; remove it with cdcbench clean, or give "
                "--dsn another database",
                pg_target_display(job->server.target)));
}

static bool write_costs(folder_t *folder, const costs_t *costs, err_t *err)
{
    FILE *file = folder_create(folder, table_cost.file, err);
    if (file == NULL)
        return false;
    csv_write_header(file, &table_cost);
    for (size_t i = 0; i < costs->n; i++) {
        cost_record_t record = cost_record(costs, i);
        csv_write_record(file, &table_cost, &record);
    }
    return folder_commit(folder, file, table_cost.file, err);
}

/* The messages' schemas are a choice where there is Kafka. */
static unsigned n_conditions(const config_t *config)
{
    return config_has_tap(config, TAP_BEHIND_PIPELINE) ? COST_CONDITIONS_MAX
                                                       : COST_CONDITIONS_MAX / 2;
}

void explain_cost_sketch(FILE *out, const config_t *config)
{
    unsigned n = n_conditions(config);
    fprintf(out, "# --explain-cost: %u times, each time on a table of its own\n", n);
    for (unsigned i = 0; i < n; i++) {
        cost_condition_t condition = condition_of(i, config_has_tap(config, TAP_BEHIND_PIPELINE));
        char name[96];
        name_condition(&condition, name, sizeof name);
        fprintf(out, "#   %s\n", name);
    }
}

static int do_all(job_t *job)
{
    static costs_t costs;
    err_t err = {0};
    FILE *out = job->config->output.json ? stderr : stdout;
    unsigned n = n_conditions(job->config);
    int code = 0;
    job->began = true;
    for (unsigned i = 0; i < n && job->began && atomic_load(&command_interrupts) == 0; i++)
        code = job_worse(code, do_condition(job, folder_path(job->folder), i, &costs));
    if (atomic_load(&command_interrupts) > 0)
        code = job_worse(code, ERR_INTERRUPTED);
    if (costs.n == 0)
        return code;
    costs_print(out, &costs);
    if (!write_costs(job->folder, &costs, &err))
        return job_worse(code, command_fail(&err));
    fprintf(out, "\n%s/%s\n", folder_path(job->folder), table_cost.file);
    command_flush();
    return code;
}

int explain_cost(job_t *job)
{
    err_t err = {0};
    job->output.brief = true;
    return check_nothing_there(job, &err) ? do_all(job) : job_fail_to_begin(&err);
}
