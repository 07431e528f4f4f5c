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

/* The index of a word among "a|b|c"; -1 when it is none of them. */
static int choice_index(const char *choices, const char *word, size_t word_len)
{
    int len;
    const char *choice;
    for (int i = 0; (choice = choice_at(choices, i, &len)) != NULL; i++) {
        if ((size_t)len == word_len && memcmp(choice, word, word_len) == 0) {
            return i;
        }
    }
    return -1;
}

/* --- from text -------------------------------------------------------------------------------- */

static bool cannot_read(const option_t *option, const char *text, const char *allowed, err_t *err)
{
    return err_set(err, ERR_USAGE, "cannot read '%s': %s", option->secret ? "****" : text, allowed);
}

static bool out_of_range(const char *text, const char *least, const char *most, err_t *err)
{
    return err_set(err, ERR_USAGE, "%s is out of range: %s to %s are allowed", text, least, most);
}

static bool set_text(const option_t *option, const char *text, void *at, err_t *err)
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
    free(*(char **)at);
    *(char **)at = copy;
    return true;
}

static bool add_line(const option_t *option, const char *text, void *at, err_t *err)
{
    (void)option;
    text_list_t *list = at;
    char **items = array_room(list->items, list->n, &list->cap, sizeof *items);
    if (items != NULL) {
        list->items = items;
        items[list->n] = strdup(text);
    }
    if (items == NULL || items[list->n] == NULL) {
        return err_set(err, ERR_RUN, "no memory for its value");
    }
    list->n++;
    return true;
}

static bool add_setting(const option_t *option, const char *text, void *at, err_t *err)
{
    if (strchr(text, '=') == NULL || text[0] == '=') {
        return cannot_read(option, text, "it takes KEY=VALUE", err);
    }
    return add_line(option, text, at, err);
}

static bool set_flag(const option_t *option, const char *text, void *at, err_t *err)
{
    bool on = strcmp(text, "true") == 0;
    if (!on && strcmp(text, "false") != 0) {
        return cannot_read(option, text, "it is true or false", err);
    }
    *(bool *)at = on;
    return true;
}

static bool set_count(const option_t *option, const char *text, void *at, err_t *err)
{
    uint64_t value;
    if (!units_parse_count(text, &value, NULL)) {
        return cannot_read(option, text, "a count is a whole number, such as 500, 10k or 2M", err);
    }
    if (value < option->minimum || value > option->maximum) {
        return out_of_range(text, units_count(option->minimum).text,
                            units_count(option->maximum).text, err);
    }
    *(uint64_t *)at = value;
    return true;
}

/* In the largest of s, ms and µs that it is a whole number of. */
static void write_duration(int64_t ns, char *out, size_t size)
{
    if (ns % NS_PER_S == 0) {
        snprintf(out, size, "%" PRId64 "s", ns / NS_PER_S);
    } else if (ns % NS_PER_MS == 0) {
        snprintf(out, size, "%" PRId64 "ms", ns / NS_PER_MS);
    } else if (ns % NS_PER_US == 0) {
        snprintf(out, size, "%" PRId64 "us", ns / NS_PER_US);
    } else {
        snprintf(out, size, "%" PRId64 ".%03" PRId64 "us", ns / NS_PER_US, ns % NS_PER_US);
    }
}

static bool set_duration(const option_t *option, const char *text, void *at, err_t *err)
{
    int64_t ns;
    if (!units_parse_duration(text, &ns, NULL)) {
        return cannot_read(option, text,
                           "a duration is a number of seconds, or has a unit, such as 30, 250ms, "
                           "10s or 2m",
                           err);
    }
    if (ns < 0 || (uint64_t)ns < option->minimum || (uint64_t)ns > option->maximum) {
        char least[32], most[32];
        write_duration((int64_t)option->minimum, least, sizeof least);
        snprintf(most, sizeof most, "%" PRIu64 "d", option->maximum / (86400 * (uint64_t)NS_PER_S));
        return out_of_range(text, least, most, err);
    }
    *(int64_t *)at = ns;
    return true;
}

