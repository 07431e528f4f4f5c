/*
 * topics: the topics that a run's tables are sent to, one a table, and the one of its transactions
 * where there is one: named, made, noted and removed. Controller's thread; blocking.
 */
#ifndef CDCBENCH_RUN_PIPELINE_TOPICS_H
#define CDCBENCH_RUN_PIPELINE_TOPICS_H

#include "base/buf.h"
#include "kafka/connect/connector_config.h"
#include "plan/options/config.h"

typedef struct {
    char *name;
    bool made;    /* by us, now or in a run before */
    bool created; /* now */
} topic_t;

typedef struct {
    topic_t at[TABLES_MAX + 1]; /* in the order of the tables; then that of the transactions */
    uint32_t n;
    const char *collections[TABLES_MAX]; /* the tables as Debezium names them, in those names:
                                            "public.transactions" */
    bool has_transactions; /* the last one is theirs: the connector has provide.transaction.metadata
                            */
} topics_t;

/* From the connector's configuration. False with *err: it does not say. topics_end in either case.
 */
bool topics_name(topics_t *topics, const connector_config_t *connector, uint32_t tables,
                 err_t *err);
void topics_end(topics_t *topics);

/* Makes those that are not there; without a --connect-url they must be there. `noted`: topics that
 * runs before have made, a line each. */
bool topics_make(topics_t *topics, const config_t *config, const char *noted, err_t *err);

/* Takes down what topics_make has created. */
bool topics_undo(const topics_t *topics, const config_t *config, err_t *err);

/* Appends to `out`, which holds what was noted before, a line for each that we made and that is not
 * there yet; false when memory is out. */
bool topics_note(const topics_t *topics, buf_t *out);

/* Deletes the topics of a note; *removed is raised by those that were there. */
bool topics_clean(const config_t *config, const char *noted, int *removed, err_t *err);

#endif
