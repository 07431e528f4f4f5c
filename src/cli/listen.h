/*
 * listen: --listen: a run for others to watch while it goes on: at / the page of the report, which
 * follows the run, and its data at /data.json; at /metrics what Prometheus collects. Main thread.
 */
#ifndef CDCBENCH_CLI_LISTEN_H
#define CDCBENCH_CLI_LISTEN_H

#include "plan/options/config.h"
#include "report/files/run_json.h"
#include "run/control/run.h"

typedef struct listen listen_t;

/* Takes the port, before any server is touched, and says where it is. NULL with *err. */
listen_t *listen_open(const config_t *config, const scenario_t *scenario, err_t *err);
void listen_close(listen_t *listen); /* NULL is allowed, here and below */

/* A run begins: one of several with --repeat and --explain-cost. What is published stays until its
 * first second. */
void listen_begin(listen_t *listen, const scenario_t *scenario);

/* A second has passed: publishes it. */
void listen_second(listen_t *listen, const run_t *run, const manifest_t *manifest,
                   const timeline_row_t *row);

#endif
