#include "model/timestamp.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define SECONDS_LEN 19 /* "YYYY-MM-DD HH:MM:SS" */
#define US_PER_DAY  INT64_C(86400000000)

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar and back: H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms" (days_from_civil, civil_from_days), for years from
 * 0 on: eras of 400 years that begin on the first of March. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400, year_of_era = year % 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = days / 146097, day_of_era = days % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The byte `c` at a place of a word. */
#define AT(place, c) ((uint64_t)(unsigned char)(c) << 8 * (place))

/* Whether the bytes of `marks` (0xff where a mark stands) are those of `pattern`, and the others
 * digits. */
static inline bool has_shape(uint64_t word, uint64_t marks, uint64_t pattern)
{
    uint64_t digits = (word & ~marks) | (BYTES_ONES * '0' & marks);
    return (word & marks) == pattern && bytes_other_than_digits(digits) == 0;
}

static inline bool is_shaped(const char *text, char separator)
{
    return has_shape(bytes_word(text), AT(4, 0xff) | AT(7, 0xff), AT(4, '-') | AT(7, '-')) &&
           has_shape(bytes_word(text + 8), AT(2, 0xff) | AT(5, 0xff),
                     AT(2, separator) | AT(5, ':')) &&
           has_shape(bytes_word(text + 11), AT(2, 0xff) | AT(5, 0xff), AT(2, ':') | AT(5, ':'));
}

static inline int64_t two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* ".789" after the seconds, as µs: one to six digits, the last of them no zero; or nothing at all.
 */
static bool fraction_parse(const char *text, size_t len, int64_t *us)
{
    *us = 0;
    if (len == 0)
        return true;
    if (len < 2 || len > 7 || text[0] != '.' || text[len - 1] == '0')
        return false;
    for (size_t at = 1; at < 7; at++) {
        if (at < len && !digit(text[at]))
            return false;
        *us = *us * 10 + (at < len ? text[at] - '0' : 0);
    }
    return true;
}

bool timestamp_parse(const char *text, size_t len, char separator, int64_t *unix_us)
{
    int64_t fraction_us;
    if (len < SECONDS_LEN || !is_shaped(text, separator) ||
        !fraction_parse(text + SECONDS_LEN, len - SECONDS_LEN, &fraction_us))
        return false;
    int64_t year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 5);
    int64_t day = two_digits(text + 8), hour = two_digits(text + 11);
    int64_t minute = two_digits(text + 14), second = two_digits(text + 17);
    if (year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 ||
        day > days_of_month(year, month))
        return false;
    *unix_us = days_from_date(year, month, day) * US_PER_DAY +
               ((hour * 60 + minute) * 60 + second) * INT64_C(1000000) + fraction_us;
    return true;
}

/* The lowest `n` digits of a number. */
static void digits(int64_t number, char *out, int n)
{
    for (; n > 0; number /= 10)
        out[--n] = (char)('0' + number % 10);
}

size_t timestamp_write(int64_t unix_us, char separator, char out[TIMESTAMP_TEXT_MAX])
{
    int64_t days = unix_us / US_PER_DAY, us = unix_us % US_PER_DAY;
    if (us < 0) {
        us += US_PER_DAY;
        days--;
    }
    int64_t year, month, day;
    date_from_days(days, &year, &month, &day);
    int64_t second = us / 1000000;
    char text[TIMESTAMP_TEXT_MAX];
    digits(year, text, 4);
    digits(month, text + 5, 2);
    digits(day, text + 8, 2);
    digits(second / 3600, text + 11, 2);
    digits(second / 60 % 60, text + 14, 2);
    digits(second % 60, text + 17, 2);
    digits(us % 1000000, text + 20, 6);
    text[4] = text[7] = '-';
    text[10] = separator;
    text[13] = text[16] = ':';
    text[19] = '.';
    size_t len = TIMESTAMP_TEXT_MAX;
    while (text[len - 1] == '0' && len > SECONDS_LEN + 1)
        len--;
    if (text[len - 1] == '.')
        len--;
    memcpy(out, text, len);
    return len;
}
