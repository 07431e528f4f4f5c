#include "base/units.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define K UINT64_C(1000)
#define M (K * K)
#define G (K * M)
#define T (K * G)

#define MAX_DECIMALS 18 /* 10^18 is the largest power of ten in the 64 bits of a divisor */

__extension__ typedef unsigned __int128 u128_t;

typedef struct {
    const char *name; /* what follows the number; NULL ends a list */
    uint64_t scale;
} unit_t;

static const unit_t count_units[] = {{"", 1},  {"k", K}, {"K", K}, {"M", M},
                                     {"G", G}, {"B", G}, {NULL, 0}};

static const unit_t rate_units[] = {{"", 1},    {"k", K},   {"K", K},   {"M", M},   {"G", G},
                                    {"B", G},   {"/s", 1},  {"k/s", K}, {"K/s", K}, {"M/s", M},
                                    {"G/s", G}, {"B/s", G}, {NULL, 0}};

static const unit_t duration_units[] = {
    {"", NS_PER_S},         {"us", NS_PER_US},       {"µs", NS_PER_US},
    {"ms", NS_PER_MS},      {"s", NS_PER_S},         {"m", 60 * NS_PER_S},
    {"h", 3600 * NS_PER_S}, {"d", 86400 * NS_PER_S}, {NULL, 0},
};

static const unit_t byte_units[] = {
    {"", 1},
    {"B", 1},
    {"kB", K},
    {"MB", M},
    {"GB", G},
    {"TB", T},
    {"KiB", UINT64_C(1) << 10},
    {"MiB", UINT64_C(1) << 20},
    {"GiB", UINT64_C(1) << 30},
    {"TiB", UINT64_C(1) << 40},
    {NULL, 0},
};

static const unit_t share_units[] = {{"%", 1}, {NULL, 0}};

static const unit_t number_units[] = {{"", 1}, {NULL, 0}};

/* One kind of number: its units and bound, and how messages speak of it. */
typedef struct {
    const char *name;
    const char *allowed;
    const char *most; /* the bound, for people */
    uint64_t max;
    const unit_t *units;
} kind_t;

static const kind_t count_kind = {
    .name = "a count",
    .allowed = "a whole number, as in 200000, 200k, 1.5M or 2G (k, M, G: powers of 1000)",
    .most = "18,446,744,073,709,551,615",
    .max = UINT64_MAX,
    .units = count_units,
};

static const kind_t rate_kind = {
    .name = "a rate",
    .allowed = "a number a second above zero, as in 0.5, 10k or 10k/s (k, M, G: powers of 1000)",
    .units = rate_units, /* a double holds all that can be written */
};

static const kind_t duration_kind = {
    .name = "a duration",
    .allowed = "a number with us, ms, s, m, h or d, as in 250ms or 2m (without a unit: seconds)",
    .most = "292 years",
    .max = INT64_MAX,
    .units = duration_units,
};

static const kind_t byte_kind = {
    .name = "a size",
    .allowed =
        "a number of bytes, as in 65536, 64KiB, 1GiB (powers of 1024), 64kB or 1MB (of 1000)",
    .most = "18,446,744,073,709,551,615 bytes",
    .max = UINT64_MAX,
    .units = byte_units,
};

static const kind_t share_kind = {
    .name = "a share",
    .allowed = "a percentage, as in 5%, 0.1% or 150%",
    .units = share_units,
};

static const kind_t number_kind = {
    .name = "a number",
    .allowed = "a decimal without a sign, as in 0.99 or 2",
    .units = number_units,
};

/* What was read: scaled / divisor, exactly. */
typedef struct {
    u128_t scaled; /* the digits, times the unit */
    uint64_t divisor;
} number_t;

