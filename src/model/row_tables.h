/*
 * row_tables: every text that a row is put together from, with its length, in slots of one size, so
 * that writing a field is one copy of a fixed size and one addition. Composed once per process from
 * the word lists by the rules of docs/rows.md ("Composed texts"); the same for every seed; read
 * only after that: any thread.
 */
#ifndef CDCBENCH_MODEL_ROW_TABLES_H
#define CDCBENCH_MODEL_ROW_TABLES_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ROW_COMPOSED  4096u /* entries of each composed table: a 12-bit draw */
#define ROW_COUNTRIES 249u
#define ROW_DAYS      731u /* 2023-01-01 … 2024-12-31 */
#define ROW_WHOLES    991u /* 10 … 1000, the whole part of an amount */

typedef struct {
    char text[7];
    uint8_t len;
} slot8_t;

typedef struct {
    char text[15];
    uint8_t len;
} slot16_t;

typedef struct {
    char text[31];
    uint8_t len;
} slot32_t;

typedef struct {
    char text[47];
    uint8_t len;
} slot48_t;

typedef struct {
    slot16_t users[ROW_COMPOSED];
    slot32_t cities[ROW_COMPOSED];
    slot32_t merchants[ROW_COMPOSED];
    slot48_t countries[ROW_COUNTRIES];
    slot16_t dates[ROW_DAYS];   /* "2023-01-01 " */
    slot8_t minutes[24 * 60];   /* "00:00:" */
    slot8_t wholes[ROW_WHOLES]; /* "10." */
    slot8_t first_octets[256];  /* "1.": by the octet's draw */
    slot8_t octets[256];        /* "0." */
    slot8_t user_digits[256];   /* "00" … "99", then empty */
    slot16_t payment_methods[4];
    slot16_t vouchers[2];
    slot8_t currencies[2];
    char pairs[100][2]; /* "00" … "99" */
    char hex[256][2];   /* "00" … "ff" */
} row_tables_t;

/* The tables; composed by the first call, whichever thread makes it. Never NULL, never freed. */
const row_tables_t *row_tables(void);

/* Fills a slot's text of `max` characters; what does not fit is a mistake in the word lists.
 * Returns the length. */
static inline uint8_t slot_put(char *slot, size_t max, const char *text)
{
    size_t len = strlen(text);
    assert(len <= max);
    if (len > max)
        len = max;
    /* A slot has a length, and no NUL. */
    memcpy(slot, text, len); /* NOLINT(bugprone-not-null-terminated-result) */
    return (uint8_t)len;
}

#define SLOT_PUT(slot, text_) ((slot)->len = slot_put((slot)->text, sizeof(slot)->text, (text_)))

/* Copies a whole slot (its size is a constant, so this is a move or two) and keeps `len` of it. */
#define SLOT_APPEND(at, slot) (memcpy((at), (slot)->text, sizeof(slot)->text), (at) + (slot)->len)

/* The project's word lists (words/<name>.txt), built in. Their content and order are part of the
 * row function: docs/rows.md. */
extern const char *const words_surnames[],
    *const words_first_names[], *const words_countries[], *const words_city_prefixes[],
                                                              *const words_city_suffixes[],
                                                                  *const words_company_suffixes[];

extern const size_t words_surnames_count, words_first_names_count, words_countries_count,
    words_city_prefixes_count, words_city_suffixes_count, words_company_suffixes_count;

#endif
