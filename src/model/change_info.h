/*
 * change_info: the jsonb that trigger_record_change_info writes into a row, as text. jsonb fixes
 * the order of keys (by length, then bytes) and the spaces, so there is one text for one value:
 *
 *   {"amount": {"new": 912.07, "old": 812.07}, "modified_at": "2026-11-22T12:46:31.789283+00:00",
 *    "modified_by": "postgres"}            (on one line)
 *
 * Pure; any thread.
 */
#ifndef CDCBENCH_MODEL_CHANGE_INFO_H
#define CDCBENCH_MODEL_CHANGE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANGE_INFO_TEXT_MAX 1024

/* What stands behind the time for one user: made once, since it is compared with every event's. */
typedef struct {
    char bytes[CHANGE_INFO_TEXT_MAX];
    size_t len;
} change_info_end_t;

void change_info_end(const char *user, change_info_end_t *out);

/* Reads the new amount from a text that starts as above; what follows it is not looked at. */
bool change_info_new_cents(const char *text, size_t len, uint32_t *cents);

/* Whether the text is, byte for byte, what the trigger makes of these amounts and this user at some
 * time, which is given back as Unix µs. */
bool change_info_matches(const char *text, size_t len, uint32_t new_cents, uint32_t old_cents,
                         const change_info_end_t *end, int64_t *unix_us);

/* Writes that text; returns its length (no NUL; cut at CHANGE_INFO_TEXT_MAX). A unix_us of
 * CHANGE_INFO_ANY_TIME is written as "...". */
#define CHANGE_INFO_ANY_TIME INT64_MIN
size_t change_info_write(uint32_t new_cents, uint32_t old_cents, const char *user, int64_t unix_us,
                         char out[CHANGE_INFO_TEXT_MAX]);

#endif