static bool set_rate(const option_t *option, const char *text, void *at, err_t *err)
{
    rate_t rate = {STREAM_OPEN, 0};
    if (strcmp(text, "off") == 0) {
        rate.kind = STREAM_OFF;
    } else if (strcmp(text, "max") == 0) {
        rate.kind = STREAM_CLOSED;
    } else if (!units_parse_rate(text, &rate.per_s, NULL)) {
        return cannot_read(option, text,
                           "a rate is rows per second above zero, such as 500, 10k or 2.5k; or "
                           "max, off",
                           err);
    }
    *(rate_t *)at = rate;
    return true;
}

static bool find_choice(const option_t *option, const char *text, int *index, err_t *err)
{
    *index = choice_index(option->choices, text, strlen(text));
    return *index >= 0 ||
           err_set(err, ERR_USAGE, "cannot read '%s': allowed is one of %s", text, option->choices);
}

static bool set_choice(const option_t *option, const char *text, void *at, err_t *err)
{
    int index;
    if (!find_choice(option, text, &index, err)) {
        return false;
    }
    *(int *)at = index;
    return true;
}

static bool set_either(const option_t *option, const char *text, void *at, err_t *err)
{
    int index;
    if (!find_choice(option, text, &index, err)) {
        return false;
    }
    *(bool *)at = index == 1;
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
        *(bool *)((char *)into + option->members[i]) = member[i];
    }
    return true;
}

static bool set_share(const option_t *option, const char *text, void *at, err_t *err)
{
    double share;
    if (!units_parse_share(text, &share, NULL)) {
        return cannot_read(option, text, "a share is a percentage, such as 5%, 0.1% or 150%", err);
    }
    if (share * 100 < (double)option->minimum || share * 100 > (double)option->maximum) {
        char least[32], most[32];
        snprintf(least, sizeof least, "%" PRIu64 "%%", option->minimum);
        snprintf(most, sizeof most, "%" PRIu64 "%%", option->maximum);
        return out_of_range(text, least, most, err);
    }
    *(double *)at = share;
    return true;
}

static bool set_shares(const option_t *option, const char *text, void *into, err_t *err)
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
    *(share_list_t *)into = list;
    return true;
}

static bool set_number(const option_t *option, const char *text, void *at, err_t *err)
{
    double value;
    if (!units_parse_number(text, &value, NULL)) {
        return cannot_read(option, text, "it is a number, such as 0.99 or 2", err);
    }
    if (value < (double)option->minimum || value > (double)option->maximum) {
        char least[32], most[32];
        snprintf(least, sizeof least, "%" PRIu64, option->minimum);
        snprintf(most, sizeof most, "%" PRIu64, option->maximum);
        return out_of_range(text, least, most, err);
    }
    *(double *)at = value;
    return true;
}

/* --- back to text ----------------------------------------------------------------------------- */

static void print_text(const option_t *option, const void *at, buf_t *buf)
{
    const char *text = *(char *const *)at;
    if (text != NULL) {
        buf_puts(buf, option->secret ? "****" : text);
    }
}

/* The keys; of a secret one no value is shown, for any may hold a password. */
static void print_list(const option_t *option, const void *at, buf_t *buf)
{
    const text_list_t *list = at;
    for (size_t i = 0; i < list->n; i++) {
        const char *item = list->items[i];
        buf_puts(buf, i > 0 ? " " : "");
        if (option->secret) {
            buf_printf(buf, "%.*s=****", (int)strcspn(item, "="), item);
        } else {
            buf_puts(buf, item);
        }
    }
}

static void print_flag(const option_t *option, const void *at, buf_t *buf)
{
    (void)option;
    buf_puts(buf, *(const bool *)at ? "true" : "false");
}

static void print_count(const option_t *option, const void *at, buf_t *buf)
{
    (void)option;
    buf_printf(buf, "%" PRIu64, *(const uint64_t *)at);
}

