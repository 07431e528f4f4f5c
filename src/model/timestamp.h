/*
 * timestamp: PostgreSQL's text form of a timestamp under DateStyle ISO, and JSON's (to_json: 'T'
 * where the space is): YYYY-MM-DD HH:MM:SS with up to six decimals, trailing zeros left out
 * (src/backend/utils/adt/datetime.c: AppendTimestampSeconds). Pure; any thread.
 */
#ifndef CDCBENCH_MODEL_TIMESTAMP_H
#define CDCBENCH_MODEL_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMESTAMP_TEXT_MAX 26 /* years 0001 to 9999 */

/* Reads a timestamp written exactly so, with `separator` between date and time, as Unix µs (UTC).
 * One text has one value and one value one text: what parses to the same number is the same bytes.
 */
bool timestamp_parse(const char *text, size_t len, char separator, int64_t *unix_us);

/* Writes it (no NUL; years 0001 to 9999); returns the length. */
size_t timestamp_write(int64_t unix_us, char separator, char out[TIMESTAMP_TEXT_MAX]);

#endif
