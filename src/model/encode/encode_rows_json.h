/*
 * encode_rows_json: rows as they are inserted, each as the message that Debezium would write for it
 * and a newline. Times and positions, which no row has, are made up, a function of the row too: row
 * i is transaction 1000 + i (mod 2^32), committed i (mod 2^40) µs after 2024-01-01 00:00:00 UTC, at
 * LSN 2^24 + 256 × i (mod 2^64); its message was made a millisecond later. Pure; any thread.
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_ROWS_JSON_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_ROWS_JSON_H

#include "model/encode/encode_envelope.h"

/* Room that a row needs. */
size_t encode_rows_json_max(const envelope_encoder_t *encoder);

/* Writes rows first … first + n − 1; returns the bytes written. */
size_t encode_rows_json(const envelope_encoder_t *encoder, const row_space_t *space, uint64_t first,
                        size_t n, char *out);

#endif
