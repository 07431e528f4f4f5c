#include "model/encode/copy_tables.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "model/row.h"

/* What makes one form of text out of the words. */
typedef struct {
    char separator;
    const char *no_voucher; /* an empty text, which must not read as NULL */
    bool quotes;            /* a text that holds the separator stands between quotes */
    size_t merchant_slot;
} line_form_t;

static const line_form_t text_form = {'\t', "", false, TEXT_MERCHANT_SLOT};
static const line_form_t csv_form = {',', "\"\"", true, CSV_MERCHANT_SLOT};

static line_tables_t text_tables, csv_tables;
static binary_tables_t the_binary_tables;
static pthread_once_t text_once = PTHREAD_ONCE_INIT, csv_once = PTHREAD_ONCE_INIT,
                      binary_once = PTHREAD_ONCE_INIT;

/* A word in its form, with `before` and `after` around it. */
static const char *dress(const line_form_t *form, const char *before, const char *word, size_t len,
                         const char *after)
{
    static _Thread_local char text[128];
    bool quoted = form->quotes && memchr(word, form->separator, len) != NULL;
    const char *quote = quoted ? "\"" : "";
    snprintf(text, sizeof text, "%s%s%.*s%s%s", before, quote, (int)len, word, quote, after);
    return text;
}

static void build_composed(const line_form_t *form, line_tables_t *tables, const char *separator)
{
    const row_tables_t *words = row_tables();
    for (unsigned e = 0; e < ROW_COMPOSED; e++) {
        tables->users[e] = words->users[e];
        SLOT_PUT(&tables->cities[e],
                 dress(form, "", words->cities[e].text, words->cities[e].len, separator));
        char *merchant = tables->merchants + e * form->merchant_slot;
        merchant[form->merchant_slot - 1] =
            (char)slot_put(merchant, form->merchant_slot - 1,
                           dress(form, "", words->merchants[e].text, words->merchants[e].len, ""));
    }
    for (unsigned c = 0; c < ROW_COUNTRIES; c++)
        SLOT_PUT(&tables->countries[c],
                 dress(form, "", words->countries[c].text, words->countries[c].len, separator));
    for (unsigned p = 0; p < 4; p++)
        SLOT_PUT(&tables->payments[p], dress(form, separator, words->payment_methods[p].text,
                                             words->payment_methods[p].len, separator));
}

static void build_digits(const line_form_t *form, line_tables_t *tables, const char *separator)
{
    const row_tables_t *words = row_tables();
    memcpy(tables->dates, words->dates, sizeof tables->dates);
    memcpy(tables->minutes, words->minutes, sizeof tables->minutes);
    memcpy(tables->wholes, words->wholes, sizeof tables->wholes);
    memcpy(tables->first_octets, words->first_octets, sizeof tables->first_octets);
    memcpy(tables->octets, words->octets, sizeof tables->octets);
    for (unsigned n = 0; n < 256; n++)
        SLOT_PUT(&tables->user_ends[n],
                 dress(form, "", words->user_digits[n].text, words->user_digits[n].len, separator));
    char text[64];
    for (unsigned n = 0; n < 60; n++) {
        snprintf(text, sizeof text, "%02u%s", n, separator);
        slot_put(tables->seconds[n].text, sizeof tables->seconds[n].text, text);
    }
    for (unsigned currency = 0; currency < 2; currency++) {
        for (unsigned n = 0; n < 100; n++) {
            snprintf(text, sizeof text, "%02u%s%.3s%s", n, separator,
                     words->currencies[currency].text, separator);
            SLOT_PUT(&tables->cents[currency][n], text);
        }
    }
    for (unsigned voucher = 0; voucher < 2; voucher++) {
        for (unsigned n = 0; n < 256; n++) {
            snprintf(text, sizeof text, "%u%s%s%s", n, separator,
                     voucher == 0 ? form->no_voucher : words->vouchers[1].text, separator);
            SLOT_PUT(&tables->ends[voucher][n], text);
        }
    }
}

static void build(const line_form_t *form, line_tables_t *tables)
{
    char separator[] = {form->separator, '\0'};
    tables->key_end = form->separator;
    tables->line_end = '\n';
    build_composed(form, tables, separator);
    build_digits(form, tables, separator);
}

static void build_text(void)
{
    build(&text_form, &text_tables);
}

static void build_csv(void)
{
    build(&csv_form, &csv_tables);
}

const line_tables_t *line_tables_text(void)
{
    pthread_once(&text_once, build_text);
    return &text_tables;
}

const line_tables_t *line_tables_csv(void)
{
    pthread_once(&csv_once, build_csv);
    return &csv_tables;
}

/* A word behind its length; returns what is written. */
static uint8_t put_binary(char *slot, size_t max, const char *word, size_t len)
{
    assert(len + 4 <= max);
    memcpy(slot, (const char[]){0, 0, 0, (char)len}, 4);
    memcpy(slot + 4, word, len);
    return (uint8_t)(len + 4);
}

#define BINARY_PUT(slot, word)                                                                     \
    ((slot)->len = put_binary((slot)->text, sizeof(slot)->text, (word)->text, (word)->len))

static void build_binary(void)
{
    binary_tables_t *tables = &the_binary_tables;
    const row_tables_t *words = row_tables();
    static const char key_len[4] = {0, 0, 0, ROW_KEY_LEN};
    tables->words = words;
    tables->head.len = 6;
    tables->head.text[1] = TX_LOADED;
    memcpy(tables->head.text + 2, key_len, sizeof key_len);
    for (unsigned e = 0; e < ROW_COMPOSED; e++) {
        BINARY_PUT(&tables->cities[e], &words->cities[e]);
        BINARY_PUT(&tables->merchants[e], &words->merchants[e]);
    }
    for (unsigned c = 0; c < ROW_COUNTRIES; c++)
        BINARY_PUT(&tables->countries[c], &words->countries[c]);
    for (unsigned p = 0; p < 4; p++)
        BINARY_PUT(&tables->payments[p], &words->payment_methods[p]);
    for (unsigned k = 0; k < 2; k++) {
        slot32_t *voucher = &tables->vouchers[k];
        BINARY_PUT(&tables->currencies[k], &words->currencies[k]);
        BINARY_PUT(voucher, &words->vouchers[k]);
        memcpy(voucher->text + voucher->len, key_len, sizeof key_len);
        voucher->len += (uint8_t)sizeof key_len;
    }
}

const binary_tables_t *binary_tables(void)
{
    pthread_once(&binary_once, build_binary);
    return &the_binary_tables;
}
