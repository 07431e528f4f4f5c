#include "kafka/connect/connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "kafka/connect/connect_http.h"

/* Between two questions while something is waited for. */
#define PAUSE_NS (100 * NS_PER_MS)

/* A connector that FAILED and is given a new configuration goes on being FAILED for a moment: only
 * what stays so is believed. */
#define STALE_NS (1500 * NS_PER_MS)

/* How long a rebalance of the workers may hold up a change. */
#define REBALANCE_MAX_NS (60 * NS_PER_S)

struct connect {
    connect_http_t *http;
};

connect_t *connect_open(const char *url, err_t *err)
{
    connect_t *connect = calloc(1, sizeof *connect);
    if (!connect) {
        err_set(err, ERR_RUN, "Kafka Connect: memory is out");
        return NULL;
    }
    connect->http = connect_http_open(url, err);
    if (!connect->http) {
        free(connect);
        return NULL;
    }
    return connect;
}

void connect_close(connect_t *connect)
{
    if (connect) {
        connect_http_close(connect->http);
        free(connect);
    }
}

const char *connect_display(const connect_t *connect)
{
    return connect_http_display(connect->http);
}

void connect_set_timeout(connect_t *connect, int timeout_ms)
{
    connect_http_set_timeout(connect->http, timeout_ms);
}

/* ---- calls -------------------------------------------------------------------------------------
 */

/* One call: of the worker (no name) or of a connector. */
typedef struct {
    const char *method;
    const char *name;   /* of the connector, or NULL */
    const char *action; /* the path's last part, or NULL */
    const char *query;  /* or NULL */
    const json_t *body; /* or NULL */
    const char *tried;  /* for messages */
    bool absent_is_fine;
} call_t;

/* As connect_http_request; asks again while the answer is 409, "Cannot complete request
 * momentarily" (Connect's RebalanceNeededException), for a while. */
static bool send(connect_t *connect, const call_t *call, connect_answer_t *answer, err_t *err)
{
    const char *path[4] = {NULL};
    size_t n = 0;
    if (call->name) {
        path[n++] = "connectors";
        path[n++] = call->name;
    }
    path[n] = call->action;
    int64_t until_ns = clock_now_ns() + REBALANCE_MAX_NS;
    while (connect_http_request(connect->http, call->method, path, call->query, call->body, answer,
                                err)) {
        if (answer->status != 409 || clock_now_ns() > until_ns) {
            return true;
        }
        json_decref(answer->body);
        clock_sleep_until_ns(clock_now_ns() + PAUSE_NS);
    }
    return false;
}

typedef enum { CALL_DONE, CALL_ABSENT, CALL_FAILED } outcome_t;

/* Sends it, and judges the answer. *body, unless body is NULL, is one when CALL_DONE: the caller's.
 * *err is filled when CALL_FAILED. */
