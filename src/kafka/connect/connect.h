/*
 * connect: Kafka Connect's REST interface, as far as a run needs it: which worker it is, whether it
 * has Debezium, and a connector's life (configured, watched, restarted, stopped, forgotten,
 * removed). One thread at a time; calls block, each request for its timeout at most; owns its
 * connection. Paths and bodies: https://kafka.apache.org/documentation/#connect_rest
 *
 * Errors are ERR_RUN and name Connect's URL, what was tried, HTTP's status and Connect's message.
 */
#ifndef CDCBENCH_KAFKA_CONNECT_CONNECT_H
#define CDCBENCH_KAFKA_CONNECT_CONNECT_H

#include <jansson.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/err.h"

typedef struct connect connect_t;

/* "http://127.0.0.1:8083"; nothing is sent yet. A password in it becomes known as a secret. NULL
 * with *err: ERR_USAGE for what is no URL. */
connect_t *connect_open(const char *url, err_t *err);
void connect_close(connect_t *connect);                /* NULL is allowed */
const char *connect_display(const connect_t *connect); /* the URL without a password */

/* How long one request may take; 95 s at first, a little more than Connect itself takes. */
void connect_set_timeout(connect_t *connect, int timeout_ms);

/* ---- the worker ---- */

typedef struct {
    char version[64]; /* of Kafka, "4.3.1"; a distribution may add to it */
    char cluster_id[64];
} connect_worker_t;
bool connect_worker(connect_t *connect, connect_worker_t *out, err_t *err);

/* The version of the plugin that holds a connector class ("io.debezium.connector.postgresql.
 * PostgresConnector") into version, cut at size. False with *err when Connect does not answer, or
 * has no such plugin: then with what to do. */
bool connect_plugin_version(connect_t *connect, const char *connector_class, char *version,
                            size_t size, err_t *err);

/* ---- a connector's configuration ---- */

/* The names of all connectors, a JSON array; the caller's. NULL with *err. */
json_t *connect_list(connect_t *connect, err_t *err);

/* Makes the connector, or gives it a new configuration: an object of strings (connector_config.h).
 * Connect checks it first, for which Debezium connects to its database: what is wrong there is in
 * *err. Waits while the workers rebalance. */
bool connect_put_config(connect_t *connect, const char *name, const json_t *config, err_t *err);

/* The configuration as Connect has it, passwords included (secret_redact_json): *config is the
 * caller's, NULL when there is no such connector. False with *err. */
bool connect_get_config(connect_t *connect, const char *name, json_t **config, err_t *err);

/* ---- its state ---- */

/* From the best to the worst, so that the worst of several is the highest. */
typedef enum {
    CONNECT_ABSENT, /* there is no such connector, or no task, or nothing is known of it yet */
    CONNECT_RUNNING,
    CONNECT_PAUSED,
    CONNECT_STOPPED, /* without tasks; its offsets can be deleted */
    CONNECT_RESTARTING,
    CONNECT_UNASSIGNED, /* no worker has it yet, or a rebalance took it away */
    CONNECT_FAILED,     /* with a trace; stays so until it is restarted */
    CONNECT_STATES,
} connect_state_t;
const char *connect_state_name(connect_state_t state); /* "RUNNING" */

typedef struct {
    connect_state_t connector;
    connect_state_t task; /* the worst of its tasks; CONNECT_ABSENT when it has none */
    int tasks;
    char worker[128]; /* "host:port" of the worker that has the task, else the connector */
    char *trace;      /* a stack trace as Java prints it, whole, of what FAILED; else NULL */
} connect_status_t;

/* A connector that is not there is no error. Ended with connect_status_end, also after an error. */
bool connect_status(connect_t *connect, const char *name, connect_status_t *out, err_t *err);
void connect_status_end(connect_status_t *status);

/* Waits until the connector and all its tasks, one at least, are RUNNING. (Changes do not flow yet
 * then: see its slot.) False with *err when that takes longer than timeout_ms, when one is FAILED
 * and stays so: with the heart of its trace; or, ERR_INTERRUPTED, once *interrupts is above 0
 * (NULL: never). A failure's whole trace is appended to *trace, unless trace is NULL. */
bool connect_wait_running(connect_t *connect, const char *name, int timeout_ms,
                          const atomic_int *interrupts, buf_t *trace, err_t *err);

/* The heart of a Java stack trace on one line: the first line, and that of its last "Caused by",
 * which says why. */
void connect_trace_heart(const char *trace, char *out, size_t size);

/* ---- its life ---- */

/* Restarts the connector and its tasks, or those alone that are FAILED. */
bool connect_restart(connect_t *connect, const char *name, bool failed_alone, err_t *err);

/* Stops it, keeping configuration and offsets, and waits until it is STOPPED: its tasks are gone
 * then, and the slot is free. A connector that is not there is no error. */
bool connect_stop(connect_t *connect, const char *name, int timeout_ms, err_t *err);

/* Forgets the connector's source offsets, so that the next one of its name begins anew (needed
 * behind another database cluster). It must be STOPPED. Connect 3.6 or later. */
bool connect_delete_offsets(connect_t *connect, const char *name, err_t *err);

/* Removes the connector; its offsets stay, its state may be told for a moment more. One that is not
 * there is no error: *deleted tells. */
bool connect_delete(connect_t *connect, const char *name, bool *deleted, err_t *err);

#endif
