#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>

#define ANCHOR_READINGS 16

static int64_t read_ns(clockid_t clock)
{
    struct timespec at;
    clock_gettime(clock, &at);
    return (int64_t)at.tv_sec * NS_PER_S + at.tv_nsec;
}

/* Division that rounds down for negative numbers too. */
static int64_t div_floor(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t clock_now_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

clock_anchor_t clock_anchor(void)
{
    clock_anchor_t anchor = {0};
    int64_t tightest_ns = INT64_MAX;
    for (int i = 0; i < ANCHOR_READINGS; i++) {
        int64_t before_ns = clock_now_ns();
        int64_t wall_ns = read_ns(CLOCK_REALTIME);
        int64_t after_ns = clock_now_ns();
        if (after_ns - before_ns < tightest_ns) {
            tightest_ns = after_ns - before_ns;
            /* The wall clock was read half-way; what its µs leaves over is taken off both. */
            int64_t middle_ns = before_ns + tightest_ns / 2;
            anchor.wall_us = div_floor(wall_ns, NS_PER_US);
            anchor.mono_ns = middle_ns - (wall_ns - anchor.wall_us * NS_PER_US);
        }
    }
    return anchor;
}

int64_t clock_unix_us(const clock_anchor_t *anchor, int64_t mono_ns)
{
    return anchor->wall_us + div_floor(mono_ns - anchor->mono_ns, NS_PER_US);
}

/* The calendar's fields, UTC, of a time; returns its microseconds within the second. */
static int calendar(int64_t unix_us, struct tm *out)
{
    int64_t seconds = div_floor(unix_us, US_PER_S);
    time_t at = (time_t)seconds;
    gmtime_r(&at, out);
    return (int)(unix_us - seconds * US_PER_S);
}

void clock_iso8601(int64_t unix_us, char *out, size_t size)
{
    assert(size >= 28);
    struct tm tm;
    int us = calendar(unix_us, &tm);
    snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, us);
}

void clock_compact(int64_t unix_us, char *out, size_t size)
{
    assert(size >= 17);
    struct tm tm;
    calendar(unix_us, &tm);
    snprintf(out, size, "%04d%02d%02dT%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
             tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void clock_sleep_until_ns(int64_t at_ns)
{
    if (at_ns <= 0) {
        return;
    }
    struct timespec at = {.tv_sec = (time_t)(at_ns / NS_PER_S),
                          .tv_nsec = (long)(at_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}
