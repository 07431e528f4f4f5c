/*
 * units: numbers with units as people write them, both ways. Pure; any thread.
 * A reader returns false and fills *err with what was read and what is allowed (code ERR_USAGE);
 * the caller wraps it with the option's or the key's name. No sign is accepted but where said; no
 * trailing characters and no spaces; no exponent; overflow is an error. Nothing is rounded: "1.5M"
 * is exact, and a count or a duration that has more decimals than its unit is an error. *out is
 * written on success alone.
 */
#ifndef CDCBENCH_BASE_UNITS_H
#define CDCBENCH_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* "200000", "200k", "1.5M", "2G" (powers of 1000: k, K, M, and G or B). The result is whole. */
bool units_parse_count(const char *text, uint64_t *out, err_t *err);

/* A count per second: "10k", "0.5", "10k/s". Above zero and finite. */
bool units_parse_rate(const char *text, double *out_per_s, err_t *err);

/* "250ms", "90us", "10s", "2m", "1h", "7d"; a bare number is seconds (as pgbench -T); "µs" is
 * read too. ns result, at most 292 years. */
bool units_parse_duration(const char *text, int64_t *out_ns, err_t *err);

/* "65536", "64KiB", "64MiB", "1GiB", "64kB", "1MB", "2TB" (with an i powers of 1024, else of 1000).
 */
bool units_parse_bytes(const char *text, uint64_t *out, err_t *err);

/* "5%", "0.1%", "150%": 0.05, 0.001, 1.5. */
bool units_parse_share(const char *text, double *out, err_t *err);

/* "0.99", "2" */
bool units_parse_number(const char *text, double *out, err_t *err);

/* The writers. What they write stands until the end of the expression that it is made in, such as a
 * call of printf. "µ" is two bytes and one column. */
typedef struct {
    char text[32];
} units_text_t;

/* "1,234,567" */
units_text_t units_count(uint64_t value);
/* A duration for people, from µs, signed: "812 µs", "1.9 ms", "31 ms", "1,003 ms", "12.3 s",
 * "3,600 s". Rounded to the nearest, halves away from zero. */
units_text_t units_us(int64_t us);
/* "812 B", "1.2 MB", "64 kB": powers of 1000 */
units_text_t units_bytes(uint64_t bytes);

#endif
