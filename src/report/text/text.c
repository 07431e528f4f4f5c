#include "report/text/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/lsn.h"
#include "base/utf8.h"

/* As utf8_char_len, but steps over a byte that is no UTF-8. */
static size_t step_len(const char *text)
{
    size_t len = utf8_char_len(text);
    return len > 0 ? len : 1;
}

/* Bytes of the SGR sequence (ECMA-48, 8.3.117) that text begins with; 0: it begins with none. */
static size_t sgr_len(const char *text)
{
    if (text[0] != '\033' || text[1] != '[') {
        return 0;
    }
    size_t len = 2 + strspn(text + 2, "0123456789;");
    return text[len] == 'm' ? len + 1 : 0;
}

size_t text_width(const char *text)
{
    size_t width = 0;
    while (*text != '\0') {
        size_t sgr = sgr_len(text);
        width += sgr == 0;
        text += sgr > 0 ? sgr : step_len(text);
    }
    return width;
}

size_t text_fit(const char *text, size_t columns)
{
    size_t bytes = 0;
    while (text[bytes] != '\0') {
        size_t sgr = sgr_len(text + bytes);
        if (sgr == 0 && columns-- == 0) {
            break;
        }
        bytes += sgr > 0 ? sgr : step_len(text + bytes);
    }
    return bytes;
}

void text_print_padded(FILE *out, const char *text, int width)
{
    int wanted = abs(width);
    int present = (int)text_width(text);
    int padding = present < wanted ? wanted - present : 0;
    if (width < 0) {
        fprintf(out, "%s%*s", text, padding, "");
    } else {
        fprintf(out, "%*s%s", padding, "", text);
    }
}

/* C0, DEL, and C1 as UTF-8 has it (C2 80 … C2 9F), which some terminals obey. */
static bool is_control(const char *text, size_t len)
{
    unsigned char first = (unsigned char)text[0];
    return first < 0x20 || first == 0x7F ||
           (len == 2 && first == 0xC2 && (unsigned char)text[1] < 0xA0);
}

const char *text_spark(double share)
{
    static const char *const sparks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const int top = sizeof sparks / sizeof sparks[0] - 1;
    return sparks[(int)lround(fmin(fmax(share, 0), 1) * top)];
}

void text_print_visible(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t valid = utf8_char_len(text);
        size_t len = step_len(text);
        if (*text == '\\') {
            fputs("\\\\", out);
        } else if (valid > 0 && !is_control(text, len)) {
            fwrite(text, 1, len, out);
        } else {
            for (size_t i = 0; i < len; i++) {
                fprintf(out, "\\x%02x", (unsigned char)text[i]);
            }
        }
        text += len;
    }
}

char *text_valid(const char *text)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    char *copy = malloc(strlen(text) * (sizeof replacement - 1) + 1);
    if (copy == NULL) {
        return NULL;
    }
    char *to = copy;
    while (*text != '\0') {
        size_t len = utf8_char_len(text);
        if (len > 0) {
            memcpy(to, text, len);
            to += len;
            text += len;
        } else {
            memcpy(to, replacement, sizeof replacement - 1);
            to += sizeof replacement - 1;
            text++;
        }
    }
    *to = '\0';
    return copy;
}

units_text_t text_us(int64_t us)
{
    return us == NOT_MEASURED ? (units_text_t){"-"} : units_us(us);
}

units_text_t text_rate(double per_s)
{
    units_text_t out = {"-"};
    if (isfinite(per_s) && per_s < 9.95) {
        snprintf(out.text, sizeof out.text, "%.1f", per_s);
    } else if (isfinite(per_s)) {
        out = units_count((uint64_t)llround(per_s));
    }
    return out;
}

static const char *const fault_words[FAULT_KINDS] = {
    [FAULT_MISSING] = "missing",           [FAULT_DUPLICATED] = "duplicated",
    [FAULT_OUT_OF_ORDER] = "out of order", [FAULT_MISMATCHED] = "mismatched",
    [FAULT_ROLLED_BACK] = "rolled back",   [FAULT_UNKNOWN] = "unknown",
};

const char *text_fault_kind(fault_kind_t kind)
{
    return fault_words[kind];
}

bool text_fault_has_change(const fault_t *fault)
{
    return fault->has_row || fault->key[0] != '\0' || fault->kind == FAULT_UNKNOWN;
}

/* "update of row 17, version 3, key 7c9e…" */
static void print_change(FILE *out, const fault_t *fault)
{
    if (!text_fault_has_change(fault)) {
        fputs(fault->kind == FAULT_OUT_OF_ORDER ? "transaction" : "changes", out);
        return;
    }
    fputs(op_names[fault->op], out);
    if (fault->has_row) {
        fprintf(out, " of row %" PRIu64 ", version %" PRIu32, fault->row, fault->version);
    }
    fputs(", key ", out);
    text_print_visible(out, fault->key);
}

/* A column's value is quoted; for other kinds the verifier says in words what it expected and
 * found. */
static void print_side(FILE *out, const char *label, const char *text, bool quoted)
{
    const char *quote = quoted ? "\"" : "";
    if (quoted || text[0] != '\0') {
        fprintf(out, "%s %s", label, quote);
        text_print_visible(out, text);
        fputs(quote, out);
    }
}

void text_print_fault(FILE *out, const fault_t *fault)
{
    bool is_value = fault->column != NULL;
    print_change(out, fault);
    if (is_value) {
        fprintf(out, ", column %s", fault->column);
    }
    if (fault->side != NULL) {
        fprintf(out, " (%s)", fault->side);
    }
    if (fault->trigger != NULL) {
        fprintf(out, ": %s did not run", fault->trigger);
    }
    print_side(out, ": expected", fault->expected, is_value);
    print_side(out, ", found", fault->found, is_value);
    if (fault->position != 0) {
        fprintf(out, ", at %s", lsn_text(fault->position).text);
    }
}
