#include "model/column_type.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/row.h"

#define MODIFIER_MAX 65536

typedef struct {
    const char *name;
    sql_form_t form;
    int modifiers_max;   /* how many numbers may stand in brackets */
    int64_t least, most; /* of an integer */
} known_type_t;

static const known_type_t known[] = {
    {"text", SQL_TEXT, 0, 0, 0},
    {"varchar", SQL_TEXT, 1, 0, 0},
    {"uuid", SQL_TEXT, 0, 0, 0},
    {"inet", SQL_TEXT, 0, 0, 0},
    {"smallint", SQL_INTEGER, 0, INT16_MIN, INT16_MAX},
    {"integer", SQL_INTEGER, 0, INT32_MIN, INT32_MAX},
    {"bigint", SQL_INTEGER, 0, INT64_MIN, INT64_MAX},
    {"numeric", SQL_NUMERIC, 2, 0, 0},
    {"decimal", SQL_NUMERIC, 2, 0, 0},
    {"timestamp", SQL_TIMESTAMP, 0, 0, 0},
    {"boolean", SQL_BOOLEAN, 0, 0, 0},
    {"json", SQL_JSON, 0, 0, 0},
    {"jsonb", SQL_JSON, 0, 0, 0},
    {"bytea", SQL_BYTES, 0, 0, 0},
};

static const known_type_t *find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == len && memcmp(known[i].name, name, len) == 0)
            return &known[i];
    return NULL;
}

/* "(10, 2)": as many numbers as the type may have, and nothing behind. */
static bool read_modifiers(const char *text, int max, int modifiers[2])
{
    int n = 0;
    if (*text == '\0')
        return true;
    if (max == 0 || *text++ != '(')
        return false;
    for (bool more = true; more;) {
        char *rest;
        text += strspn(text, " ");
        long number = *text >= '0' && *text <= '9' ? strtol(text, &rest, 10) : -1;
        if (number < 0 || number > MODIFIER_MAX)
            return false;
        modifiers[n++] = (int)number;
        text = rest + strspn(rest, " ");
        more = n < max && *text == ',';
        text += more;
    }
    return strcmp(text, ")") == 0;
}

bool column_type_parse(const char *text, column_type_t *out, err_t *err)
{
    const known_type_t *type = find(text, strcspn(text, "("));
    *out = (column_type_t){.modifiers = {-1, -1}};
    if (type == NULL ||
        !read_modifiers(text + strlen(type->name), type->modifiers_max, out->modifiers))
        return err_set(err, ERR_USAGE,
                       "type: read \"%s\", expected text, varchar, varchar(n), uuid, inet, "
                       "smallint, integer, bigint, numeric, numeric(p, s), timestamp, boolean, "
                       "json, jsonb or bytea",
                       text);
    out->name = type->name;
    out->form = type->form;
    out->is_uuid = strcmp(type->name, "uuid") == 0;
    out->is_inet = strcmp(type->name, "inet") == 0;
    return true;
}

static bool refuse(const column_type_t *type, const char *why, err_t *err)
{
    return err_set(err, ERR_USAGE, "type %s: %s", type->name, why);
}

static bool is_plain_text(const column_type_t *type)
{
    return type->form == SQL_TEXT && !type->is_uuid && !type->is_inet;
}

static bool holds_text(const column_type_t *type, size_t len, err_t *err)
{
    if (!is_plain_text(type))
        return refuse(type, "this generator's values are text: use text or varchar", err);
    return type->modifiers[0] < 0 || len <= (size_t)type->modifiers[0] ||
           err_set(err, ERR_USAGE, "type varchar(%d): values can be %zu long", type->modifiers[0],
                   len);
}

static bool holds_integer(const column_type_t *type, int64_t min, int64_t max, err_t *err)
{
    const known_type_t *range = find(type->name, strlen(type->name));
    if (type->form != SQL_INTEGER)
        return refuse(type, "an integer's values need smallint, integer or bigint", err);
    return (min >= range->least && max <= range->most) ||
           err_set(err, ERR_USAGE,
                   "type %s holds %" PRId64 " to %" PRId64 ", not %" PRId64 " to %" PRId64,
                   type->name, range->least, range->most, min, max);
}

/* With a precision the scale must be the generator's, since the server prints what it stores. */
static bool holds_decimal(const column_type_t *type, int digits, unsigned scale, err_t *err)
{
    if (type->form != SQL_NUMERIC)
        return refuse(type, "a decimal's values need numeric", err);
    if (type->modifiers[0] < 0)
        return true;
    int type_scale = type->modifiers[1] < 0 ? 0 : type->modifiers[1];
    return (type_scale == (int)scale && digits <= type->modifiers[0]) ||
           err_set(err, ERR_USAGE,
                   "type numeric(%d, %d): values have a scale of %u and up to %d digits in all",
                   type->modifiers[0], type_scale, scale, digits);
}

static int digits_of(int64_t value)
{
    int digits = 1;
    while ((value /= 10) != 0)
        digits++;
    return digits;
}

static bool holds_form(const column_type_t *type, sql_form_t form, const char *names, err_t *err)
{
    return type->form == form ||
           err_set(err, ERR_USAGE, "type %s: this generator's values need %s", type->name, names);
}

static size_t longest_choice(const generator_t *generator)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < generator->n_choices; i++)
        if (generator->choices[i].len > longest)
            longest = generator->choices[i].len;
    return longest;
}

bool column_type_holds(const column_type_t *type, const generator_t *generator, err_t *err)
{
    switch (generator->kind) {
    case GENERATOR_ROW_NUMBER:
        return holds_integer(type, 0, (int64_t)ROW_NUMBER_MAX * 2 + 1, err);
    case GENERATOR_INTEGER:
        return holds_integer(type, generator->min, generator->max, err);
    case GENERATOR_DECIMAL: {
        int least = digits_of(generator->min), most = digits_of(generator->max);
        return holds_decimal(type, least > most ? least : most, generator->scale, err);
    }
    case GENERATOR_UUID:
        return type->is_uuid || holds_text(type, ROW_KEY_LEN, err);
    case GENERATOR_IPV4:
        return type->is_inet || holds_text(type, sizeof "255.255.255.255" - 1, err);
    case GENERATOR_TIMESTAMP:
        return holds_form(type, SQL_TIMESTAMP, "timestamp", err);
    case GENERATOR_BOOLEAN:
        return holds_form(type, SQL_BOOLEAN, "boolean", err);
    case GENERATOR_BYTES:
        return holds_form(type, SQL_BYTES, "bytea", err);
    case GENERATOR_JSON:
        return type->form == SQL_JSON || holds_text(type, generator_bytes_max(generator), err);
    case GENERATOR_TEXT:
    case GENERATOR_RANDOM_TEXT:
        return holds_text(type, (size_t)generator->max, err);
    case GENERATOR_CHOICE:
        return holds_text(type, longest_choice(generator), err);
    default:
        return holds_text(type, generator_bytes_max(generator), err);
    }
}

bool column_type_holds_key(const column_type_t *type, err_t *err)
{
    return type->is_uuid || holds_text(type, ROW_KEY_LEN, err);
}

bool column_type_holds_amount(const column_type_t *type, err_t *err)
{
    return holds_decimal(type, digits_of(ROW_CENTS_MIN + ROW_CENTS_COUNT), 2, err);
}
