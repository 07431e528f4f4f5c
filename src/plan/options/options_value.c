/* One option's value, from text into the structure that holds it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "plan/options/options.h"
#include "plan/options/options_internal.h"

/* Enumerations are stored through int. */
_Static_assert(sizeof(key_kind_t) == sizeof(int) && sizeof(triggers_t) == sizeof(int) &&
                   sizeof(on_overload_t) == sizeof(int),
               "OPTION_CHOICE stores an int");

static void *place(void *into, size_t offset)
{
    return (char *)into + offset;
}

/* The index of a word among "a|b|c"; -1 when it is none of them. */
static int choice_index(const char *choices, const char *word, size_t len)
{
    int index = 0;
    for (const char *at = choices;; index++) {
        size_t span = strcspn(at, "|");
        if (span == len && memcmp(at, word, len) == 0) {
            return index;
        }
        if (at[span] == '\0') {
            return -1;
        }
        at += span + 1;
    }
}

static bool cannot_read(const option_t *option, const char *text, const char *allowed, err_t *err)
{
    return err_set(err, ERR_USAGE, "cannot read '%s': %s", option->secret ? "****" : text, allowed);
}

static bool set_text(const option_t *option, const char *text, char **out, err_t *err)
{
    size_t len = strlen(text);
    if (len < option->minimum) {
        return err_set(err, ERR_USAGE, "its value is empty: it takes a %s", option->argument);
    }
    if (option->maximum > 0 && len > option->maximum) {
        return err_set(err, ERR_USAGE,
                       "its value has %zu characters: at most %" PRIu64 " are allowed", len,
                       option->maximum);
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return err_set(err, ERR_RUN, "no memory for its value");
    }
    free(*out);
    *out = copy;
    return true;
}

static bool add_text(const char *text, text_list_t *out, err_t *err)
{
    char **grown = realloc(out->items, (out->n + 1) * sizeof *grown);
    if (grown != NULL) {
        out->items = grown;
        grown[out->n] = strdup(text);
    }
    if (grown == NULL || grown[out->n] == NULL) {
        return err_set(err, ERR_RUN, "no memory for its value");
    }
    out->n++;
    return true;
}

static bool add_setting(const option_t *option, const char *text, text_list_t *out, err_t *err)
{
    if (strchr(text, '=') == NULL || text[0] == '=') {
        return cannot_read(option, text, "it takes KEY=VALUE", err);
    }
    return add_text(text, out, err);
}

static bool set_count(const option_t *option, const char *text, uint64_t *out, err_t *err)
{
    uint64_t value;
    if (!units_parse_count(text, &value, NULL)) {
        return cannot_read(option, text, "a count is a whole number, such as 500, 10k or 2M", err);
    }
    if (value < option->minimum || value > option->maximum) {
        char least[32], most[32];
        units_format_count(option->minimum, least, sizeof least);
        units_format_count(option->maximum, most, sizeof most);
        return err_set(err, ERR_USAGE, "%s is out of range: %s to %s are allowed", text, least,
                       most);
    }
    *out = value;
    return true;
}

static bool duration_out_of_range(const option_t *option, const char *text, err_t *err)
{
    buf_t least = {0};
    options_write_duration(&least, (int64_t)option->minimum);
    err_set(err, ERR_USAGE, "%s is out of range: %s to %dd are allowed", text, buf_text(&least),
            (int)(option->maximum / (86400 * (uint64_t)NS_PER_S)));
    buf_free(&least);
    return false;
}

static bool set_duration(const option_t *option, const char *text, int64_t *out, err_t *err)
{
    int64_t ns;
    if (!units_parse_duration(text, &ns, NULL)) {
        return cannot_read(
            option, text,
            "a duration is a number of seconds, or has a unit, such as 30, 250ms, 10s "
            "or 2m",
            err);
    }
    if (ns < 0 || (uint64_t)ns < option->minimum || (uint64_t)ns > option->maximum) {
        return duration_out_of_range(option, text, err);
    }
    *out = ns;
    return true;
}

static bool set_rate(const option_t *option, const char *text, rate_t *out, err_t *err)
{
    rate_t rate = {STREAM_OPEN, 0};
    if (strcmp(text, "off") == 0) {
        rate.kind = STREAM_OFF;
    } else if (strcmp(text, "max") == 0) {
        rate.kind = STREAM_CLOSED;
    } else if (!units_parse_rate(text, &rate.per_s, NULL)) {
        return cannot_read(
            option, text,
            "a rate is rows per second above zero, such as 500, 10k or 2.5k; or max, "
            "off",
            err);
    }
    *out = rate;
    return true;
}

static bool not_a_choice(const option_t *option, const char *text, err_t *err)
{
    return err_set(err, ERR_USAGE, "cannot read '%s': allowed is one of %s", text, option->choices);
}

static bool set_choice(const option_t *option, const char *text, void *into, err_t *err)
{
    int index = choice_index(option->choices, text, strlen(text));
    if (index < 0) {
        return not_a_choice(option, text, err);
    }
    if (option->kind == OPTION_EITHER) {
        *(bool *)place(into, option->offset) = index == 1;
    } else {
        *(int *)place(into, option->offset) = index;
    }
    return true;
}

