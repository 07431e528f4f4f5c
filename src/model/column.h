/*
 * column: a column as a user describes it (docs/tables.md), by settings in words: which generators
 * and which SQL types there are, and whether the one's values are the other's. For table_builder,
 * which owns the words. Pure; any thread; errors are ERR_USAGE.
 */
#ifndef CDCBENCH_MODEL_COLUMN_H
#define CDCBENCH_MODEL_COLUMN_H

#include "model/table.h"

#define COLUMN_LENGTH_MAX 65536 /* bytes of a generated text or bytea */

typedef enum {
    SET_TYPE,
    SET_GENERATOR,
    SET_MIN,
    SET_MAX,
    SET_SCALE,
    SET_LENGTH,
    SET_FROM,
    SET_TO,
    SET_NULLS,
    SET_STORAGE,
    SETTINGS
} setting_t;

extern const char *const setting_names[SETTINGS]; /* "type", "generator", … */

/* What a user has said of a column. Texts are borrowed. */
typedef struct {
    const char *settings[SETTINGS]; /* NULL: nothing */
    choice_t *choices;
    size_t n_choices;
} column_draft_t;

/* Fills in all of *out but its name. False with *err: a setting that cannot be read, that the
 * generator does not know, or that is missing; or a type that does not hold the values. */
bool column_finish(const column_draft_t *draft, column_t *out, err_t *err);

#endif
