/*
 * copy_tables: row_tables once more, with what stands between columns put to the words, so that a
 * line is a row of slot copies with nothing in between. One instance for each form of text; made by
 * the first call, read only after that: any thread.
 */
#ifndef CDCBENCH_MODEL_ENCODE_COPY_TABLES_H
#define CDCBENCH_MODEL_ENCODE_COPY_TABLES_H

#include "model/row_tables.h"

typedef struct {
    char text[4];
} slot4_t;

typedef struct {
    char text[63];
    uint8_t len;
} slot64_t;

/* Slots of merchants are as short as the form allows: more of them stay in the cache. The last byte
 * is the length. */
#define TEXT_MERCHANT_SLOT 32
#define CSV_MERCHANT_SLOT  48

/* In the order of a line; '|' is the separator. */
typedef struct {
    char key_end; /* | */
    slot16_t users[ROW_COMPOSED];
    slot8_t user_ends[256];            /* 07|    or | */
    slot16_t dates[ROW_DAYS];          /* 2023-01-01_        always 11 */
    slot8_t minutes[24 * 60];          /* 00:00:             always 6 */
    slot4_t seconds[60];               /* 17|                always 3 */
    slot8_t wholes[ROW_WHOLES];        /* 10. */
    slot8_t cents[2][100];             /* 05|USD|            always 7 */
    slot32_t cities[ROW_COMPOSED];     /* …| */
    slot48_t countries[ROW_COUNTRIES]; /* …| */
    char merchants[ROW_COMPOSED * CSV_MERCHANT_SLOT];
    slot32_t payments[4];      /* |credit_card| */
    slot8_t first_octets[256]; /* 1. */
    slot8_t octets[256];       /* 0. */
    slot16_t ends[2][256];     /* 0|DISCOUNT10| */
    char line_end;
} __attribute__((aligned(64))) line_tables_t;

/* COPY binary: the lengths stand before the words, each a big-endian i32. */
typedef struct {
    const row_tables_t *words; /* those whose length depends on what follows */
    slot8_t head;              /* the number of columns, the key's length */
    slot8_t currencies[2];
    slot32_t cities[ROW_COMPOSED];
    slot64_t countries[ROW_COUNTRIES];
    slot48_t merchants[ROW_COMPOSED];
    slot32_t payments[4];
    slot32_t vouchers[2]; /* and the length of affiliateid */
} __attribute__((aligned(64))) binary_tables_t;

const binary_tables_t *binary_tables(void);

const line_tables_t *line_tables_text(void); /* COPY text */
const line_tables_t *line_tables_csv(void);

#endif
