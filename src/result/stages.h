/*
 * stages: the parts of a change's way that are timed, a row of one table each: what every file,
 * table and page calls them, and what they are. Constant.
 */
#ifndef CDCBENCH_RESULT_STAGES_H
#define CDCBENCH_RESULT_STAGES_H

#include <stdbool.h>

#include "plan/options/taps.h"

typedef enum {
    STAGE_COMMIT_TO_SEND,
    STAGE_SEND_TO_RECEIPT,
    STAGE_COMMIT_TO_DEBEZIUM,
    STAGE_DEBEZIUM_TO_PRODUCE,
    STAGE_PRODUCE_TO_RECEIPT,
    STAGE_DEBEZIUM_TO_APPEND,
    STAGE_APPEND_TO_RECEIPT,
    STAGE_COMMIT_TO_RECEIPT,
    STAGE_ACK_TO_RECEIPT,
    STAGE_INTENDED_TO_RECEIPT,
    STAGE_KAFKA_MINUS_WAL,
    STAGE_COUNT
} stage_t;

/* A stage is from one moment to the next; or a difference, from a transaction's last event on one
 * tap to its last on another. */
typedef struct {
    const char *name; /* as in lag.csv */
    const char *from, *to;
    const char *clock;  /* whose clock it is measured by */
    const char *words;  /* what happens meanwhile, for the reader; NULL: the moments say it */
    bool is_link;       /* one of those that sum to commit_to_receipt; shown beneath it */
    bool is_difference; /* of `tap` against `other`: it stands in the result of `tap` */
    tap_id_t tap, other;
} stage_row_t;
extern const stage_row_t stage_rows[STAGE_COUNT];

/* Whether it is a difference that the tap has part in, but which stands in another's result. */
bool stage_is_anothers(stage_t stage, tap_id_t tap);

#endif