static outcome_t perform(connect_t *connect, const call_t *call, json_t **body, err_t *err)
{
    connect_answer_t answer;
    if (!send(connect, call, &answer, err)) {
        return CALL_FAILED;
    }
    if (answer.status >= 200 && answer.status < 300 && (!body || answer.body)) {
        if (body) {
            *body = answer.body;
        } else {
            json_decref(answer.body);
        }
        return CALL_DONE;
    }
    json_decref(answer.body);
    if (answer.status == 404 && call->absent_is_fine) {
        return CALL_ABSENT;
    }
    err_set(err, ERR_RUN, "Kafka Connect at %s: %s%s%s%s: HTTP %ld: %s", connect_display(connect),
            call->name ? "connector " : "", call->name ? call->name : "", call->name ? ": " : "",
            call->tried, answer.status,
            answer.message[0] ? answer.message : "is it Connect that answers there?");
    return CALL_FAILED;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* ---- the worker --------------------------------------------------------------------------------
 */

bool connect_worker(connect_t *connect, connect_worker_t *out, err_t *err)
{
    const call_t call = {.method = "GET", .tried = "the worker's version could not be read"};
    json_t *body;
    if (perform(connect, &call, &body, err) != CALL_DONE) {
        return false;
    }
    snprintf(out->version, sizeof out->version, "%s", text_of(body, "version"));
    snprintf(out->cluster_id, sizeof out->cluster_id, "%s", text_of(body, "kafka_cluster_id"));
    json_decref(body);
    return out->version[0] != '\0' ||
           err_set(err, ERR_RUN,
                   "Kafka Connect at %s: what answers there names no version: is it Connect?",
                   connect_display(connect));
}

bool connect_plugin_version(connect_t *connect, const char *connector_class, char *version,
                            size_t size, err_t *err)
{
    const call_t call = {.method = "GET",
                         .action = "connector-plugins",
                         .tried = "the list of plugins could not be read"};
    json_t *plugins, *plugin;
    size_t i;
    if (perform(connect, &call, &plugins, err) != CALL_DONE) {
        return false;
    }
    bool found = false;
    json_array_foreach(plugins, i, plugin)
    {
        if (strcmp(text_of(plugin, "class"), connector_class) == 0) {
            snprintf(version, size, "%s", text_of(plugin, "version"));
            found = true;
        }
    }
    json_decref(plugins);
    return found || err_set(err, ERR_RUN,
                            "Kafka Connect at %s: no plugin has the class %s; unpack the plugin's "
                            "archive into a folder of the worker's plugin.path, and restart the "
                            "worker",
                            connect_display(connect), connector_class);
}

/* ---- configuration -----------------------------------------------------------------------------
 */

json_t *connect_list(connect_t *connect, err_t *err)
{
    const call_t call = {.method = "GET",
                         .action = "connectors",
                         .tried = "the list of connectors could not be read"};
    json_t *names;
    return perform(connect, &call, &names, err) == CALL_DONE ? names : NULL;
}

bool connect_put_config(connect_t *connect, const char *name, const json_t *config, err_t *err)
{
    const call_t call = {.method = "PUT",
                         .name = name,
                         .action = "config",
                         .body = config,
                         .tried = "its configuration was refused"};
    return perform(connect, &call, NULL, err) == CALL_DONE;
}

bool connect_get_config(connect_t *connect, const char *name, json_t **config, err_t *err)
{
    const call_t call = {.method = "GET",
                         .name = name,
                         .action = "config",
                         .tried = "its configuration could not be read",
                         .absent_is_fine = true};
    *config = NULL;
    return perform(connect, &call, config, err) != CALL_FAILED;
}

/* ---- state -------------------------------------------------------------------------------------
 */

/* Connect's AbstractStatus.State, in capitals. */
static const char *const state_names[CONNECT_STATES] = {
    [CONNECT_ABSENT] = "ABSENT",         [CONNECT_RUNNING] = "RUNNING",
    [CONNECT_PAUSED] = "PAUSED",         [CONNECT_STOPPED] = "STOPPED",
    [CONNECT_RESTARTING] = "RESTARTING", [CONNECT_UNASSIGNED] = "UNASSIGNED",
    [CONNECT_FAILED] = "FAILED",
};

const char *connect_state_name(connect_state_t state)
{
    return state_names[state];
}

/* A state that a later Connect may add is one in which nothing can be relied on. */
static connect_state_t read_state(const json_t *part)
{
    const char *name = text_of(part, "state");
    for (connect_state_t state = CONNECT_ABSENT; state < CONNECT_STATES; state++) {
        if (strcmp(state_names[state], name) == 0) {
            return state;
        }
    }
    return CONNECT_UNASSIGNED;
}

/* Keeps the first trace, the worst state, and where the task is. */
static void read_part(const json_t *part, connect_state_t *state, connect_status_t *out)
{
    connect_state_t found = read_state(part);
    const char *trace = json_string_value(json_object_get(part, "trace"));
    *state = found > *state ? found : *state;
    if (found == CONNECT_FAILED && trace && !out->trace) {
        out->trace = strdup(trace);
    }
    snprintf(out->worker, sizeof out->worker, "%s", text_of(part, "worker_id"));
}

bool connect_status(connect_t *connect, const char *name, connect_status_t *out, err_t *err)
{
    const call_t call = {.method = "GET",
                         .name = name,
                         .action = "status",
                         .tried = "its state could not be read",
                         .absent_is_fine = true};
    *out = (connect_status_t){.connector = CONNECT_ABSENT, .task = CONNECT_ABSENT};
    json_t *body, *task;
    size_t i;
    outcome_t outcome = perform(connect, &call, &body, err);
    if (outcome == CALL_DONE) {
        const json_t *tasks = json_object_get(body, "tasks");
        out->tasks = (int)json_array_size(tasks);
        read_part(json_object_get(body, "connector"), &out->connector, out);
        json_array_foreach(tasks, i, task)
        {
            read_part(task, &out->task, out);
        }
        json_decref(body);
    }
    return outcome != CALL_FAILED;
}

void connect_status_end(connect_status_t *status)
{
    free(status->trace);
    status->trace = NULL;
}

void connect_trace_heart(const char *trace, char *out, size_t size)
{
    static const char cause[] = "Caused by: ";
    const char *last = NULL;
    for (const char *at = trace; (at = strstr(at, cause)); at += sizeof cause - 1) {
        last = at + sizeof cause - 1;
    }
    int first_len = (int)strcspn(trace, "\r\n");
    if (last) {
        snprintf(out, size, "%.*s; caused by: %.*s", first_len, trace, (int)strcspn(last, "\r\n"),
                 last);
    } else {
        snprintf(out, size, "%.*s", first_len, trace);
    }
}

typedef enum { WAIT_ON, WAIT_OVER, WAIT_FAILED } wait_t;

/* What one look at the state means for who waits for RUNNING. */
static wait_t judge(const connect_t *connect, const char *name, const connect_status_t *status,
                    bool failed_for_long, buf_t *trace, err_t *err)
{
    if (status->connector == CONNECT_RUNNING && status->task == CONNECT_RUNNING) {
        return WAIT_OVER;
    }
    bool failed = status->connector == CONNECT_FAILED || status->task == CONNECT_FAILED;
    if (!failed || !failed_for_long) {
        return WAIT_ON;
    }
    char heart[768] = "no trace is given: see the worker's log";
    if (status->trace) {
        connect_trace_heart(status->trace, heart, sizeof heart);
    }
    if (trace && status->trace) {
        buf_puts(trace, status->trace);
    }
    err_set(err, ERR_RUN, "Kafka Connect at %s: connector %s: its %s FAILED: %s",
            connect_display(connect), name, status->connector == CONNECT_FAILED ? "start" : "task",
            heart);
    return WAIT_FAILED;
}

bool connect_wait_running(connect_t *connect, const char *name, int timeout_ms,
                          const atomic_int *interrupts, buf_t *trace, err_t *err)
{
    int64_t begun_ns = clock_now_ns(), not_failed_ns = begun_ns;
    for (;;) {
        connect_status_t status;
        if (!connect_status(connect, name, &status, err)) {
            return false;
        }
        int64_t now_ns = clock_now_ns();
        if (status.connector != CONNECT_FAILED && status.task != CONNECT_FAILED) {
            not_failed_ns = now_ns;
        }
        wait_t wait = judge(connect, name, &status, now_ns - not_failed_ns >= STALE_NS, trace, err);
        connect_status_end(&status);
        if (wait != WAIT_ON) {
            return wait == WAIT_OVER;
        }
        if (interrupts && relaxed_get(interrupts) > 0) {
            return err_set(err, ERR_INTERRUPTED, "interrupted while connector %s was starting",
                           name);
        }
        if (now_ns - begun_ns > timeout_ms * NS_PER_MS) {
            return err_set(
                err, ERR_RUN,
                "Kafka Connect at %s: connector %s is not running after %d ms (connector "
                "%s, task %s); the worker's log says what it waits for",
                connect_display(connect), name, timeout_ms, connect_state_name(status.connector),
                connect_state_name(status.task));
        }
        clock_sleep_until_ns(now_ns + PAUSE_NS);
    }
}

/* ---- life --------------------------------------------------------------------------------------
 */

bool connect_restart(connect_t *connect, const char *name, bool failed_alone, err_t *err)
{
    const call_t call = {.method = "POST",
                         .name = name,
                         .action = "restart",
                         .query = failed_alone ? "includeTasks=true&onlyFailed=true"
                                               : "includeTasks=true",
                         .tried = "it could not be restarted"};
    return perform(connect, &call, NULL, err) == CALL_DONE;
}

bool connect_stop(connect_t *connect, const char *name, int timeout_ms, err_t *err)
{
    const call_t call = {.method = "PUT",
                         .name = name,
                         .action = "stop",
                         .tried = "it could not be stopped (Connect 3.5 or later can)",
                         .absent_is_fine = true};
    outcome_t outcome = perform(connect, &call, NULL, err);
    if (outcome != CALL_DONE) {
        return outcome == CALL_ABSENT;
    }
    int64_t until_ns = clock_now_ns() + timeout_ms * NS_PER_MS;
    for (;;) {
        connect_status_t status;
        bool known = connect_status(connect, name, &status, err);
        bool stopped = status.tasks == 0 &&
                       (status.connector == CONNECT_STOPPED || status.connector == CONNECT_ABSENT);
        connect_status_end(&status);
        if (!known || stopped) {
            return known;
        }
        if (clock_now_ns() > until_ns) {
            return err_set(err, ERR_RUN,
                           "Kafka Connect at %s: connector %s was told to stop, and is still %s "
                           "with %d tasks after %d ms",
                           connect_display(connect), name, connect_state_name(status.connector),
                           status.tasks, timeout_ms);
        }
        clock_sleep_until_ns(clock_now_ns() + PAUSE_NS);
    }
}

bool connect_delete_offsets(connect_t *connect, const char *name, err_t *err)
{
    const call_t call = {.method = "DELETE",
                         .name = name,
                         .action = "offsets",
                         .tried = "its offsets could not be deleted (it must be stopped; Connect "
                                  "3.6 or later can)"};
    return perform(connect, &call, NULL, err) == CALL_DONE;
}

bool connect_delete(connect_t *connect, const char *name, bool *deleted, err_t *err)
{
    const call_t call = {.method = "DELETE",
                         .name = name,
                         .tried = "it could not be deleted",
                         .absent_is_fine = true};
    outcome_t outcome = perform(connect, &call, NULL, err);
    *deleted = outcome == CALL_DONE;
    return outcome != CALL_FAILED;
}
