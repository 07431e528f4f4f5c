/*
 * debezium: the pipeline behind the kafka tap, for the length of a run: topics, connector, and the
 * slot that the connector makes. Set up in the order of docs/design.md ("The kafka tap"), watched,
 * and taken down again: what is left afterwards is the topic, which `cdcbench clean` removes.
 * Controller's thread; blocking.
 */
#ifndef CDCBENCH_RUN_PIPELINE_DEBEZIUM_H
#define CDCBENCH_RUN_PIPELINE_DEBEZIUM_H

#include <stdatomic.h>

#include "plan/options/config.h"
#include "postgres/admin.h"
#include "result/result.h"
#include "run/pipeline/topics.h"

typedef struct debezium debezium_t;

typedef struct {
    const config_t *config;
    const pg_target_t *target;
    pg_admin_t *admin; /* used by every call */
    const tables_t *tables;
    const char *noted_topics; /* those that earlier runs of ours made here, a line each */
    const atomic_int *interrupts;
} debezium_opts_t;

/* Registers the connector and waits until its slot is active. Without config->kafka.connect_url
 * nothing is registered, and the topic must be there. NULL with *err; what was made is taken down
 * then. */
debezium_t *debezium_start(const debezium_opts_t *opts, err_t *err);

const topics_t *debezium_topics(const debezium_t *d); /* run/pipeline/topics.h */
const char *debezium_slot(const debezium_t *d);       /* "" when the connector is somebody else's */

/* How often the connector looks for changes: poll.interval.ms, or Debezium's default of 500 where
 * it is not set or is somebody else's. Source: Debezium's documentation, "PostgreSQL connector:
 * poll.interval.ms". */
int64_t debezium_poll_interval_ns(const debezium_t *d);

/* As the last debezium_check found them ("RUNNING"; "UNREACHABLE" when Connect did not answer), for
 * those who watch; NULL when the connector is somebody else's. Any thread. */
const char *debezium_connector(const debezium_t *d); /* its name */
const char *debezium_connector_state(const debezium_t *d);
const char *debezium_task_state(const debezium_t *d);

/* For run.json: versions, connector's name and configuration (secrets masked), as a JSON text. */
const char *debezium_describe(const debezium_t *d);

/* False with *err (ERR_RUN, the heart of its trace) when the connector or its task has FAILED. Any
 * thread, one at a time. */
bool debezium_check(debezium_t *d, err_t *err);

/* Whether a debezium_check since the start has found Connect away, or the task taken from its
 * worker: what was sent and not yet noted as sent comes again then. Any thread. */
bool debezium_restart_seen(const debezium_t *d);

/* Stops and forgets the connector, drops its slot. Frees d in any case; NULL is allowed. False with
 * *err: what is left, and how to remove it. */
bool debezium_stop(debezium_t *d, err_t *err);

/* Whose connector is taken away. */
typedef enum {
    CLEAN_LEFT, /* that of a run that is over, or of another host: whoever asks knows of that one */
    CLEAN_OWN,  /* only what this process has made */
} clean_t;

/* The connector, if its slot is ours, and the topics that we made; waits until the slot is free to
 * be dropped. What is not ours, or another's with CLEAN_OWN, is passed over. *removed is raised. */
bool debezium_clean(const config_t *config, const pg_target_t *target, pg_admin_t *admin,
                    const char *noted_topics, clean_t whose, int *removed, err_t *err);

#endif
