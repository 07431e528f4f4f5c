/* cdcbench run: the main job. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/server.h"
#include "report/files.h"
#include "report/live.h"
#include "report/summary.h"
#include "run/loop.h"
#include "run/run.h"

/* Where the run's seconds go: the terminal and timeline.csv. */
typedef struct {
    live_t *live;              /* NULL: quiet */
    timeline_file_t *timeline; /* NULL after it could not be written to */
    const scenario_t *scenario;
} output_t;

static void on_second(void *ctx, const timeline_row_t *row)
{
    output_t *output = ctx;
    err_t err = {0};
    if (output->timeline != NULL &&
        !timeline_file_append(output->timeline, output->scenario, row, &err)) {
        /* A full disk costs the timeline, not the run. */
        log_error("%s", err.text);
        timeline_file_close(output->timeline, NULL);
        output->timeline = NULL;
    }
    if (output->live != NULL)
        live_second(output->live, row);
}

static void on_note(void *ctx, const char *text)
{
    output_t *output = ctx;
    if (output->live != NULL)
        live_note(output->live, text);
}

static live_t *open_live(const config_t *config, const scenario_t *scenario, const server_t *server,
                         char *heading, size_t size)
{
    if (config->quiet)
        return NULL;
    snprintf(heading, size, "%s · seed %llu · PostgreSQL %s%s", scenario->name,
             (unsigned long long)scenario->seed, server->version,
             server->cluster != NULL ? " embedded" : "");
    live_opts_t opts = {.out = stderr,
                        .block = isatty(STDERR_FILENO) != 0 && !config->progress_given,
                        .progress_ns = config->progress_ns,
                        .heading = heading};
    live_t *live = live_new(&opts, scenario);
    log_set_hooks(live_before_line, live_after_line);
    return live;
}

static void close_live(live_t *live)
{
    log_set_hooks(NULL, NULL);
    if (live != NULL)
        live_free(live);
}

static bool has_errors(const result_t *result)
{
    uint64_t errors = 0;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++)
        for (int op = 0; op < OP_COUNT; op++)
            errors += result->phases[p].ops[op].errors;
    return errors > 0;
}

/* A fault found outweighs everything; then that the run could not go on; then that it was stopped.
 */
static int exit_code(const result_t *result)
{
    run_verdict_t verdict = summary_verdict(result);
    if (verdict == VERDICT_FAILED)
        return ERR_VERIFY;
    if (result->failure.code != ERR_NONE)
        return (int)result->failure.code;
    if (result->interrupted)
        return ERR_INTERRUPTED;
    return verdict == VERDICT_INCOMPLETE || has_errors(result) ? ERR_RUN : 0;
}

static int finish(run_t *run, folder_t *folder, manifest_t *manifest)
{
    err_t err = {0};
    const result_t *result = run_result(run);
    manifest->modified_by = run_modified_by(run);
    manifest->exit_code = exit_code(result);
    bool written = files_write(folder, manifest, result, &err);
    summary_print(stdout, result, folder_path(folder));
    fflush(stdout);
    if (result->failure.code != ERR_NONE)
        log_error("%s", result->failure.text);
    if (!written) {
        int code = command_fail(&err);
        return manifest->exit_code != 0 ? manifest->exit_code : code;
    }
    return manifest->exit_code;
}

/* What the tool is built on. `text` holds what has to be made; the rest is constant. */
static void describe_libraries(manifest_t *manifest, manifest_pair_t pairs[3], char text[2][32])
{
    pg_library_version(text[0], sizeof text[0]);
    unsigned number = XXH_versionNumber();
    snprintf(text[1], sizeof text[1], "%u.%u.%u", number / 10000, number / 100 % 100, number % 100);
    pairs[0] = (manifest_pair_t){"libpq", text[0]};
    pairs[1] = (manifest_pair_t){"libuv", loop_library_version()};
    pairs[2] = (manifest_pair_t){"xxHash", text[1]};
    manifest->libraries = pairs;
    manifest->n_libraries = 3;
}

/* Whatever it was that an interrupt broke off. */
static int fail_to_begin(const err_t *err)
{
    int code = command_fail(err);
    return atomic_load(&command_interrupts) > 0 ? ERR_INTERRUPTED : code;
}

/* With the server there: checks it, runs, writes. */
static int run_on(server_t *server, folder_t *folder, const config_t *config,
                  const scenario_t *scenario, manifest_t *manifest)
{
    char heading[256];
    err_t err = {0};
    output_t output = {.scenario = scenario};
    run_opts_t opts = {.config = config,
                       .scenario = scenario,
                       .target = server->target,
                       .tap_target = server->tap_target,
                       .server_pid = server->cluster != NULL ? pg_cluster_pid(server->cluster) : 0,
                       .interrupts = &command_interrupts,
                       .on_second = on_second,
                       .on_note = on_note,
                       .ctx = &output};
    if (!run_check(&opts, &err))
        return command_fail(&err);
    output.timeline = timeline_file_open(folder, &err);
    if (output.timeline == NULL)
        return command_fail(&err);
    server_describe(server, manifest);
    output.live = open_live(config, scenario, server, heading, sizeof heading);
    run_t *run = run_execute(&opts, &err);
    close_live(output.live);
    if (run == NULL) {
        timeline_file_discard(output.timeline);
        return fail_to_begin(&err);
    }
    err_t late = {0};
    if (!timeline_file_close(output.timeline, &late))
        log_error("%s", late.text);
    int code = finish(run, folder, manifest);
    run_free(run);
    return code;
}

int command_run(const line_t *line, const config_t *config)
{
    static scenario_t scenario;
    err_t err = {0};
    if (!config_scenario(config, &scenario, &err))
        return command_fail(&err);
    folder_t *folder = folder_open(config->out, scenario.name, clock_anchor().wall_us, &err);
    if (folder == NULL)
        return command_fail(&err);
    command_hear_signals();
    manifest_t manifest = {.config = config, .argc = line->n, .argv = line->words};
    manifest_pair_t libraries[3];
    char library_text[2][32];
    describe_libraries(&manifest, libraries, library_text);
    server_t server;
    int code;
    if (server_open(&server, config, &err))
        code = run_on(&server, folder, config, &scenario, &manifest);
    else
        code = fail_to_begin(&err);
    server_close(&server, config);
    folder_free(folder);
    return code;
}
