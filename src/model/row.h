/*
 * row: row i of seed S as a pure function, and back. The definition, bit by bit, is docs/rows.md;
 * golden files in tests/golden freeze it. A row_space_t is made once and then only read: any
 * thread.
 *
 *   row number i ──permutation(S)──▶ 60 bits ─┐
 *                                             ├─▶ UUID version 4 (random order)
 *   XXH3(S', those 60 bits) ───────▶ 62 bits ─┘
 *   version 7 (time order): the 60 bits are 48 bits of milliseconds and 12 below, rising with i.
 *
 *   amount of version k, in cents: 1000 + (base(S, i) + k × step(S)) mod 99001, for k mod 65521;
 *   injective in k, so a tap reads the version from the amount.
 */
#ifndef CDCBENCH_MODEL_ROW_H
#define CDCBENCH_MODEL_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/row_tables.h"
#include "model/table.h"

typedef enum { KEY_UUID4, KEY_UUID7 } key_kind_t;

#define ROW_KEY_LEN       36 /* characters of a UUID */
#define ROW_NUMBER_MAX    ((UINT64_C(1) << 59) - 1)
#define ROW_ROLLBACK_BASE (UINT64_C(1) << 59) /* rows inserted only to be rolled back */
#define ROW_VERSIONS      65521u              /* versions wrap here; the largest prime below 2^16 */
#define ROW_CENTS_MIN     1000u               /* 10.00 */
#define ROW_CENTS_COUNT   99001u              /* …1000.00 */

typedef struct {
    uint64_t seed;
    key_kind_t key_kind;
    /* derived from the seed by row_space_init; docs/rows.md names each */
    uint64_t row_seed, check_seed;
    uint64_t table_seed; /* of the columns of tables other than `transactions` */
    uint64_t perm_xor, perm_mul[2], perm_inv[2];
    uint32_t amount_step, amount_step_inv;
    const row_tables_t *tables; /* the process's; not owned */
} row_space_t;

/* Fills *space (which owns nothing and may be copied). Any thread. */
void row_space_init(row_space_t *space, uint64_t seed, key_kind_t key_kind);

/* The key of row i (i < 2^60): exactly 36 characters, lower case, no NUL. */
void row_key(const row_space_t *space, uint64_t row, char out[ROW_KEY_LEN]);

/* The row number of a key; false when the text is no UUID of this seed and kind (its check fails),
 * or is not in lower case, as it was written. */
bool row_of_key(const row_space_t *space, const char *key, size_t len, uint64_t *row);

/* The amount, in cents, of a version (taken modulo ROW_VERSIONS) of a row. */
uint32_t row_amount_cents(const row_space_t *space, uint64_t row, uint32_t version);

/* Where a row's amounts begin, for the two functions below: what asks for several versions of one
 * row hashes its number once. */
uint32_t row_amount_base(const row_space_t *space, uint64_t row);

/* row_amount_cents of the row whose amounts begin at `base`. */
uint32_t row_amount_cents_from(const row_space_t *space, uint32_t base, uint32_t version);

/* The version whose amount this is; false when no version of the row whose amounts begin at `base`
 * has it. */
bool row_version_of_cents(const row_space_t *space, uint32_t base, uint32_t cents,
                          uint32_t *version);

/* "663.05": 5 to 7 characters, no NUL; returns the length. out has room for 12 (any uint32_t). */
size_t row_amount_text(uint32_t cents, char *out);

/* Reads "663.05", "663.5", "1000": false when it is no amount with at most two decimals. */
bool row_amount_parse(const char *text, size_t len, uint32_t *cents);

/* The largest row of `transactions` in COPY text, tabs and newline included. */
#define ROW_TEXT_MAX 512

/* A row's loaded columns as text (COPY text needs no escapes: no word holds tab, newline or
 * backslash). Column c is text[start[c]] up to start[c + 1] − 1, where its tab or newline stands.
 */
typedef struct {
    char text[ROW_TEXT_MAX];
    uint16_t start[TX_LOADED + 1];
} row_text_t;

/* Version 0 of row i. */
void row_text(const row_space_t *space, uint64_t row, row_text_t *out);

/* The row's `timestamp` column as Unix microseconds (whole seconds, UTC). */
int64_t row_timestamp_us(const row_space_t *space, uint64_t row);

#endif