static void print_duration(const option_t *option, const void *at, buf_t *buf)
{
    (void)option;
    char text[32];
    write_duration(*(const int64_t *)at, text, sizeof text);
    buf_puts(buf, text);
}

/* Rows per second with as many of the schedule's nine decimals as are not 0. */
static void print_rate(const option_t *option, const void *at, buf_t *buf)
{
    (void)option;
    const rate_t *rate = at;
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

static void print_word(const option_t *option, int index, buf_t *buf)
{
    int len = 0;
    const char *word = choice_at(option->choices, index, &len);
    buf_put(buf, word, (size_t)len);
}

static void print_choice(const option_t *option, const void *at, buf_t *buf)
{
    print_word(option, *(const int *)at, buf);
}

static void print_either(const option_t *option, const void *at, buf_t *buf)
{
    print_word(option, *(const bool *)at, buf);
}

static void print_members(const option_t *option, const void *from, buf_t *buf)
{
    int len, n = 0;
    const char *word;
    for (int i = 0; (word = choice_at(option->choices, i, &len)) != NULL; i++) {
        if (*(const bool *)((const char *)from + option->members[i])) {
            buf_printf(buf, "%s%.*s", n++ > 0 ? "," : "", len, word);
        }
    }
    if (n == 0) {
        buf_puts(buf, "none");
    }
}

static void print_share(const option_t *option, const void *at, buf_t *buf)
{
    (void)option;
    buf_printf(buf, "%.15g%%", *(const double *)at * 100);
}

static void print_shares(const option_t *option, const void *at, buf_t *buf)
{
    const share_list_t *shares = at;
    for (uint32_t i = 0; i < shares->n; i++) {
        buf_puts(buf, i > 0 ? "," : "");
        print_share(option, &shares->items[i], buf);
    }
}

static void print_number(const option_t *option, const void *at, buf_t *buf)
{
    (void)option;
    buf_printf(buf, "%.15g", *(const double *)at);
}

/* --- by kind ---------------------------------------------------------------------------------- */

/* OPTION_MAP and OPTION_ONE_OF have no text: scenario_read.c, scenario_write.c. */
static const struct {
    bool (*set)(const option_t *option, const char *text, void *at, err_t *err);
    void (*print)(const option_t *option, const void *at, buf_t *buf);
} kinds[] = {
    [OPTION_TEXT] = {set_text, print_text},
    [OPTION_LIST] = {add_setting, print_list},
    [OPTION_LINES] = {add_line, print_list},
    [OPTION_FLAG] = {set_flag, print_flag},
    [OPTION_COUNT] = {set_count, print_count},
    [OPTION_DURATION] = {set_duration, print_duration},
    [OPTION_RATE] = {set_rate, print_rate},
    [OPTION_CHOICE] = {set_choice, print_choice},
    [OPTION_EITHER] = {set_either, print_either},
    [OPTION_SET] = {set_members, print_members},
    [OPTION_SHARE] = {set_share, print_share},
    [OPTION_SHARES] = {set_shares, print_shares},
    [OPTION_NUMBER] = {set_number, print_number},
};

static bool set_value(const option_t *option, const char *text, void *into, err_t *err)
{
    return kinds[option->kind].set(option, text, (char *)into + option->offset, err);
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
        *(bool *)((char *)into + option->given) = true;
    }
    return true;
}

bool option_default(const option_t *option, void *into)
{
    return option->default_text == NULL || set_value(option, option->default_text, into, NULL);
}

void option_write(const option_t *option, const void *from, buf_t *out)
{
    kinds[option->kind].print(option, (const char *)from + option->offset, out);
}

void option_free(const option_t *option, void *from)
{
    void *at = (char *)from + option->offset;
    if (option->kind == OPTION_TEXT) {
        free(*(char **)at);
    } else if (option->kind == OPTION_LIST || option->kind == OPTION_LINES) {
        text_list_t *list = at;
        for (size_t i = 0; i < list->n; i++) {
            free(list->items[i]);
        }
        free(list->items);
    }
}
