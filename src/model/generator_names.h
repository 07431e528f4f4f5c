/*
 * generator_names: what a user calls each generator, the SQL type that its column has unless said
 * otherwise, and which settings it takes. Constant data; any thread.
 */
#ifndef CDCBENCH_MODEL_GENERATOR_NAMES_H
#define CDCBENCH_MODEL_GENERATOR_NAMES_H

#include "model/table.h"

enum {
    USES_RANGE = 1,    /* min, max */
    USES_SCALE = 2,    /* scale */
    USES_LENGTH = 4,   /* length */
    USES_PERIOD = 8,   /* from, to */
    USES_CHOICES = 16, /* of */
    USES_NULLS = 32,   /* nulls */
};

typedef struct {
    const char *name;
    const char *sql_type;
    column_role_t role;
    unsigned uses;
    generator_t defaults;
} generator_name_t;

/* The generator of that name; NULL with *err (ERR_USAGE): what was read and what is allowed. */
const generator_name_t *generator_named(const char *name, err_t *err);

#endif
