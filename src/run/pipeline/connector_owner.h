/*
 * connector_owner: which process registered a connector: a setting of the connector's own that
 * Connect and Debezium pass over, so that two runs that share a Connect do not take each other's
 * connector for something left behind. Any thread; nothing is kept.
 */
#ifndef CDCBENCH_RUN_PIPELINE_CONNECTOR_OWNER_H
#define CDCBENCH_RUN_PIPELINE_CONNECTOR_OWNER_H

#define CONNECTOR_OWNER_KEY      "cdcbench.owner"
#define CONNECTOR_OWNER_TEXT_MAX 320

/* The mark of this process: its host, number and start ("db1 4711 88012345"; the start as proc(5)'s
 * field 22, since numbers are given again). */
void connector_owner_mark(char out[CONNECTOR_OWNER_TEXT_MAX]);

typedef enum {
    CONNECTOR_OWNER_NONE,      /* no mark, or none that can be read */
    CONNECTOR_OWNER_SELF,      /* this process */
    CONNECTOR_OWNER_RUNS,      /* another one of this host, which is still there */
    CONNECTOR_OWNER_ENDED,     /* one of this host that is no more */
    CONNECTOR_OWNER_ELSEWHERE, /* of another host: whether it is still there cannot be seen */
} connector_owner_t;

/* Whose mark it is; NULL: there is none. */
connector_owner_t connector_owner_judge(const char *mark);

#endif
