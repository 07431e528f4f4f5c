/* cdcbench produce: the same load, straight into Kafka. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/job.h"
#include "plan/scenario/scenario_file.h"

static bool check(const config_t *config, err_t *err)
{
    if (config->kafka.brokers == NULL)
        return err_set(err, ERR_USAGE,
                       "produce writes into Kafka: say where it is, with "
                       "--brokers host:port");
    return true;
}

/* Kafka knows neither triggers nor rollbacks, and its records here are of the one built-in table.
 */
static bool check_scenario(const scenario_t *scenario, err_t *err)
{
    const table_use_t *use = &scenario->tables.use[0];
    if (scenario->tables.n != 1 || use->table != &table_transactions)
        return err_set(err, ERR_USAGE,
                       "produce makes records of the table transactions alone: leave other tables "
                       "out");
    if (use->triggers != TRIGGERS_BOTH)
        return err_set(err, ERR_USAGE,
                       "produce makes records as both triggers leave the rows: triggers must be "
                       "both");
    for (uint32_t p = 0; p < scenario->n_phases; p++)
        for (int i = 0; i < STREAM_COUNT; i++)
            if (scenario->phases[p].rollback_share[i] > 0 ||
                scenario->phases[p].savepoint_share[i] > 0)
                return err_set(err, ERR_USAGE,
                               "phase %s: rollbacks and savepoints are a server's; nothing of them "
                               "reaches Kafka: leave them out for produce",
                               scenario->phases[p].name);
    return true;
}

/* The tap on Kafka alone, unless there is to be none. */
static config_t settle(const config_t *given)
{
    config_t config = *given;
    bool any = !given->taps.given || config_taps(given) > 0;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++)
        config.taps.on[tap] = any && tap_has(tap, TAP_READS_TOPIC);
    config.taps.given = true;
    return config;
}

int command_produce(const line_t *line, const config_t *given)
{
    static scenario_t scenario;
    err_t err = {0};
    const config_t config = settle(given);
    if (!check(&config, &err) || !config_scenario(&config, &scenario, &err) ||
        !check_scenario(&scenario, &err))
        return command_fail(&err);
    job_t job = {.line = line, .config = &config, .serverless = true};
    int code =
        job_open(&job, &scenario, &err) ? job_run(&job, &scenario, NULL) : job_fail_to_begin(&err);
    job_close(&job);
    return code;
}
