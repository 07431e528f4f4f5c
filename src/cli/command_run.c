/* cdcbench run: the main job. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/server.h"
#include "plan/ready.h"
#include "run/loop.h"

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
static int run_on(server_t *server, output_t *output, const config_t *config,
                  const scenario_t *scenario, manifest_t *manifest)
{
    err_t err = {0};
    run_opts_t opts = {.config = config,
                       .scenario = scenario,
                       .target = server->target,
                       .tap_target = server->tap_target,
                       .interrupts = &command_interrupts};
    output_hooks(output, &opts);
    if (!run_check(&opts, &err) || !output_begin(output, &err))
        return command_fail(&err);
    server_describe(server, manifest);
    output->manifest = manifest;
    run_t *run = run_execute(&opts, &err);
    if (run == NULL) {
        output_abandon(output);
        return fail_to_begin(&err);
    }
    int code = output_finish(output, run);
    run_free(run);
    return code;
}

static int list_scenarios(void)
{
    for (size_t i = 0; i < n_ready_scenarios; i++)
        printf("%.*s\n", (int)strcspn(ready_scenarios[i].text + 2, "\n"),
               ready_scenarios[i].text + 2);
    return 0;
}

int command_run(const line_t *line, const config_t *config)
{
    static scenario_t scenario;
    err_t err = {0};
    if (config->list_scenarios)
        return list_scenarios();
    if (config->dry_run || config->expect.n > 0 || config->repeat > 1) {
        err_set(&err, ERR_USAGE, "--dry-run, --expect and --repeat are not there yet");
        return command_fail(&err);
    }
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
    output_t output = {.config = config, .scenario = &scenario, .folder = folder};
    server_t server = {0};
    int code;
    if (output_listen(&output, &err) && server_open(&server, config, &err))
        code = run_on(&server, &output, config, &scenario, &manifest);
    else
        code = fail_to_begin(&err);
    output_end(&output);
    server_close(&server, config);
    folder_free(folder);
    return code;
}
