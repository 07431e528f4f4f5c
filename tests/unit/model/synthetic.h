/*
 * synthetic: changes as a tap would hand them over, made up for the verifier's tests: every column
 * as the server would have sent it, ready to be damaged.
 */
#ifndef CDCBENCH_TESTS_SYNTHETIC_H
#define CDCBENCH_TESTS_SYNTHETIC_H

#include <stdio.h>
#include <string.h>

#include "model/change.h"
#include "model/timestamp.h"
#include "model/verify/verify.h"

#define SYNTHETIC_USER    "load\"er"
#define SYNTHETIC_TIME_US INT64_C(1795351591789283) /* 2026-11-22 12:46:31.789283 */

typedef struct {
    row_text_t text;
    char amounts[2][12], times[2][TIMESTAMP_TEXT_MAX], infos[2][CHANGE_INFO_TEXT_MAX];
    char damaged[CHANGE_INFO_TEXT_MAX + 1];
    change_t change;
} synthetic_t;

static inline field_t synthetic_field(const char *bytes, size_t len)
{
    return (field_t){.bytes = bytes, .len = (uint32_t)len, .kind = FIELD_TEXT};
}

/* One side: the row at a version; `updated`: as its triggers left it at time_us. */
static inline void synthetic_side(synthetic_t *s, field_t *fields, const verify_opts_t *opts,
                                  uint64_t row, uint32_t version, bool updated, int64_t time_us)
{
    size_t side = fields == s->change.after;
    for (size_t c = 0; c < TX_LOADED; c++)
        fields[c] = synthetic_field(s->text.text + s->text.start[c],
                                    (size_t)(s->text.start[c + 1] - 1 - s->text.start[c]));
    uint32_t cents = row_amount_cents(opts->space, row, version);
    fields[TX_AMOUNT] = synthetic_field(s->amounts[side], row_amount_text(cents, s->amounts[side]));
    for (size_t c = TX_LOADED; c < TX_COLUMNS; c++)
        fields[c] = (field_t){.kind = FIELD_NULL};
    if (updated && (opts->tables.use[0].triggers & TRIGGERS_USER)) {
        fields[TX_MODIFIED_BY] = synthetic_field(SYNTHETIC_USER, strlen(SYNTHETIC_USER));
        fields[TX_MODIFIED_AT] =
            synthetic_field(s->times[side], timestamp_write(time_us, ' ', s->times[side]));
    }
    if (updated && (opts->tables.use[0].triggers & TRIGGERS_COLUMNS)) {
        uint32_t old = row_amount_cents(opts->space, row, version + ROW_VERSIONS - 1);
        fields[TX_CHANGE_INFO] = synthetic_field(
            s->infos[side], change_info_write(cents, old, SYNTHETIC_USER, time_us, s->infos[side]));
    }
}

/* The change that made `version` of the row (a delete: of the row at that version). The version
 * counts on past ROW_VERSIONS. Trigger columns of updates hold time_us; those of old rows, a time
 * before. */
static inline void synthetic_make(synthetic_t *s, const verify_opts_t *opts, op_t op, uint64_t row,
                                  uint32_t version, uint64_t position, int64_t time_us)
{
    row_text(opts->space, row, &s->text);
    s->change = (change_t){.op = op, .position = position};
    if (op != OP_DELETE)
        synthetic_side(s, s->change.after, opts, row, version, op == OP_UPDATE, time_us);
    if (op == OP_INSERT)
        return;
    uint32_t old = op == OP_UPDATE ? version - 1 : version;
    s->change.before_kind = opts->tables.use[0].replica_identity_full ? BEFORE_FULL : BEFORE_KEY;
    synthetic_side(s, s->change.before, opts, row, old, old > 0, time_us - 1000);
    if (!opts->tables.use[0].replica_identity_full)
        memset(s->change.before + 1, 0, (TABLE_COLUMNS_MAX - 1) * sizeof s->change.before[0]);
}

/* Puts a text in a field's place. */
static inline void synthetic_replace(synthetic_t *s, field_t *field, const char *text)
{
    snprintf(s->damaged, sizeof s->damaged, "%s", text);
    *field = synthetic_field(s->damaged, strlen(s->damaged));
}

/* Changes the character at `at` to another of its sort, so that the field keeps its shape. */
static inline void synthetic_flip(synthetic_t *s, field_t *field, size_t at)
{
    memcpy(s->damaged, field->bytes, field->len);
    char c = s->damaged[at];
    s->damaged[at] = c == '9' ? '8' : c >= '0' && c < '9' ? (char)(c + 1) : c == 'x' ? 'y' : 'x';
    *field = synthetic_field(s->damaged, field->len);
}

#endif
