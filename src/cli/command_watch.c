/* cdcbench watch: the taps alone, on a table that somebody else's load writes to. */
#include <stdio.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/job.h"

/* Kept from attaching to detaching: the publication's name is that of its session. */
typedef struct {
    const config_t *config;
    pg_admin_t *admin;
    watched_t watched;
} attached_t;

static bool attach(attached_t *attached, const server_t *server, const char *table, err_t *err)
{
    attached->admin = pg_admin_connect(server->target, err);
    return attached->admin != NULL &&
           watched_attach(attached->admin, table, attached->config->watch.publication,
                          &attached->watched, err);
}

/* Over a new connection where the old one was lost in the meantime. */
static void detach(attached_t *attached, const server_t *server)
{
    err_t err = {0};
    if (attached->admin != NULL && !pg_admin_alive(attached->admin)) {
        pg_admin_free(attached->admin);
        attached->admin = pg_admin_connect(server->target, &err);
    }
    bool done =
        attached->admin != NULL && watched_detach(attached->admin, &attached->watched, &err);
    if (!done && attached->watched.made)
        log_warning("%s", err.text);
    pg_admin_free(attached->admin);
}

static bool check(const line_t *line, const config_t *config, err_t *err)
{
    if (line->n_rest != 1)
        return err_set(err, ERR_USAGE, "watch takes one table, as SCHEMA.TABLE");
    if (!watched_check_name(line->rest[0], err))
        return false;
    if (!server_is_named(config))
        return err_set(err, ERR_USAGE, "no server: give --dsn, or set PGHOST");
    if (config_has_tap(config, TAP_READS_TOPIC) &&
        (config->kafka.brokers == NULL || config->watch.topic == NULL))
        return err_set(err, ERR_USAGE,
                       "to watch the table on Kafka give --brokers and --from-topic: "
                       "which topic its changes are written to");
    if (config->watch.topic != NULL && config->kafka.brokers == NULL)
        return err_set(err, ERR_USAGE, "--from-topic %s: say where Kafka is, with --brokers",
                       config->watch.topic);
    if (config_taps(config) == 0)
        return err_set(err, ERR_USAGE, "--taps none: there is nothing to watch with");
    return true;
}

int command_watch(const line_t *line, const config_t *config)
{
    static scenario_t scenario;
    err_t err = {0};
    if (!check(line, config, &err))
        return command_fail(&err);
    run_watch_scenario(config->watch.for_ns, &scenario);
    job_t job = {.line = line, .config = config};
    attached_t attached = {.config = config};
    bool ready =
        job_open(&job, &scenario, &err) && attach(&attached, &job.server, line->rest[0], &err);
    int code = ready ? job_run(&job, &scenario, &attached.watched) : job_fail_to_begin(&err);
    detach(&attached, &job.server);
    job_close(&job);
    return code;
}
