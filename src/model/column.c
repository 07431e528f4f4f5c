#include "model/column.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "model/row.h"
#include "model/timestamp.h"

const char *const setting_names[SETTINGS] = {"type",   "generator", "min", "max",   "scale",
                                             "length", "from",      "to",  "nulls", "storage"};

/* ---- types */

#define MODIFIER_MAX 65536

typedef struct {
    const char *name;
    sql_form_t form;
    int modifiers_max;   /* how many numbers may stand in brackets */
    int64_t least, most; /* of an integer */
} known_type_t;

/* A type as it was read. */
typedef struct {
    const char *name; /* without its modifiers; constant text */
    sql_form_t form;
    bool is_uuid, is_inet;
    int modifiers[2]; /* varchar(n): n; numeric(p, s): p and s; −1: not given */
} type_t;

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

/* Reads "varchar(255)", "numeric(10, 2)", "bigint"… */
static bool type_parse(const char *text, type_t *out, err_t *err)
{
    const known_type_t *type = find(text, strcspn(text, "("));
    *out = (type_t){.modifiers = {-1, -1}};
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

static bool refuse(const type_t *type, const char *why, err_t *err)
{
    return err_set(err, ERR_USAGE, "type %s: %s", type->name, why);
}

static bool is_plain_text(const type_t *type)
{
    return type->form == SQL_TEXT && !type->is_uuid && !type->is_inet;
}

static bool holds_text(const type_t *type, size_t len, err_t *err)
{
    if (!is_plain_text(type))
        return refuse(type, "this generator's values are text: use text or varchar", err);
    return type->modifiers[0] < 0 || len <= (size_t)type->modifiers[0] ||
           err_set(err, ERR_USAGE, "type varchar(%d): values can be %zu long", type->modifiers[0],
                   len);
}

static bool holds_integer(const type_t *type, int64_t min, int64_t max, err_t *err)
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
static bool holds_decimal(const type_t *type, int digits, unsigned scale, err_t *err)
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

static bool holds_form(const type_t *type, sql_form_t form, const char *names, err_t *err)
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

/* Whether every value that the generator makes is one of that type, printed as it was made. */
static bool holds(const type_t *type, const generator_t *generator, err_t *err)
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

static bool holds_key(const type_t *type, err_t *err)
{
    return type->is_uuid || holds_text(type, ROW_KEY_LEN, err);
}

static bool holds_amount(const type_t *type, err_t *err)
{
    return holds_decimal(type, digits_of(ROW_CENTS_MIN + ROW_CENTS_COUNT), 2, err);
}

/* ---- generators: what a user calls each, the type that its column has unless said otherwise, and
 * which settings it takes */

enum {
    USES_RANGE = 1,    /* min, max */
    USES_SCALE = 2,    /* scale */
    USES_LENGTH = 4,   /* length */
    USES_PERIOD = 8,   /* from, to */
    USES_CHOICES = 16, /* of */
    USES_NULLS = 32,   /* nulls */
};

typedef struct {
    const char *name;
    const char *sql_type;
    column_role_t role;
    unsigned uses;
    generator_t defaults;
} generator_name_t;

#define DRAWN(name, type, uses, kind_of, ...)                                                      \
    {                                                                                              \
        name, type, ROLE_GENERATED, (uses) | USES_NULLS,                                           \
        {                                                                                          \
            .kind = (kind_of), __VA_ARGS__                                                         \
        }                                                                                          \
    }

#define TIME_FROM INT64_C(1672531200) /* 2023-01-01 00:00:00 UTC */
#define TIME_TO   INT64_C(1735689599) /* 2024-12-31 23:59:59 UTC */

static const generator_name_t generators[] = {
    {"key", "uuid", ROLE_KEY, 0, {.kind = GENERATOR_NONE}},
    {"amount", "numeric", ROLE_AMOUNT, 0, {.kind = GENERATOR_NONE}},
    DRAWN("row_number", "bigint", 0, GENERATOR_ROW_NUMBER, .max = 0),
    DRAWN("uuid", "uuid", 0, GENERATOR_UUID, .max = 0),
    DRAWN("integer", "bigint", USES_RANGE, GENERATOR_INTEGER, .max = 1000000),
    DRAWN("decimal", "numeric", USES_RANGE | USES_SCALE, GENERATOR_DECIMAL, .max = 0),
    DRAWN("text", "text", USES_LENGTH, GENERATOR_TEXT, .min = 20, .max = 60),
    DRAWN("random_text", "text", USES_LENGTH, GENERATOR_RANDOM_TEXT, .min = 4096, .max = 16384),
    DRAWN("user", "varchar", 0, GENERATOR_USER, .max = 0),
    DRAWN("city", "varchar", 0, GENERATOR_CITY, .max = 0),
    DRAWN("country", "varchar", 0, GENERATOR_COUNTRY, .max = 0),
    DRAWN("merchant", "varchar", 0, GENERATOR_MERCHANT, .max = 0),
    DRAWN("first_name", "varchar", 0, GENERATOR_FIRST_NAME, .max = 0),
    DRAWN("surname", "varchar", 0, GENERATOR_SURNAME, .max = 0),
    DRAWN("choice", "varchar", USES_CHOICES, GENERATOR_CHOICE, .max = 0),
    DRAWN("timestamp", "timestamp", USES_PERIOD, GENERATOR_TIMESTAMP, .min = TIME_FROM,
          .max = TIME_TO),
    DRAWN("boolean", "boolean", 0, GENERATOR_BOOLEAN, .max = 0),
    DRAWN("ipv4", "inet", 0, GENERATOR_IPV4, .max = 0),
    DRAWN("json", "jsonb", 0, GENERATOR_JSON, .max = 0),
    DRAWN("bytes", "bytea", USES_LENGTH, GENERATOR_BYTES, .min = 16, .max = 64),
};

static const generator_name_t *generator_named(const char *name, err_t *err)
{
    buf_t names = {0};
    size_t n = sizeof generators / sizeof *generators;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(generators[i].name, name) == 0) {
            buf_free(&names);
            return &generators[i];
        }
        buf_printf(&names, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", generators[i].name);
    }
    err_set(err, ERR_USAGE, "generator: read \"%.40s\", expected %s", name, buf_text(&names));
    buf_free(&names);
    return NULL;
}

