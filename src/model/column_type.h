/*
 * column_type: the SQL types that a column of a user's table may have, as text in and as a form
 * out. Pure; any thread.
 */
#ifndef CDCBENCH_MODEL_COLUMN_TYPE_H
#define CDCBENCH_MODEL_COLUMN_TYPE_H

#include "model/table.h"

typedef struct {
    const char *name; /* without its modifiers; constant text */
    sql_form_t form;
    bool is_uuid, is_inet;
    int modifiers[2]; /* varchar(n): n; numeric(p, s): p and s; −1: not given */
} column_type_t;

/* Reads "varchar(255)", "numeric(10, 2)", "bigint"… False with *err (ERR_USAGE): what was read and
 * what is allowed. */
bool column_type_parse(const char *text, column_type_t *out, err_t *err);

/* Whether every value that the generator makes is one of that type, printed as it was made. False
 * with *err. */
bool column_type_holds(const column_type_t *type, const generator_t *generator, err_t *err);

/* The same for the key and the amount. */
bool column_type_holds_key(const column_type_t *type, err_t *err);
bool column_type_holds_amount(const column_type_t *type, err_t *err);

#endif