static bool not_a(const kind_t *kind, const char *text, err_t *err)
{
    return err_set(err, ERR_USAGE, "\"%s\" is not %s; allowed is %s", text, kind->name,
                   kind->allowed);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* digits [ "." digits ] unit, where at least one digit stands before the point and, if there is a
 * point, behind it. */
static bool parse(const kind_t *kind, const char *text, number_t *out, err_t *err)
{
    const char *at = text;
    uint64_t digits = 0;
    uint64_t divisor = 1;
    bool behind_point = false;
    int decimals = 0;
    while (is_digit(*at) || (*at == '.' && !behind_point)) {
        if (*at == '.') {
            behind_point = true;
        } else {
            if (__builtin_mul_overflow(digits, 10, &digits) ||
                __builtin_add_overflow(digits, (uint64_t)(*at - '0'), &digits) ||
                (behind_point && ++decimals > MAX_DECIMALS)) {
                return err_set(err, ERR_USAGE, "\"%s\" has too many digits; allowed is %s", text,
                               kind->allowed);
            }
            divisor *= behind_point ? 10 : 1;
        }
        at++;
    }
    if (!is_digit(text[0]) || !is_digit(at[-1])) {
        return not_a(kind, text, err);
    }
    for (const unit_t *unit = kind->units; unit->name; unit++) {
        if (strcmp(at, unit->name) == 0) {
            *out = (number_t){(u128_t)digits * unit->scale, divisor};
            return true;
        }
    }
    return not_a(kind, text, err);
}

/* A number that is whole once its unit is taken in, and is within bounds. */
static bool parse_whole(const kind_t *kind, const char *text, uint64_t *out, err_t *err)
{
    number_t number = {0};
    if (!parse(kind, text, &number, err)) {
        return false;
    }
    u128_t whole = number.scaled / number.divisor;
    if (number.scaled % number.divisor != 0) {
        return err_set(err, ERR_USAGE, "\"%s\" has more decimals than its unit; allowed is %s",
                       text, kind->allowed);
    }
    if (whole > kind->max) {
        return err_set(err, ERR_USAGE, "\"%s\" is too large; allowed is at most %s", text,
                       kind->most);
    }
    *out = (uint64_t)whole;
    return true;
}

bool units_parse_count(const char *text, uint64_t *out, err_t *err)
{
    return parse_whole(&count_kind, text, out, err);
}

bool units_parse_bytes(const char *text, uint64_t *out, err_t *err)
{
    return parse_whole(&byte_kind, text, out, err);
}

bool units_parse_duration(const char *text, int64_t *out_ns, err_t *err)
{
    uint64_t ns = 0;
    if (!parse_whole(&duration_kind, text, &ns, err)) {
        return false;
    }
    *out_ns = (int64_t)ns;
    return true;
}

bool units_parse_rate(const char *text, double *out_per_s, err_t *err)
{
    number_t number = {0};
    if (!parse(&rate_kind, text, &number, err)) {
        return false;
    }
    if (number.scaled == 0) {
        return not_a(&rate_kind, text, err);
    }
    *out_per_s = (double)number.scaled / (double)number.divisor;
    return true;
}

bool units_parse_share(const char *text, double *out, err_t *err)
{
    number_t number = {0};
    if (!parse(&share_kind, text, &number, err)) {
        return false;
    }
    *out = (double)number.scaled / ((double)number.divisor * 100);
    return true;
}

bool units_parse_number(const char *text, double *out, err_t *err)
{
    number_t number = {0};
    if (!parse(&number_kind, text, &number, err)) {
        return false;
    }
    *out = (double)number.scaled / (double)number.divisor;
    return true;
}

units_text_t units_count(uint64_t value)
{
    char digits[24];
    units_text_t out;
    char *to = out.text;
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

/* value / unit, to the nearest whole, halves up; without the overflow of adding half a unit first.
 */
static uint64_t div_round(uint64_t value, uint64_t unit)
{
    return value / unit + (value % unit >= unit - unit / 2);
}

/* "-1.9 ms" from 19 tenths. */
static units_text_t tenths_text(const char *sign, uint64_t tenths, const char *unit)
{
    units_text_t out;
    snprintf(out.text, sizeof out.text, "%s%u.%u %s", sign, (unsigned)(tenths / 10),
             (unsigned)(tenths % 10), unit);
    return out;
}

static units_text_t whole_text(const char *sign, uint64_t value, const char *unit)
{
    units_text_t out, count = units_count(value);
    int len = (int)sizeof out.text - 8; /* what sign and unit take at most */
    snprintf(out.text, sizeof out.text, "%s%.*s %s", sign, len, count.text, unit);
    return out;
}

/* Rounding comes before the choice of a form: 9,960 µs is "10 ms", not "10.0 ms". */
units_text_t units_us(int64_t us)
{
    const char *sign = us < 0 ? "-" : "";
    uint64_t value = us < 0 ? -(uint64_t)us : (uint64_t)us;
    if (value < 1000) {
        return whole_text(sign, value, "µs");
    }
    if (div_round(value, 100) < 100) {
        return tenths_text(sign, div_round(value, 100), "ms");
    }
    if (div_round(value, K) < 10 * K) {
        return whole_text(sign, div_round(value, K), "ms");
    }
    return div_round(value, 100 * K) < 1000 ? tenths_text(sign, div_round(value, 100 * K), "s")
                                            : whole_text(sign, div_round(value, M), "s");
}

units_text_t units_bytes(uint64_t bytes)
{
    static const char *const names[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    const size_t last = sizeof names / sizeof names[0] - 1;
    size_t name = 0;
    uint64_t unit = 1;
    while (name < last && div_round(bytes, unit) >= 1000) {
        unit *= 1000;
        name++;
    }
    bool tenths = unit > 1 && div_round(bytes, unit / 10) < 100;
    return tenths ? tenths_text("", div_round(bytes, unit / 10), names[name])
                  : whole_text("", div_round(bytes, unit), names[name]);
}
