#include "plan/options/expect.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/nearest.h"
#include "base/units.h"
#include "plan/options/taps.h"

static const char *const times[] = {"lag", "latency", "service", "schedule_lag"};
static const char *const counts[] = {"missing",     "duplicated", "out_of_order", "mismatched",
                                     "rolled_back", "unknown",    "errors",       "retries"};
static const char kept_up[] = "kept_up";
#define N_TIMES  (sizeof times / sizeof *times)
#define N_COUNTS (sizeof counts / sizeof *counts)
_Static_assert(N_TIMES == EXPECT_MISSING && N_TIMES + N_COUNTS == EXPECT_KEPT_UP,
               "a name for each measure");

static const struct {
    const char *name;
    double percent;
} percents[] = {{"mean", 0}, {"p50", 50},    {"p90", 90}, {"p95", 95},
                {"p99", 99}, {"p999", 99.9}, {"max", 100}};
#define N_PERCENTS (sizeof percents / sizeof *percents)

/* Longer ones before those that they begin with; by expect_relation_t. */
static const struct {
    const char *sign;
    expect_relation_t relation;
} relations[] = {{"<=", EXPECT_AT_MOST}, {"<", EXPECT_BELOW},  {">=", EXPECT_AT_LEAST},
                 {">", EXPECT_ABOVE},    {"==", EXPECT_EQUAL}, {"!=", EXPECT_UNEQUAL}};
#define N_RELATIONS (sizeof relations / sizeof *relations)

bool expect_is_readable(const char *text, err_t *err)
{
    expect_t ignored;
    return expect_parse(text, &ignored, err);
}

bool expect_is_time(const expect_t *expect)
{
    return expect->measure < EXPECT_MISSING;
}

bool expect_holds(const expect_t *expect, double measured)
{
    double value = (double)expect->value;
    switch (expect->relation) {
    case EXPECT_BELOW:
        return measured < value;
    case EXPECT_AT_MOST:
        return measured <= value;
    case EXPECT_ABOVE:
        return measured > value;
    case EXPECT_AT_LEAST:
        return measured >= value;
    case EXPECT_EQUAL:
        return measured == value;
    case EXPECT_UNEQUAL:
        return measured != value;
    }
    __builtin_unreachable();
}

/* "lag_p99" or "missing" */
static bool find_measure(const char *name, expect_t *out)
{
    char whole[64];
    if (strcmp(name, kept_up) == 0) {
        out->measure = EXPECT_KEPT_UP;
        return true;
    }
    for (size_t i = 0; i < N_TIMES; i++) {
        for (size_t j = 0; j < N_PERCENTS; j++) {
            snprintf(whole, sizeof whole, "%s_%s", times[i], percents[j].name);
            if (strcmp(name, whole) == 0) {
                out->measure = (expect_measure_t)i;
                out->percent = percents[j].percent;
                return true;
            }
        }
    }
    for (size_t i = 0; i < N_COUNTS; i++) {
        if (strcmp(name, counts[i]) == 0) {
            out->measure = (expect_measure_t)(N_TIMES + i);
            return true;
        }
    }
    return false;
}

static bool unknown_measure(const char *text, const char *name, err_t *err)
{
    char whole[N_TIMES * N_PERCENTS][32];
    nearest_t nearest = nearest_begin(name, strlen(name));
    for (size_t i = 0; i < N_TIMES * N_PERCENTS; i++) {
        snprintf(whole[i], sizeof whole[i], "%s_%s", times[i / N_PERCENTS],
                 percents[i % N_PERCENTS].name);
        nearest_offer(&nearest, whole[i]);
    }
    for (size_t i = 0; i < N_COUNTS; i++) {
        nearest_offer(&nearest, counts[i]);
    }
    nearest_offer(&nearest, kept_up);
    return err_set(
        err, ERR_USAGE,
        "cannot read '%s': there is no measure '%s'%s (allowed: lag, latency, service "
        "or schedule_lag with _mean, _p50, _p90, _p95, _p99, _p999 or _max; missing, "
        "duplicated, out_of_order, mismatched, rolled_back, unknown, errors, retries; kept_up)",
        text, name, nearest_hint(&nearest));
}

