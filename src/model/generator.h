/*
 * generator: how a column's value is drawn, for every table but `transactions` (whose columns row.c
 * makes): a pure function of a draw, which is itself one of seed, row and column. The definition is
 * docs/rows.md, "Other tables"; golden files in tests/golden freeze it. Any thread.
 */
#ifndef CDCBENCH_MODEL_GENERATOR_H
#define CDCBENCH_MODEL_GENERATOR_H

#include <stddef.h>
#include <stdint.h>

#include "model/row_tables.h"

typedef enum {
    GENERATOR_NONE, /* not drawn: the key, the amount, what triggers set; all of `transactions` */
    GENERATOR_ROW_NUMBER,
    GENERATOR_UUID,
    GENERATOR_INTEGER,
    GENERATOR_DECIMAL,
    GENERATOR_TEXT,        /* words with spaces between them */
    GENERATOR_RANDOM_TEXT, /* letters and digits that no compressor makes smaller */
    GENERATOR_USER,
    GENERATOR_CITY,
    GENERATOR_COUNTRY,
    GENERATOR_MERCHANT,
    GENERATOR_FIRST_NAME,
    GENERATOR_SURNAME,
    GENERATOR_CHOICE,
    GENERATOR_TIMESTAMP,
    GENERATOR_BOOLEAN,
    GENERATOR_IPV4,
    GENERATOR_JSON, /* a small object, as jsonb prints it */
    GENERATOR_BYTES,
    GENERATORS
} generator_kind_t;

/* One of the texts that GENERATOR_CHOICE draws from: as it is, and as COPY text escapes it. */
typedef struct {
    const char *text, *copy_text;
    uint32_t len, copy_len;
} choice_t;

typedef struct {
    generator_kind_t kind;
    /* Both ends are drawn. Integer: the value. Decimal: the value × 10^scale. Timestamp: Unix
     * seconds. Text, random text, bytes: the length in bytes. */
    int64_t min, max;
    unsigned scale;
    const choice_t *choices;
    uint32_t n_choices;
    uint32_t null_share; /* of 65,536 rows so many have NULL in this column */
} generator_t;

#define GENERATED_NULL SIZE_MAX

/* Writes the value as PostgreSQL prints it (no NUL) and returns its length, or GENERATED_NULL. out
 * has room for generator_bytes_max. */
size_t generate(const generator_t *generator, const row_tables_t *tables, uint64_t row,
                uint64_t draw, char *out);

/* The same as a field of COPY text, escaped; NULL is \N. out has room for one byte more than
 * generator_bytes_max (or for all of the longest copy_text). */
size_t generate_copy_text(const generator_t *generator, const row_tables_t *tables, uint64_t row,
                          uint64_t draw, char *out);

/* The longest value that it makes, in either form. */
size_t generator_bytes_max(const generator_t *generator);

#endif
