/*
 * verify_side: one side of an event, before or after, on its way through verify_columns.c (which
 * makes it) and verify_drawn.c. Private to the layer; the tap's thread.
 */
#ifndef CDCBENCH_MODEL_VERIFY_VERIFY_SIDE_H
#define CDCBENCH_MODEL_VERIFY_VERIFY_SIDE_H

#include "model/verify/verify_internal.h"

typedef struct {
    event_t *event;
    const use_t *use;
    const row_text_t *text; /* of a row of `transactions` */
    const char *name;       /* "before" or "after" */
    const field_t *fields;
    uint32_t version;
    bool of_this_transaction; /* its modified_at is this transaction's time */
    bool may_be_unsent;       /* it is the new row of an update: TOASTed values need not be sent */
} side_t;

/* ---- verify_columns.c */

/* Keeps the fault, if there is room for it (else NULL), and marks the event. */
fault_t *verify_mismatch(const side_t *side, const char *column, const char *expected,
                         size_t expected_len, const field_t *found);
void verify_mismatch_in(const side_t *side, int column, const char *expected, size_t expected_len);

/* The amount of this side's version. */
void verify_amount(const side_t *side, int column);

/* ---- verify_trigger.c */

/* The trigger whose column this is, when it has not run on the update; else NULL. Constant text. */
const char *verify_silent_trigger(const side_t *side, int column);

/* ---- verify_drawn.c */

/* Compares the loaded columns of every table but `transactions`, each by its SQL type's form. */
void verify_drawn(const side_t *side);

#endif
