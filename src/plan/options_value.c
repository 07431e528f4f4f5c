/* One option's value: from text into the config, and back. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "plan/options.h"

/* Enumerations are stored through int. */
_Static_assert(sizeof(key_kind_t) == sizeof(int) && sizeof(triggers_t) == sizeof(int) &&
                   sizeof(on_overload_t) == sizeof(int),
               "OPTION_CHOICE stores an int");

static void *place(config_t *config, size_t offset)
{
    return (char *)config + offset;
}

static const void *const_place(const config_t *config, size_t offset)
{
    return (const char *)config + offset;
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

/* The index-th word of "a|b|c", its length in *len; NULL past the last. */
static const char *choice_word(const char *choices, int index, int *len)
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

static bool cannot_read(const option_t *option, const char *text, const char *allowed, err_t *err)
{
    return err_set(err, ERR_USAGE, "--%s: cannot read '%s': %s", option->name,
                   option->secret ? "****" : text, allowed);
}

static bool set_text(const option_t *option, const char *text, char **out, err_t *err)
{
    size_t len = strlen(text);
    if (len < option->minimum) {
        return err_set(err, ERR_USAGE, "--%s: its value is empty: it takes a %s", option->name,
                       option->argument);
    }
    if (option->maximum > 0 && len > option->maximum) {
        return err_set(err, ERR_USAGE,
                       "--%s: its value has %zu characters: at most %" PRIu64 " are allowed",
                       option->name, len, option->maximum);
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return err_set(err, ERR_RUN, "--%s: no memory for its value", option->name);
    }
    free(*out);
    *out = copy;
    return true;
}

static bool add_text(const option_t *option, const char *text, text_list_t *out, err_t *err)
{
    if (strchr(text, '=') == NULL || text[0] == '=') {
        return cannot_read(option, text, "it takes KEY=VALUE", err);
    }
    char **grown = realloc(out->items, (out->n + 1) * sizeof *grown);
    if (grown != NULL) {
        out->items = grown;
        grown[out->n] = strdup(text);
    }
    if (grown == NULL || grown[out->n] == NULL) {
        return err_set(err, ERR_RUN, "--%s: no memory for its value", option->name);
    }
    out->n++;
    return true;
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
        return err_set(err, ERR_USAGE, "--%s: %s is out of range: %s to %s are allowed",
                       option->name, text, least, most);
    }
    *out = value;
    return true;
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

static bool duration_out_of_range(const option_t *option, const char *text, err_t *err)
{
    buf_t least = {0};
    print_duration(&least, (int64_t)option->minimum);
    err_set(err, ERR_USAGE, "--%s: %s is out of range: %s to %dd are allowed", option->name, text,
            buf_text(&least), (int)(option->maximum / (86400 * (uint64_t)NS_PER_S)));
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
    return err_set(err, ERR_USAGE, "--%s: cannot read '%s': allowed is one of %s", option->name,
                   text, option->choices);
}

static bool set_choice(const option_t *option, const char *text, config_t *config, err_t *err)
{
    int index = choice_index(option->choices, text, strlen(text));
    if (index < 0) {
        return not_a_choice(option, text, err);
    }
    if (option->kind == OPTION_EITHER) {
        *(bool *)place(config, option->offset) = index == 1;
    } else {
        *(int *)place(config, option->offset) = index;
    }
    return true;
}

static bool set_members(const option_t *option, const char *text, config_t *config, err_t *err)
{
    bool member[OPTION_MEMBERS_MAX] = {false};
    bool none = strcmp(text, "none") == 0;
    for (const char *at = text; !none;) {
        size_t span = strcspn(at, ",");
        int index = choice_index(option->choices, at, span);
        if (index < 0) {
            return err_set(err, ERR_USAGE,
                           "--%s: cannot read '%s': allowed are any of %s, with commas between, or "
                           "none",
                           option->name, text, option->choices);
        }
        member[index] = true;
        if (at[span] == '\0') {
            break;
        }
        at += span + 1;
    }
    int len;
    for (int i = 0; choice_word(option->choices, i, &len) != NULL; i++) {
        *(bool *)place(config, option->members[i]) = member[i];
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

static bool set_value(const option_t *option, const char *text, config_t *config, err_t *err)
{
    void *at = place(config, option->offset);
    switch (option->kind) {
    case OPTION_TEXT:
        return set_text(option, text, at, err);
    case OPTION_LIST:
        return add_text(option, text, at, err);
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
        return set_choice(option, text, config, err);
    case OPTION_SET:
        return set_members(option, text, config, err);
    }
    __builtin_unreachable();
}

bool options_set(const option_t *option, const char *text, config_t *config, err_t *err)
{
    if (!set_value(option, text, config, err)) {
        return false;
    }
    if (option->given != 0) {
        *(bool *)place(config, option->given) = true;
    }
    return true;
}

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
    const char *word = choice_word(option->choices, index, &len);
    buf_put(buf, word, (size_t)len);
}

static void print_members(buf_t *buf, const option_t *option, const config_t *config)
{
    int len;
    const char *word;
    for (int i = 0; (word = choice_word(option->choices, i, &len)) != NULL; i++) {
        if (*(const bool *)const_place(config, option->members[i])) {
            buf_printf(buf, "%s%.*s", buf->len > 0 ? "," : "", len, word);
        }
    }
    if (buf->len == 0) {
        buf_puts(buf, "none");
    }
}

void options_value(const option_t *option, const config_t *config, char *out, size_t size)
{
    const void *at = const_place(config, option->offset);
    buf_t buf = {0};
    switch (option->kind) {
    case OPTION_TEXT:
        print_text(&buf, option, *(char *const *)at);
        break;
    case OPTION_LIST:
        print_list(&buf, option, at);
        break;
    case OPTION_FLAG:
        buf_puts(&buf, *(const bool *)at ? "true" : "false");
        break;
    case OPTION_COUNT:
        buf_printf(&buf, "%" PRIu64, *(const uint64_t *)at);
        break;
    case OPTION_DURATION:
        print_duration(&buf, *(const int64_t *)at);
        break;
    case OPTION_RATE:
        print_rate(&buf, at);
        break;
    case OPTION_CHOICE:
        print_choice(&buf, option, *(const int *)at);
        break;
    case OPTION_EITHER:
        print_choice(&buf, option, *(const bool *)at);
        break;
    case OPTION_SET:
        print_members(&buf, option, config);
        break;
    }
    snprintf(out, size, "%s", buf_text(&buf));
    buf_free(&buf);
}
