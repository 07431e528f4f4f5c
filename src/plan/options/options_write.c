/* One option's value as text that can be read again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "plan/options/options.h"
#include "plan/options/options_internal.h"

static const void *const_place(const void *from, size_t offset)
{
    return (const char *)from + offset;
}

const char *options_choice(const char *choices, int index, int *len)
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

void options_write_duration(buf_t *buf, int64_t ns)
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
    const char *word = options_choice(option->choices, index, &len);
    buf_put(buf, word, (size_t)len);
}

static void print_members(buf_t *buf, const option_t *option, const void *from)
{
    int len, n = 0;
    const char *word;
    for (int i = 0; (word = options_choice(option->choices, i, &len)) != NULL; i++) {
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
        options_write_duration(out, *(const int64_t *)at);
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

void options_value(const option_t *option, const config_t *config, buf_t *out)
{
    bool of_quick = option->key != NULL && strncmp(option->key, "phases.", 7) == 0;
    if (!of_quick || config->scenario.spec == NULL || options_given(config, option)) {
        option_write(option, config, out);
    }
}