/* ---- settings */

/* "-0.05" × 10^scale. Fifteen digits at most, so that a double holds the number. */
static bool read_number(const char *key, const char *text, unsigned scale, int64_t *out, err_t *err)
{
    const char *at = text + (*text == '-');
    int64_t value = 0;
    int digits = 0, decimals = -1;
    for (; *at != '\0' && digits <= 15; at++) {
        if (*at == '.' && decimals < 0 && digits > 0) {
            decimals = 0;
        } else if (*at >= '0' && *at <= '9') {
            value = value * 10 + (*at - '0');
            digits++;
            decimals += decimals >= 0;
        } else {
            break;
        }
    }
    bool good = *at == '\0' && digits > 0 && decimals != 0 && decimals <= (int)scale;
    for (int i = decimals < 0 ? 0 : decimals; good && i < (int)scale; i++, digits++)
        value *= 10;
    *out = *text == '-' ? -value : value;
    return (good && digits <= 15) ||
           err_set(
               err, ERR_USAGE,
               "%s: read \"%.40s\", expected a number of at most 15 digits, %u of them decimals",
               key, text, scale);
}

static bool read_range(const column_draft_t *draft, unsigned scale, generator_t *out, err_t *err)
{
    const char *min = draft->settings[SET_MIN], *max = draft->settings[SET_MAX];
    return (min == NULL || read_number("min", min, scale, &out->min, err)) &&
           (max == NULL || read_number("max", max, scale, &out->max, err));
}

/* 2 decimals and 0 to 1,000 unless said. */
static bool read_decimal(const column_draft_t *draft, generator_t *out, err_t *err)
{
    uint64_t scale = 2;
    err_t why = {0};
    if (draft->settings[SET_SCALE] != NULL &&
        (!units_parse_count(draft->settings[SET_SCALE], &scale, &why) || scale < 1 || scale > 9))
        return err_set(err, ERR_USAGE,
                       "scale: read \"%.40s\", expected 1 to 9 (an integer has no decimals)",
                       draft->settings[SET_SCALE]);
    out->scale = (unsigned)scale;
    out->max = 1000;
    for (unsigned i = 0; i < out->scale; i++)
        out->max *= 10;
    return read_range(draft, out->scale, out, err);
}

static bool read_bytes(const char *text, int64_t *out, err_t *err)
{
    uint64_t bytes;
    if (!units_parse_bytes(text, &bytes, err))
        return err_wrap(err, "length");
    *out = (int64_t)bytes;
    return bytes <= COLUMN_LENGTH_MAX ||
           err_set(err, ERR_USAGE, "length: read %.40s, expected at most %d", text,
                   COLUMN_LENGTH_MAX);
}

/* "200" or "4KiB..16KiB". */
static bool read_length(const char *text, generator_t *out, err_t *err)
{
    if (text == NULL)
        return true;
    char least[64];
    const char *dots = strstr(text, "..");
    if (dots == NULL) {
        bool good = read_bytes(text, &out->min, err);
        out->max = out->min;
        return good;
    }
    snprintf(least, sizeof least, "%.*s", (int)(dots - text), text);
    return read_bytes(least, &out->min, err) && read_bytes(dots + 2, &out->max, err);
}

static bool read_time(const char *key, const char *text, int64_t *out, err_t *err)
{
    char whole[48];
    int64_t us;
    if (text == NULL)
        return true;
    snprintf(whole, sizeof whole, "%.32s%s", text, strlen(text) == 10 ? " 00:00:00" : "");
    bool good = timestamp_parse(whole, strlen(whole), ' ', &us) && us % 1000000 == 0;
    *out = good ? us / 1000000 : 0;
    return good ||
           err_set(err, ERR_USAGE, "%s: read \"%.40s\", expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS",
                   key, text);
}

