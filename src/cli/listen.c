#include "cli/listen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "http/http_server.h"
#include "report/page/page.h"
#include "report/page/page_data.h"
#include "report/serve/metrics.h"
#include "run/control/run_now.h"

#define PAGE_PATH    "/"
#define DATA_PATH    "/data.json"
#define METRICS_PATH "/metrics"

struct listen {
    http_server_t *server;
    metrics_t *metrics;
    const scenario_t *scenario;
    int64_t *positions, *ends; /* of the run's topic's partitions; NULL: not asked for yet */
};

/* Publishes the text and frees it; NULL is the memory that was out. */
static bool publish(listen_t *listen, const char *path, const char *type, char *text, size_t len)
{
    bool published = text != NULL && http_server_publish(listen->server, path, type, text, len);
    free(text);
    return published;
}

static bool publish_page(listen_t *listen)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        return false;
    page_write(out, NULL);
    if (fclose(out) != 0) {
        free(text);
        return false;
    }
    return publish(listen, PAGE_PATH, "text/html; charset=utf-8", text, len);
}

static bool publish_metrics(listen_t *listen, const run_now_t *now)
{
    size_t len = 0;
    char *text = metrics_text(listen->metrics, now, &len);
    return publish(listen, METRICS_PATH, METRICS_TYPE, text, len);
}

/* `run` and `manifest` are NULL before it has begun. */
static bool publish_data(listen_t *listen, const run_now_t *now, const run_t *run,
                         const manifest_t *manifest)
{
    err_t err = {0};
    page_live_t live = {.scenario = listen->scenario,
                        .now = now,
                        .pipeline = run != NULL ? run_pipeline(run) : NULL};
    if (manifest != NULL) {
        live.server_version = manifest->server_version;
        live.argc = manifest->argc;
        live.argv = manifest->argv;
    }
    char *text = page_data_live(&live, &err);
    return publish(listen, DATA_PATH, "application/json", text, text != NULL ? strlen(text) : 0);
}

/* What is there before the load begins: the page, and nothing to see yet. */
static bool publish_beginning(listen_t *listen)
{
    run_now_t nothing = {0};
    return publish_page(listen) && publish_metrics(listen, &nothing) &&
           publish_data(listen, &nothing, NULL, NULL);
}

listen_t *listen_open(const config_t *config, const scenario_t *scenario, err_t *err)
{
    listen_t *listen = calloc(1, sizeof *listen);
    if (listen == NULL) {
        err_set(err, ERR_RUN, "--listen: out of memory");
        return NULL;
    }
    listen->scenario = scenario;
    listen->server = http_server_start(config->output.listen, err);
    if (listen->server == NULL)
        goto fail;
    listen->metrics = metrics_new(scenario);
    if (listen->metrics == NULL || !publish_beginning(listen)) {
        err_set(err, ERR_RUN, "--listen: out of memory");
        goto fail;
    }
    log_info("the run can be watched at %s" PAGE_PATH " (for Prometheus: " METRICS_PATH ")",
             http_server_url(listen->server));
    return listen;
fail:
    listen_close(listen);
    return NULL;
}

/* Another run's topic may have another number of partitions. */
static void forget_positions(listen_t *listen)
{
    free(listen->positions);
    free(listen->ends);
    listen->positions = listen->ends = NULL;
}

void listen_close(listen_t *listen)
{
    if (listen == NULL)
        return;
    http_server_stop(listen->server);
    metrics_free(listen->metrics);
    forget_positions(listen);
    free(listen);
}

void listen_begin(listen_t *listen, const scenario_t *scenario)
{
    if (listen == NULL)
        return;
    listen->scenario = scenario;
    metrics_begin(listen->metrics, scenario);
    forget_positions(listen);
}

static bool read_positions(listen_t *listen, const run_t *run, run_now_t *now)
{
    size_t n = (size_t)now->partitions;
    if (n > 0 && listen->positions == NULL) {
        listen->positions = calloc(n, sizeof *listen->positions);
        listen->ends = calloc(n, sizeof *listen->ends);
    }
    if (n > 0 && (listen->positions == NULL || listen->ends == NULL))
        return false;
    for (int p = 0; p < now->partitions; p++)
        run_now_position(run, p, &listen->positions[p], &listen->ends[p]);
    now->positions = listen->positions;
    now->ends = listen->ends;
    return true;
}

void listen_second(listen_t *listen, const run_t *run, const manifest_t *manifest,
                   const timeline_row_t *row)
{
    run_now_t now = {0};
    if (listen == NULL)
        return;
    metrics_add(listen->metrics, row);
    run_now(run, &now);
    bool published = read_positions(listen, run, &now) && publish_metrics(listen, &now);
    /* The page's data holds the whole timeline: it is made for those alone who look. */
    if (published && http_server_asked(listen->server, DATA_PATH))
        published = publish_data(listen, &now, run, manifest);
    if (!published)
        log_warning("out of memory: a second is not there for those who watch (--listen)");
}
