#include "report/text/fault_text.h"

#include <inttypes.h>

#include "report/text/text.h"

static const char *const words[FAULT_KINDS] = {
    [FAULT_MISSING] = "missing",           [FAULT_DUPLICATED] = "duplicated",
    [FAULT_OUT_OF_ORDER] = "out of order", [FAULT_MISMATCHED] = "mismatched",
    [FAULT_ROLLED_BACK] = "rolled back",   [FAULT_UNKNOWN] = "unknown",
};

const char *fault_words(fault_kind_t kind)
{
    return words[kind];
}

bool fault_has_change(const fault_t *fault)
{
    return fault->has_row || fault->key[0] != '\0' || fault->kind == FAULT_UNKNOWN;
}

/* "update of row 17, version 3, key 7c9e…" */
static void print_change(FILE *out, const fault_t *fault)
{
    if (!fault_has_change(fault)) {
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

void fault_print(FILE *out, const fault_t *fault)
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
        fprintf(out, ", at %" PRIX32 "/%" PRIX32, (uint32_t)(fault->position >> 32),
                (uint32_t)fault->position);
    }
}
