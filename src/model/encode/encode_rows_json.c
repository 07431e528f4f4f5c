#include "model/encode/encode_rows_json.h"

#define FIRST_COMMIT_US INT64_C(1704067200000000) /* 2024-01-01 00:00:00 UTC */
#define COMMIT_MASK     ((UINT64_C(1) << 40) - 1)
#define FIRST_TXN       1000u
#define FIRST_LSN       (UINT64_C(1) << 24)
#define ROW_LSN_BYTES   256u

size_t encode_rows_json_max(const envelope_encoder_t *encoder)
{
    return envelope_value_max(encoder) + 1;
}

size_t encode_rows_json(const envelope_encoder_t *encoder, const row_space_t *space, uint64_t first,
                        size_t n, char *out)
{
    char *at = out;
    row_text_t text;
    for (uint64_t row = first; row < first + n; row++) {
        uint64_t lsn = FIRST_LSN + ROW_LSN_BYTES * row;
        int64_t commit_us = FIRST_COMMIT_US + (int64_t)(row & COMMIT_MASK);
        row_text(space, row, &text);
        envelope_event_t event = {
            .op = OP_INSERT,
            .row = &text,
            .timestamp_us = row_timestamp_us(space, row),
            .after = envelope_state(space, row, 0, ENVELOPE_NEVER_UPDATED),
            .commit_us = commit_us,
            .event_ns = (commit_us + 1000) * 1000,
            .txn_id = (uint32_t)(FIRST_TXN + row),
            .lsn = lsn,
            .last_commit_lsn = row == 0 ? 0 : lsn - ROW_LSN_BYTES,
        };
        at += envelope_value_write(encoder, &event, at);
        *at++ = '\n';
    }
    return (size_t)(at - out);
}
