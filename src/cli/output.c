#include "cli/output.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"
#include "report/files/run_json.h"
#include "report/page/page.h"
#include "report/terminal/summary.h"

static void open_live(output_t *output, const run_t *run)
{
    const config_t *config = output->config;
    /* Lines for a program and a block that redraws do not go together on one terminal. */
    bool shares_terminal = config->output.json && isatty(STDOUT_FILENO) != 0;
    if (config->output.quiet || shares_terminal)
        return;
    char *heading = live_heading(output->scenario, output->manifest, run_pipeline(run));
    live_opts_t opts = {.out = stderr,
                        .block = isatty(STDERR_FILENO) != 0 && !config->output.progress_given,
                        .colors = live_wants_colors(),
                        .progress_ns = config->output.progress_ns,
                        .heading = heading};
    output->live = live_new(&opts, output->scenario);
    free(heading);
    log_set_hooks(live_before_line, live_after_line);
}

static void close_live(output_t *output)
{
    log_set_hooks(NULL, NULL);
    live_free(output->live);
    output->live = NULL;
}

static void on_begun(void *ctx, const run_t *run)
{
    output_t *output = ctx;
    output->run = run;
    listen_begin(output->listen, output->scenario);
    open_live(output, run);
}

static void append_to_timeline(output_t *output, const timeline_row_t *row)
{
    err_t err = {0};
    if (output->timeline == NULL ||
        files_timeline_append(output->timeline, output->scenario, row, &err))
        return;
    /* A full disk costs the timeline, not the run. */
    log_error("%s", err.text);
    growing_close(output->timeline, NULL);
    output->timeline = NULL;
}

static void print_json_line(output_t *output, const timeline_row_t *row)
{
    if (!output->config->output.json || output->json_broken)
        return;
    if (!json_lines_second(stdout, output->scenario, row))
        log_warning("out of memory: a line of --json is lost");
    output->json_broken = !command_flush();
    if (output->json_broken)
        log_warning("the run goes on without the lines of --json");
}

static void on_second(void *ctx, const timeline_row_t *row)
{
    output_t *output = ctx;
    append_to_timeline(output, row);
    print_json_line(output, row);
    listen_second(output->listen, output->run, output->manifest, row);
    live_second(output->live, row);
}

static void on_interval(void *ctx, const series_interval_t *interval)
{
    output_t *output = ctx;
    err_t err = {0};
    if (output->hlog == NULL || hlog_append(output->hlog, interval, &err))
        return;
    log_error("%s", err.text);
    hlog_close(output->hlog, NULL);
    output->hlog = NULL;
}

static void on_note(void *ctx, const char *text)
{
    output_t *output = ctx;
    live_note(output->live, text);
}

void output_hooks(output_t *output, run_opts_t *opts)
{
    opts->on_begun = on_begun;
    opts->on_second = on_second;
    opts->on_interval = on_interval;
    opts->on_note = on_note;
    opts->ctx = output;
}

bool output_begin(output_t *output, err_t *err)
{
    output->timeline = files_timeline_open(output->folder, err);
    output->hlog = output->timeline != NULL ? hlog_open(output->folder, err) : NULL;
    if (output->hlog != NULL)
        return true;
    growing_discard(output->timeline);
    output->timeline = NULL;
    return false;
}

void output_abandon(output_t *output)
{
    close_live(output);
    output->run = NULL;
    growing_discard(output->timeline);
    hlog_discard(output->hlog);
    output->timeline = NULL;
    output->hlog = NULL;
}

/* Draws the page from the files, as `cdcbench report` does; where it is, into `path`. Without it
 * that is the folder: the files are all there. */
static void draw_page(const output_t *output, bool written, char path[PATH_MAX])
{
    err_t err = {0};
    snprintf(path, PATH_MAX, "%s", folder_path(output->folder));
    if (!written)
        return;
    if (page_write_report(output->folder, &err))
        snprintf(path, PATH_MAX, "%s/" PAGE_FILE, folder_path(output->folder));
    else
        log_error("%s", err.text);
}

/* The answer: for people, and with --json for the program before them. */
static void say(const output_t *output, const result_t *result, const char *page)
{
    const char *folder = folder_path(output->folder);
    bool json = output->config->output.json;
    if (!output->brief || output->manifest->exit_code != 0) {
        summary_print(json ? stderr : stdout, result, page);
        summary_print_expectations(json ? stderr : stdout, output->config, result);
    }
    if (json && !json_lines_end(stdout, result, output->manifest->exit_code, folder))
        log_warning("out of memory: the last line of --json is lost");
    command_flush();
}

int output_finish(output_t *output, const result_t *result)
{
    err_t err = {0}, late = {0};
    close_live(output);
    if (!growing_close(output->timeline, &late))
        log_error("%s", late.text);
    if (!hlog_close(output->hlog, &late))
        log_error("%s", late.text);
    output->timeline = NULL;
    output->hlog = NULL;
    bool written = files_write(output->folder, output->manifest, result, &err);
    char page[PATH_MAX];
    draw_page(output, written, page);
    say(output, result, page);
    if (result->failure.code != ERR_NONE)
        log_error("%s", result->failure.text);
    if (!written) {
        int code = command_fail(&err);
        return output->manifest->exit_code != 0 ? output->manifest->exit_code : code;
    }
    return output->manifest->exit_code;
}
