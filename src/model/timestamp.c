#include "model/timestamp.h"

#include <stdio.h>
#include <string.h>

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

/* Matches text against a pattern in which 0 stands for a digit. */
static bool has_shape(const char *text, const char *pattern)
{
    for (size_t at = 0; pattern[at] != '\0'; at++) {
        if (pattern[at] == '0' ? !digit(text[at]) : text[at] != pattern[at])
            return false;
    }
    return true;
}

static int64_t number(const char *text, size_t len)
{
    int64_t value = 0;
    for (size_t at = 0; at < len; at++)
        value = value * 10 + (text[at] - '0');
    return value;
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
    char pattern[] = "0000-00-00 00:00:00";
    pattern[10] = separator;
    int64_t fraction_us;
    if (len < SECONDS_LEN || !has_shape(text, pattern) ||
        !fraction_parse(text + SECONDS_LEN, len - SECONDS_LEN, &fraction_us))
        return false;
    int64_t year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    int64_t hour = number(text + 11, 2), minute = number(text + 14, 2);
    int64_t second = number(text + 17, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t days = days_from_date(year, month, day), back_year, back_month, back_day;
    date_from_days(days, &back_year, &back_month, &back_day);
    if (back_month != month || back_day != day)
        return false; /* a day that its month does not have */
    *unix_us =
        days * US_PER_DAY + ((hour * 60 + minute) * 60 + second) * INT64_C(1000000) + fraction_us;
    return true;
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
    char text[128];
    snprintf(text, sizeof text, "%04d-%02d-%02d%c%02d:%02d:%02d.%06d", (int)year, (int)month,
             (int)day, separator, (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60),
             (int)(us % 1000000));
    size_t len = TIMESTAMP_TEXT_MAX;
    while (text[len - 1] == '0' && len > SECONDS_LEN + 1)
        len--;
    if (text[len - 1] == '.')
        len--;
    memcpy(out, text, len);
    return len;
}