static bool parse_value(const char *text, const char *value, expect_t *out, err_t *err)
{
    int64_t ns;
    uint64_t count;
    if (expect_is_time(out)) {
        /* Without a unit it would be seconds, where people may mean milliseconds. */
        bool has_unit = value[0] != '\0' && value[strspn(value, "0123456789.")] != '\0';
        if (!has_unit || !units_parse_duration(value, &ns, NULL)) {
            return err_set(err, ERR_USAGE,
                           "cannot read '%s': '%s' is no time with a unit, such as 500ms or 2s",
                           text, value);
        }
        out->value = ns / NS_PER_US;
        return true;
    }
    if (!units_parse_count(value, &count, NULL) || count > INT64_MAX) {
        return err_set(err, ERR_USAGE, "cannot read '%s': '%s' is no whole number", text, value);
    }
    out->value = (int64_t)count;
    return true;
}

/* The tap and the measure; a phase's name before them may hold dots itself. */
static bool parse_name(const char *text, char *name, expect_t *out, err_t *err)
{
    char *dot = strrchr(name, '.');
    const char *measure = dot != NULL ? dot + 1 : name;
    if (dot != NULL) {
        *dot = '\0';
        if (strlen(name) >= sizeof out->phase) {
            return err_set(err, ERR_USAGE, "cannot read '%s': no phase has so long a name", text);
        }
        strcpy(out->phase, name);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        size_t len = strlen(tap_rows[tap].name);
        if (out->tap < 0 && strncmp(measure, tap_rows[tap].name, len) == 0 && measure[len] == '_') {
            out->tap = (int)tap;
            measure += len + 1;
        }
    }
    if (!find_measure(measure, out)) {
        return unknown_measure(text, measure, err);
    }
    bool of_tap = out->measure == EXPECT_LAG || out->measure == EXPECT_KEPT_UP ||
                  (out->measure >= EXPECT_MISSING && out->measure <= EXPECT_UNKNOWN);
    if (out->tap >= 0 && !of_tap) {
        return err_set(err, ERR_USAGE, "cannot read '%s': %s is not measured at a tap", text,
                       measure);
    }
    if (out->phase[0] != '\0' && out->measure >= EXPECT_MISSING && out->measure <= EXPECT_UNKNOWN) {
        return err_set(err, ERR_USAGE,
                       "cannot read '%s': %s is counted over the whole run, not for a phase", text,
                       measure);
    }
    return true;
}

/* "kept_up" by itself, with or without phase and tap: it is so, or not. */
static bool is_kept_up(const char *text)
{
    size_t len = strlen(text), of = strlen(kept_up);
    bool ends_so = len >= of && strcmp(text + len - of, kept_up) == 0;
    return ends_so && (len == of || text[len - of - 1] == '.' || text[len - of - 1] == '_');
}

static bool parse_kept_up(const char *text, expect_t *out, err_t *err)
{
    char name[160];
    if (strlen(text) >= sizeof name) {
        return err_set(err, ERR_USAGE, "cannot read '%s': it is too long", text);
    }
    snprintf(name, sizeof name, "%s", text);
    out->relation = EXPECT_EQUAL;
    out->value = 1;
    return parse_name(text, name, out, err);
}

bool expect_parse(const char *text, expect_t *out, err_t *err)
{
    char name[160], value[64];
    size_t len = strcspn(text, "<>=! ");
    const char *at = text + len + strspn(text + len, " ");
    *out = (expect_t){.tap = -1};
    if (is_kept_up(text)) {
        return parse_kept_up(text, out, err);
    }
    size_t i = 0;
    while (i < N_RELATIONS && strncmp(at, relations[i].sign, strlen(relations[i].sign)) != 0) {
        i++;
    }
    if (i == N_RELATIONS || len == 0 || len >= sizeof name) {
        return err_set(
            err, ERR_USAGE,
            "cannot read '%s': it is a measure, one of < <= > >= == != and a value, such "
            "as lag_p99 < 2s or missing == 0",
            text);
    }
    out->relation = relations[i].relation;
    at += strlen(relations[i].sign);
    at += strspn(at, " ");
    snprintf(name, sizeof name, "%.*s", (int)len, text);
    size_t value_len = strcspn(at, " ");
    if (value_len >= sizeof value) {
        return err_set(err, ERR_USAGE, "cannot read '%s': its value is too long", text);
    }
    snprintf(value, sizeof value, "%.*s", (int)value_len, at);
    if (at[value_len + strspn(at + value_len, " ")] != '\0') {
        return err_set(err, ERR_USAGE, "cannot read '%s': there is more behind the value %s", text,
                       value);
    }
    if (!parse_name(text, name, out, err)) {
        return false;
    }
    if (out->measure == EXPECT_KEPT_UP) {
        return err_set(err, ERR_USAGE, "cannot read '%s': kept_up is compared with nothing", text);
    }
    return parse_value(text, value, out, err);
}
