#include "plan/options/capacity.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

static bool cut_ending(char *text, const char *ending)
{
    size_t len = strlen(text), ending_len = strlen(ending);
    if (len <= ending_len || strcmp(text + len - ending_len, ending) != 0) {
        return false;
    }
    text[len - ending_len] = '\0';
    return true;
}

/* "10Gbit" is 10^10 / 8 bytes; "2TB", "200MB/s" as units_parse_bytes reads them. */
static bool parse_quantity(const char *text, double *out, err_t *err)
{
    char copy[64];
    uint64_t whole;
    if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy) {
        return err_set(err, ERR_USAGE, "cannot read '%s': it is too long for a number", text);
    }
    cut_ending(copy, "/s");
    bool bits = cut_ending(copy, "bit");
    bool read = bits ? units_parse_count(copy, &whole, err) : units_parse_bytes(copy, &whole, err);
    if (!read) {
        return false;
    }
    if (whole == 0) {
        return err_set(err, ERR_USAGE, "cannot read '%s': it must be above 0", text);
    }
    *out = bits ? (double)whole / 8 : (double)whole;
    return true;
}

static bool unknown(const char *name, size_t len, const capacity_t *known, size_t n, err_t *err)
{
    char names[128] = "";
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "", known[i].name);
    }
    return err_set(err, ERR_USAGE, "there is no '%.*s': NAME=QUANTITY is read, with %s", (int)len,
                   name, names);
}

static bool parse_pair(const char *pair, size_t len, const capacity_t *known, size_t n, err_t *err)
{
    char copy[128];
    size_t name_len = strcspn(pair, "=,");
    for (size_t i = 0; i < n; i++) {
        if (strlen(known[i].name) != name_len || memcmp(known[i].name, pair, name_len) != 0) {
            continue;
        }
        snprintf(copy, sizeof copy, "%.*s", (int)(len - name_len), pair + name_len);
        if (copy[0] != '=' || !parse_quantity(copy + 1, known[i].value, err)) {
            return copy[0] == '=' ? err_wrap(err, "%s", known[i].name)
                                  : unknown(pair, len, known, n, err);
        }
        *known[i].given = true;
        return true;
    }
    return unknown(pair, name_len, known, n, err);
}

bool capacity_parse(const char *text, const capacity_t *known, size_t n, err_t *err)
{
    for (;;) {
        size_t len = strcspn(text, ",");
        if (!parse_pair(text, len, known, n, err)) {
            return false;
        }
        if (text[len] == '\0') {
            return true;
        }
        text += len + 1;
    }
}

bool capacity_parse_factor(const char *text, double *out, err_t *err)
{
    char copy[32];
    double value;
    bool whole = (size_t)snprintf(copy, sizeof copy, "%s", text) < sizeof copy;
    cut_ending(copy, "x");
    err_t why = {.code = ERR_NONE};
    if (!whole || !units_parse_rate(copy, &value, &why) || value < 1) {
        return err_set(err, ERR_USAGE, "cannot read '%s': a factor at or above 1 is, such as 3x",
                       text);
    }
    *out = value;
    return true;
}
