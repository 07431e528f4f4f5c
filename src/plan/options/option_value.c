/* One option's value: from text into the structure that holds it, and back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/units.h"
#include "plan/options/options.h"

static void *place(void *into, size_t offset)
{
    return (char *)into + offset;
}

static const void *const_place(const void *from, size_t offset)
{
    return (const char *)from + offset;
}

/* The index-th word of "a|b|c", its length in *len; NULL past the last. */
static const char *choice_at(const char *choices, int index, int *len)
{
    const char *at = choices;
    for (;; index--) {
        size_t span = strcspn(at, "|");
        if (index == 0) {
            *len = (int)span;
            return at;
        }
        if (at[span] == '\0') {
            return NULL;
        }
        at += span + 1;
    }
}

/* In the largest of s, ms and µs that it is a whole number of. */
static void print_duration(buf_t *buf, int64_t ns)
{
    if (ns % NS_PER_S == 0) {
        buf_printf(buf, "%" PRId64 "s", ns / NS_PER_S);
    } else if (ns % NS_PER_MS == 0) {
        buf_printf(buf, "%" PRId64 "ms", ns / NS_PER_MS);
    } else if (ns % NS_PER_US == 0) {
        buf_printf(buf, "%" PRId64 "us", ns / NS_PER_US);
    } else {
        buf_printf(buf, "%" PRId64 ".%03" PRId64 "us", ns / NS_PER_US, ns % NS_PER_US);
    }
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
    char **items = array_room(out->items, out->n, &out->cap, sizeof *items);
    if (items != NULL) {
        out->items = items;
        items[out->n] = strdup(text);
    }
    if (items == NULL || items[out->n] == NULL) {
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
        return err_set(err, ERR_USAGE, "%s is out of range: %s to %s are allowed", text,
                       units_count(option->minimum).text, units_count(option->maximum).text);
    }
    *out = value;
    return true;
}

static bool duration_out_of_range(const option_t *option, const char *text, err_t *err)
{
    buf_t least = {0};
    print_duration(&least, (int64_t)option->minimum);
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
    for (int i = 0; choice_at(option->choices, i, &len) != NULL; i++) {
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
    if (!secret_learn(text)) {
        return err_set(err, ERR_RUN, "no memory for its value");
    }
    if (!set_value(option, text, into, err) ||
        (option->check != NULL && !option->check(text, err))) {
        return false;
    }
    if (option->given != 0) {
        *(bool *)place(into, option->given) = true;
    }
    return true;
}

bool option_default(const option_t *option, void *into)
{
    return option->default_text == NULL || set_value(option, option->default_text, into, NULL);
}

void option_free(const option_t *option, void *from)
{
    if (option->kind == OPTION_TEXT) {
        free(*(char **)place(from, option->offset));
    } else if (option->kind == OPTION_LIST || option->kind == OPTION_LINES) {
        text_list_t *list = place(from, option->offset);
        for (size_t i = 0; i < list->n; i++) {
            free(list->items[i]);
        }
        free(list->items);
    }
}

/* --- back to text ----------------------------------------------------------------------------- */

/* Rows per second with as many of the schedule's nine decimals as are not 0. */
static void print_rate(buf_t *buf, const rate_t *rate)
{
    if (rate->kind != STREAM_OPEN) {
        buf_puts(buf, rate->kind == STREAM_OFF ? "off" : "max");
        return;
    }
    buf_printf(buf, "%.9f", rate->per_s);
    while (buf->len > 0 && buf->data[buf->len - 1] == '0') {
        buf->len--;
    }
    if (buf->len > 0 && buf->data[buf->len - 1] == '.') {
        buf->len--;
    }
}

static void print_text(buf_t *buf, const option_t *option, const char *text)
{
    if (text != NULL) {
        buf_puts(buf, option->secret ? "****" : text);
    }
}

/* The keys; of a secret one no value is shown, for any may hold a password. */
static void print_list(buf_t *buf, const option_t *option, const text_list_t *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const char *item = list->items[i];
        int key_len = (int)strcspn(item, "=");
        buf_puts(buf, i > 0 ? " " : "");
        if (option->secret) {
            buf_printf(buf, "%.*s=****", key_len, item);
        } else {
            buf_puts(buf, item);
        }
    }
}

static void print_choice(buf_t *buf, const option_t *option, int index)
{
    int len = 0;
    const char *word = choice_at(option->choices, index, &len);
    buf_put(buf, word, (size_t)len);
}

static void print_members(buf_t *buf, const option_t *option, const void *from)
{
    int len, n = 0;
    const char *word;
    for (int i = 0; (word = choice_at(option->choices, i, &len)) != NULL; i++) {
        if (*(const bool *)const_place(from, option->members[i])) {
            buf_printf(buf, "%s%.*s", n++ > 0 ? "," : "", len, word);
        }
    }
    if (n == 0) {
        buf_puts(buf, "none");
    }
}

static void print_decimal(buf_t *buf, double value, const char *unit)
{
    buf_printf(buf, "%.15g%s", value, unit);
}

static void print_shares(buf_t *buf, const share_list_t *shares)
{
    for (uint32_t i = 0; i < shares->n; i++) {
        buf_puts(buf, i > 0 ? "," : "");
        print_decimal(buf, shares->items[i] * 100, "%");
    }
}

void option_write(const option_t *option, const void *from, buf_t *out)
{
    const void *at = const_place(from, option->offset);
    switch (option->kind) {
    case OPTION_TEXT:
        print_text(out, option, *(char *const *)at);
        break;
    case OPTION_LIST:
    case OPTION_LINES:
        print_list(out, option, at);
        break;
    case OPTION_FLAG:
        buf_puts(out, *(const bool *)at ? "true" : "false");
        break;
    case OPTION_COUNT:
        buf_printf(out, "%" PRIu64, *(const uint64_t *)at);
        break;
    case OPTION_DURATION:
        print_duration(out, *(const int64_t *)at);
        break;
    case OPTION_RATE:
        print_rate(out, at);
        break;
    case OPTION_CHOICE:
        print_choice(out, option, *(const int *)at);
        break;
    case OPTION_EITHER:
        print_choice(out, option, *(const bool *)at);
        break;
    case OPTION_SET:
        print_members(out, option, from);
        break;
    case OPTION_SHARE:
        print_decimal(out, *(const double *)at * 100, "%");
        break;
    case OPTION_SHARES:
        print_shares(out, at);
        break;
    case OPTION_NUMBER:
        print_decimal(out, *(const double *)at, "");
        break;
    case OPTION_MAP:
    case OPTION_ONE_OF:
        break;
    }
}