/* "10%" */
static bool read_nulls(const char *text, generator_t *out, err_t *err)
{
    if (text == NULL)
        return true;
    char *rest;
    double percent = strtod(text, &rest);
    bool good = rest > text && strcmp(rest, "%") == 0 && percent >= 0 && percent <= 100;
    if (!good)
        return err_set(err, ERR_USAGE, "nulls: read \"%.40s\", expected 0%% to 100%%", text);
    out->null_share = (uint32_t)(percent / 100 * 65536 + 0.5);
    return true;
}

static bool read_storage(const column_draft_t *draft, column_t *column, err_t *err)
{
    const char *storage = draft->settings[SET_STORAGE];
    column->external = storage != NULL && strcmp(storage, "external") == 0;
    return storage == NULL || column->external || strcmp(storage, "extended") == 0 ||
           err_set(err, ERR_USAGE, "storage: read \"%.40s\", expected extended or external",
                   storage);
}

static bool read_generator(const column_draft_t *draft, generator_t *out, err_t *err)
{
    switch (out->kind) {
    case GENERATOR_INTEGER:
        return read_range(draft, 0, out, err);
    case GENERATOR_DECIMAL:
        return read_decimal(draft, out, err);
    case GENERATOR_TEXT:
    case GENERATOR_RANDOM_TEXT:
    case GENERATOR_BYTES:
        return read_length(draft->settings[SET_LENGTH], out, err);
    case GENERATOR_TIMESTAMP:
        return read_time("from", draft->settings[SET_FROM], &out->min, err) &&
               read_time("to", draft->settings[SET_TO], &out->max, err);
    case GENERATOR_CHOICE:
        out->choices = draft->choices;
        out->n_choices = (uint32_t)draft->n_choices;
        return out->n_choices > 0 ||
               err_set(err, ERR_USAGE, "of: the generator choice needs texts to choose from");
    default:
        return true;
    }
}

/* A setting that the column's generator does not know is a mistake, not a wish to be passed over.
 */
static bool check_settings(const column_draft_t *draft, const generator_name_t *generator,
                           err_t *err)
{
    static const struct {
        setting_t setting;
        unsigned use;
    } uses[] = {{SET_MIN, USES_RANGE},     {SET_MAX, USES_RANGE},   {SET_SCALE, USES_SCALE},
                {SET_LENGTH, USES_LENGTH}, {SET_FROM, USES_PERIOD}, {SET_TO, USES_PERIOD},
                {SET_NULLS, USES_NULLS}};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (draft->settings[uses[i].setting] != NULL && !(generator->uses & uses[i].use))
            return err_set(err, ERR_USAGE, "%s: the generator %s has no such setting",
                           setting_names[uses[i].setting], generator->name);
    return draft->n_choices == 0 || (generator->uses & USES_CHOICES) ||
           err_set(err, ERR_USAGE, "of: the generator %s has no such setting", generator->name);
}

static bool finish_type(column_t *column, const char *type_text, err_t *err)
{
    type_t type;
    column->sql_type = type_text;
    if (!type_parse(type_text, &type, err))
        return false;
    column->form = type.form;
    switch (column->role) {
    case ROLE_KEY:
        return holds_key(&type, err);
    case ROLE_AMOUNT:
        return holds_amount(&type, err);
    default:
        return holds(&type, &column->generator, err);
    }
}

bool column_finish(const column_draft_t *draft, column_t *column, err_t *err)
{
    const char *name = draft->settings[SET_GENERATOR];
    const generator_name_t *generator = generator_named(name != NULL ? name : "", err);
    if (generator == NULL)
        return false;
    column->role = generator->role;
    column->generator = generator->defaults;
    const char *type = draft->settings[SET_TYPE];
    generator_t *g = &column->generator;
    if (!check_settings(draft, generator, err) || !read_generator(draft, g, err) ||
        !read_nulls(draft->settings[SET_NULLS], g, err) || !read_storage(draft, column, err) ||
        !finish_type(column, type != NULL ? type : generator->sql_type, err))
        return false;
    if (g->min > g->max)
        return err_set(err, ERR_USAGE, "its least value lies above its greatest");
    bool varlena =
        column->form == SQL_TEXT || column->form == SQL_JSON || column->form == SQL_BYTES;
    if (column->external && !varlena)
        return err_set(err, ERR_USAGE, "storage: type %s is never put out of line",
                       column->sql_type);
    column->may_toast =
        varlena && column->role == ROLE_GENERATED && generator_bytes_max(g) > TOAST_POINTER_BYTES &&
        strcmp(column->sql_type, "uuid") != 0 && strcmp(column->sql_type, "inet") != 0;
    return true;
}