static bool set_members(const option_t *option, const char *text, void *into, err_t *err)
{
    bool member[OPTION_MEMBERS_MAX] = {false};
    bool none = strcmp(text, "none") == 0;
    for (const char *at = text; !none;) {
        size_t span = strcspn(at, ",");
        int index = choice_index(option->choices, at, span);
        if (index < 0) {
            return err_set(err, ERR_USAGE,
                           "cannot read '%s': allowed are any of %s, with commas between, or "
                           "none",
                           text, option->choices);
        }
        member[index] = true;
        if (at[span] == '\0') {
            break;
        }
        at += span + 1;
    }
    int len;
    for (int i = 0; options_choice(option->choices, i, &len) != NULL; i++) {
        *(bool *)place(into, option->members[i]) = member[i];
    }
    return true;
}

static bool set_flag(const option_t *option, const char *text, bool *out, err_t *err)
{
    bool on = strcmp(text, "true") == 0;
    if (!on && strcmp(text, "false") != 0) {
        return cannot_read(option, text, "it is true or false", err);
    }
    *out = on;
    return true;
}

static bool set_share(const option_t *option, const char *text, double *out, err_t *err)
{
    double share;
    if (!units_parse_share(text, &share, NULL)) {
        return cannot_read(option, text, "a share is a percentage, such as 5%, 0.1% or 150%", err);
    }
    if (share * 100 < (double)option->minimum || share * 100 > (double)option->maximum) {
        return err_set(err, ERR_USAGE,
                       "%s is out of range: %" PRIu64 "%% to %" PRIu64 "%% are allowed", text,
                       option->minimum, option->maximum);
    }
    *out = share;
    return true;
}

static bool set_shares(const option_t *option, const char *text, share_list_t *out, err_t *err)
{
    share_list_t list = {0};
    for (const char *at = text;; at++) {
        char item[32];
        size_t len = strcspn(at, ",");
        if (list.n == SHARES_MAX) {
            return err_set(err, ERR_USAGE, "more than %d shares", SHARES_MAX);
        }
        if (len >= sizeof item) {
            return err_set(err, ERR_USAGE, "cannot read '%s': a share in it is too long", text);
        }
        snprintf(item, sizeof item, "%.*s", (int)len, at);
        if (!set_share(option, item, &list.items[list.n++], err)) {
            return false;
        }
        at += len;
        if (*at == '\0') {
            break;
        }
    }
    *out = list;
    return true;
}

static bool set_number(const option_t *option, const char *text, double *out, err_t *err)
{
    double value;
    if (!units_parse_number(text, &value, NULL)) {
        return cannot_read(option, text, "it is a number, such as 0.99 or 2", err);
    }
    if (value < (double)option->minimum || value > (double)option->maximum) {
        return err_set(err, ERR_USAGE, "%s is out of range: %" PRIu64 " to %" PRIu64 " are allowed",
                       text, option->minimum, option->maximum);
    }
    *out = value;
    return true;
}

static bool set_value(const option_t *option, const char *text, void *into, err_t *err)
{
    void *at = place(into, option->offset);
    switch (option->kind) {
    case OPTION_TEXT:
        return set_text(option, text, at, err);
    case OPTION_LIST:
        return add_setting(option, text, at, err);
    case OPTION_LINES:
        return add_text(text, at, err);
    case OPTION_FLAG:
        return set_flag(option, text, at, err);
    case OPTION_COUNT:
        return set_count(option, text, at, err);
    case OPTION_DURATION:
        return set_duration(option, text, at, err);
    case OPTION_RATE:
        return set_rate(option, text, at, err);
    case OPTION_CHOICE:
    case OPTION_EITHER:
        return set_choice(option, text, into, err);
    case OPTION_SET:
        return set_members(option, text, into, err);
    case OPTION_SHARE:
        return set_share(option, text, at, err);
    case OPTION_SHARES:
        return set_shares(option, text, at, err);
    case OPTION_NUMBER:
        return set_number(option, text, at, err);
    case OPTION_MAP:
    case OPTION_ONE_OF:
        break; /* no text: scenario_read.c */
    }
    __builtin_unreachable();
}

bool option_read(const option_t *option, const char *text, void *into, err_t *err)
{
    if (!set_value(option, text, into, err)) {
        return false;
    }
    if (option->given != 0) {
        *(bool *)place(into, option->given) = true;
    }
    return true;
}

bool options_set(const option_t *option, const char *text, config_t *config, err_t *err)
{
    if (!option_read(option, text, config, err)) {
        return err_wrap(err, "--%s", option->name);
    }
    config->given[options_number(option)] = true;
    return true;
}

bool options_given(const config_t *config, const option_t *option)
{
    return config->given[options_number(option)];
}

const option_t *options_with_key(const char *key)
{
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (option->key != NULL && strcmp(option->key, key) == 0) {
            return option;
        }
    }
    return NULL;
}
