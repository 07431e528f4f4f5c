#include "row_values.h"

#include <stdio.h>
#include <string.h>

#include "model/change.h"
#include "model/timestamp.h"

int64_t row_values_time_us(uint32_t version)
{
    return ROW_VALUES_START_US + INT64_C(1000000) * version;
}

static void update_columns(const row_space_t *space, uint64_t row, uint32_t version,
                           row_values_t *out)
{
    char info[CHANGE_INFO_TEXT_MAX];
    uint32_t cents = row_amount_cents(space, row, version);
    uint32_t old_cents = row_amount_cents(space, row, version - 1);
    int64_t time_us = row_values_time_us(version);
    out->texts[TX_AMOUNT][row_amount_text(cents, out->texts[TX_AMOUNT])] = '\0';
    strcpy(out->texts[TX_MODIFIED_BY], ROW_VALUES_USER);
    char *at = out->texts[TX_MODIFIED_AT];
    at[timestamp_write(time_us, ' ', at)] = '\0';
    size_t len = change_info_write(cents, old_cents, ROW_VALUES_USER, time_us, info);
    snprintf(out->texts[TX_CHANGE_INFO], ROW_VALUE_MAX, "%.*s", (int)len, info);
    for (int c = TX_LOADED; c < TX_COLUMNS; c++)
        out->values[c] = out->texts[c];
}

void row_values_make(const row_space_t *space, uint64_t row, uint32_t version, row_values_t *out)
{
    row_text_t text;
    row_text(space, row, &text);
    for (int c = 0; c < TX_LOADED; c++) {
        int len = text.start[c + 1] - text.start[c] - 1;
        snprintf(out->texts[c], ROW_VALUE_MAX, "%.*s", len, text.text + text.start[c]);
        out->values[c] = out->texts[c];
    }
    for (int c = TX_LOADED; c < TX_COLUMNS; c++)
        out->values[c] = NULL;
    if (version > 0)
        update_columns(space, row, version, out);
}
