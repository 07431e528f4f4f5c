/* cdcbench watch: the taps alone, on a table that somebody else's load writes to. */
#include <stdio.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/libraries.h"
#include "cli/output.h"
#include "cli/server.h"

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

static int watch(const line_t *line, const attached_t *attached, const server_t *server,
                 output_t *output)
{
    err_t err = {0};
    libraries_t libraries;
    manifest_t manifest = {.config = output->config, .argc = line->n, .argv = line->words};
    run_opts_t opts = {.config = output->config,
                       .scenario = output->scenario,
                       .watched = &attached->watched,
                       .target = server->target,
                       .tap_target = server->tap_target,
                       .interrupts = &command_interrupts};
    output_hooks(output, &opts);
    if (!run_check(&opts, &err) || !output_begin(output, &err))
        return command_fail(&err);
    libraries_describe(&libraries, &manifest);
    server_describe(server, &manifest);
    output->manifest = &manifest;
    run_t *run = run_execute(&opts, &err);
    if (run == NULL) {
        output_abandon(output);
        return command_fail(&err);
    }
    int code = output_finish(output, run);
    run_free(run);
    return code;
}

static bool check(const line_t *line, const config_t *config, err_t *err)
{
    if (line->n_rest != 1)
        return err_set(err, ERR_USAGE, "watch takes one table, as SCHEMA.TABLE");
    if (!server_is_named(config))
        return err_set(err, ERR_USAGE, "no server: give --dsn, or set PGHOST");
    if (config_tap_kafka(config) && (config->kafka.brokers == NULL || config->watch.topic == NULL))
        return err_set(err, ERR_USAGE,
                       "to watch the table on Kafka give --brokers and --from-topic: "
                       "which topic its changes are written to");
    if (config->watch.topic != NULL && config->kafka.brokers == NULL)
        return err_set(err, ERR_USAGE, "--from-topic %s: say where Kafka is, with --brokers",
                       config->watch.topic);
    if (!config->taps.wal && !config_tap_kafka(config))
        return err_set(err, ERR_USAGE, "--taps none: there is nothing to watch with");
    return true;
}

static int watch_on(const line_t *line, const config_t *config, output_t *output)
{
    err_t err = {0};
    server_t server;
    attached_t attached = {.config = config};
    bool ready = output_listen(output, &err) && server_open(&server, config, &err);
    if (!ready)
        return command_fail(&err);
    int code = attach(&attached, &server, line->rest[0], &err)
                   ? watch(line, &attached, &server, output)
                   : command_fail(&err);
    detach(&attached, &server);
    server_close(&server, config);
    return code;
}

int command_watch(const line_t *line, const config_t *config)
{
    static scenario_t scenario;
    err_t err = {0};
    if (!check(line, config, &err))
        return command_fail(&err);
    run_watch_scenario(config->watch.for_ns, &scenario);
    folder_t *folder =
        folder_open(config->output.folder, scenario.name, clock_anchor().wall_us, &err);
    if (folder == NULL)
        return command_fail(&err);
    output_t output = {.config = config, .scenario = &scenario, .folder = folder};
    command_hear_signals();
    int code = watch_on(line, config, &output);
    output_end(&output);
    folder_free(folder);
    return code;
}
