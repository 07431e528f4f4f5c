#include "model/table_builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/units.h"
#include "model/change.h"
#include "model/column_type.h"
#include "model/generator_names.h"
#include "model/row.h"
#include "model/timestamp.h"

/* The line's end, and per column its tab, and \N where a value is shorter. */
#define FIELD_EXTRA_BYTES 3

/* What a user has said of a column; NULL: nothing. */
typedef enum {
    SET_TYPE,
    SET_GENERATOR,
    SET_MIN,
    SET_MAX,
    SET_SCALE,
    SET_LENGTH,
    SET_FROM,
    SET_TO,
    SET_NULLS,
    SET_STORAGE,
    SETTINGS
} setting_t;

static const char *const setting_names[SETTINGS] = {
    "type", "generator", "min", "max", "scale", "length", "from", "to", "nulls", "storage"};

typedef struct {
    const char *settings[SETTINGS];
    choice_t *choices;
    uint32_t n_choices;
} draft_t;

/* What the table_t that is handed out points into; `table` comes first, so that it is freed by it.
 */
typedef struct {
    table_t table;
    column_t columns[TABLE_COLUMNS_MAX];
    choice_t *choices[TABLE_COLUMNS_MAX];
    void **owned; /* texts */
    size_t n_owned, cap_owned;
} built_t;

struct table_builder {
    built_t *built;
    draft_t drafts[TABLE_COLUMNS_MAX];
    size_t n;
    bool trigger_columns;
};

static bool no_memory(err_t *err)
{
    return err_set(err, ERR_RUN, "a table's columns: out of memory");
}

static void built_free(built_t *built)
{
    if (built == NULL)
        return;
    for (size_t i = 0; i < built->n_owned; i++)
        free(built->owned[i]);
    for (size_t c = 0; c < TABLE_COLUMNS_MAX; c++)
        free(built->choices[c]);
    free(built->owned);
    free(built);
}

void table_free(table_t *table)
{
    built_free((built_t *)table);
}

/* Takes a malloc'd text over; NULL, with it freed, when memory is out. */
static const char *own(built_t *built, char *text)
{
    if (text == NULL)
        return NULL;
    void **room = array_room(built->owned, built->n_owned, &built->cap_owned, sizeof *room);
    if (room == NULL) {
        free(text);
        return NULL;
    }
    built->owned = room;
    room[built->n_owned++] = text;
    return text;
}

/* Names of topics, of SQL and of JSON all at once: lower-case identifiers are the same in each. */
static bool check_name(const char *what, const char *name, err_t *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
    static const char more[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    size_t len = strlen(name);
    bool good = len >= 1 && len <= TABLE_NAME_MAX && strchr(letters, name[0]) != NULL &&
                strspn(name, more) == len;
    return good || err_set(err, ERR_USAGE,
                           "%s: read \"%.80s\", expected a name of lower-case letters, digits and "
                           "_, not beginning with a digit, of at most %d characters",
                           what, name, TABLE_NAME_MAX);
}

table_builder_t *table_builder_new(const char *name, bool trigger_columns, err_t *err)
{
    if (!check_name("table name", name, err))
        return NULL;
    table_builder_t *builder = calloc(1, sizeof *builder);
    if (builder != NULL)
        builder->built = calloc(1, sizeof *builder->built);
    if (builder == NULL || builder->built == NULL ||
        (builder->built->table.name = own(builder->built, strdup(name))) == NULL) {
        table_builder_free(builder);
        no_memory(err);
        return NULL;
    }
    builder->trigger_columns = trigger_columns;
    return builder;
}

void table_builder_free(table_builder_t *builder)
{
    if (builder == NULL)
        return;
    built_free(builder->built);
    free(builder);
}

bool table_builder_column(table_builder_t *builder, const char *name, err_t *err)
{
    built_t *built = builder->built;
    size_t room = TABLE_COLUMNS_MAX - (builder->trigger_columns ? 3 : 0);
    if (builder->n == room)
        return err_set(err, ERR_USAGE, "a table has at most %zu columns", room);
    if (!check_name("column name", name, err))
        return false;
    for (size_t c = 0; c < builder->n; c++)
        if (strcmp(built->columns[c].name, name) == 0)
            return err_set(err, ERR_USAGE, "two columns are called %s", name);
    column_t *column = &built->columns[builder->n];
    column->name = own(built, strdup(name));
    if (column->name == NULL)
        return no_memory(err);
    builder->n++;
    return true;
}

static draft_t *last(table_builder_t *builder)
{
    return &builder->drafts[builder->n - 1];
}

bool table_builder_set(table_builder_t *builder, const char *key, const char *value, err_t *err)
{
    for (setting_t s = 0; s < SETTINGS; s++) {
        if (strcmp(setting_names[s], key) != 0)
            continue;
        const char *copy = own(builder->built, strdup(value));
        last(builder)->settings[s] = copy;
        return copy != NULL || no_memory(err);
    }
    return err_set(err, ERR_USAGE,
                   "read \"%s\", expected type, generator, min, max, scale, length, from, to, "
                   "nulls or storage",
                   key);
}

/* ---- choices ----------------------------------------------------------------------------------
 */

/* COPY text's escapes (PostgreSQL documentation, "COPY": File Formats). */
static bool escape(const char *text, buf_t *out)
{
    static const char special[] = "\\\b\f\n\r\t\v", letters[] = "\\bfnrtv";
    for (; *text != '\0'; text++) {
        const char *found = strchr(special, *text);
        char pair[2] = {'\\', found != NULL ? letters[found - special] : *text};
        if (!buf_put(out, found != NULL ? pair : text, found != NULL ? 2 : 1))
            return false;
    }
    return true;
}

bool table_builder_choice(table_builder_t *builder, const char *text, err_t *err)
{
    draft_t *draft = last(builder);
    choice_t **choices = &builder->built->choices[builder->n - 1];
    if (draft->n_choices == TABLE_CHOICES_MAX || strlen(text) > TABLE_LENGTH_MAX)
        return err_set(err, ERR_USAGE, "there may be %d texts to choose from, of %d bytes each",
                       TABLE_CHOICES_MAX, TABLE_LENGTH_MAX);
    choice_t *grown = realloc(*choices, (draft->n_choices + 1) * sizeof *grown);
    if (grown == NULL)
        return no_memory(err);
    draft->choices = *choices = grown;
    choice_t *choice = &grown[draft->n_choices];
    buf_t escaped = {0};
    *choice = (choice_t){.text = own(builder->built, strdup(text)), .len = (uint32_t)strlen(text)};
    if (choice->text != NULL && escape(text, &escaped))
        choice->copy_text = own(builder->built, strdup(buf_text(&escaped)));
    choice->copy_len = (uint32_t)escaped.len;
    buf_free(&escaped);
    if (choice->copy_text == NULL)
        return no_memory(err);
    draft->n_choices++;
    return true;
}

/* ---- settings ---------------------------------------------------------------------------------
 */

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

static bool read_range(const draft_t *draft, unsigned scale, generator_t *out, err_t *err)
{
    const char *min = draft->settings[SET_MIN], *max = draft->settings[SET_MAX];
    return (min == NULL || read_number("min", min, scale, &out->min, err)) &&
           (max == NULL || read_number("max", max, scale, &out->max, err));
}

/* 2 decimals and 0 to 1,000 unless said. */
static bool read_decimal(const draft_t *draft, generator_t *out, err_t *err)
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
    return bytes <= TABLE_LENGTH_MAX ||
           err_set(err, ERR_USAGE, "length: read %.40s, expected at most %d", text,
                   TABLE_LENGTH_MAX);
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

static bool read_storage(const draft_t *draft, column_t *column, err_t *err)
{
    const char *storage = draft->settings[SET_STORAGE];
    column->external = storage != NULL && strcmp(storage, "external") == 0;
    return storage == NULL || column->external || strcmp(storage, "extended") == 0 ||
           err_set(err, ERR_USAGE, "storage: read \"%.40s\", expected extended or external",
                   storage);
}

static bool read_generator(const draft_t *draft, generator_t *out, err_t *err)
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
        out->n_choices = draft->n_choices;
        return out->n_choices > 0 ||
               err_set(err, ERR_USAGE, "of: the generator choice needs texts to choose from");
    default:
        return true;
    }
}

/* A setting that the column's generator does not know is a mistake, not a wish to be passed over.
 */
static bool check_settings(const draft_t *draft, const generator_name_t *generator, err_t *err)
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

/* ---- the end ----------------------------------------------------------------------------------
 */

static bool finish_type(column_t *column, const char *type_text, err_t *err)
{
    column_type_t type;
    column->sql_type = type_text;
    if (!column_type_parse(type_text, &type, err))
        return false;
    column->form = type.form;
    switch (column->role) {
    case ROLE_KEY:
        return column_type_holds_key(&type, err);
    case ROLE_AMOUNT:
        return column_type_holds_amount(&type, err);
    default:
        return column_type_holds(&type, &column->generator, err);
    }
}

static bool finish_column(const draft_t *draft, column_t *column, err_t *err)
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

bool table_builder_check(table_builder_t *builder, err_t *err)
{
    return finish_column(last(builder), &builder->built->columns[builder->n - 1], err);
}

static bool find_roles(table_builder_t *builder, err_t *err)
{
    table_t *table = &builder->built->table;
    int keys = 0, amounts = 0;
    for (size_t c = 0; c < builder->n; c++) {
        column_role_t role = builder->built->columns[c].role;
        if (role == ROLE_KEY && ++keys)
            table->key = (int)c;
        if (role == ROLE_AMOUNT && ++amounts)
            table->amount = (int)c;
    }
    if (keys != 1 || amounts != 1)
        return err_set(err, ERR_USAGE,
                       "a table needs one column with the generator key and one with the generator "
                       "amount; it has %d and %d",
                       keys, amounts);
    const char *amount = builder->built->columns[table->amount].name;
    return !builder->trigger_columns || strcmp(amount, "amount") == 0 ||
           err_set(err, ERR_USAGE,
                   "column %s: the triggers record a column called amount: call it so, or leave "
                   "the triggers out",
                   amount);
}

static bool add_trigger_columns(table_builder_t *builder, err_t *err)
{
    static const column_t columns[] = {
        {.name = "modified_by", .sql_type = "text", .role = ROLE_MODIFIED_BY},
        {.name = "modified_at", .sql_type = "timestamp", .role = ROLE_MODIFIED_AT},
        {.name = "change_info", .sql_type = "jsonb", .role = ROLE_CHANGE_INFO},
    };
    built_t *built = builder->built;
    built->table.n_loaded = built->table.n_columns = builder->n;
    if (!builder->trigger_columns)
        return true;
    built->table.has_trigger_columns = true;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (table_column(&built->table, columns[i].name, strlen(columns[i].name)) >= 0)
            return err_set(err, ERR_USAGE, "column %s: the triggers' column is called so",
                           columns[i].name);
        built->columns[built->table.n_columns++] = columns[i];
    }
    return true;
}

static bool measure(built_t *built, err_t *err)
{
    buf_t list = {0};
    table_t *table = &built->table;
    bool listed = true;
    for (size_t c = 0; c < table->n_loaded; c++) {
        size_t bytes = generator_bytes_max(&built->columns[c].generator);
        listed = listed && buf_printf(&list, "%s\"%s\"", c > 0 ? ", " : "", built->columns[c].name);
        table->row_bytes_max += bytes + FIELD_EXTRA_BYTES;
        if (bytes > table->value_bytes_max)
            table->value_bytes_max = bytes;
    }
    if (listed)
        table->copy_list = own(built, strdup(buf_text(&list)));
    buf_free(&list);
    return table->copy_list != NULL || no_memory(err);
}

static bool finish(table_builder_t *builder, err_t *err)
{
    built_t *built = builder->built;
    built->table.columns = built->columns;
    for (size_t c = 0; c < builder->n; c++)
        if (!finish_column(&builder->drafts[c], &built->columns[c], err))
            return err_wrap(err, "column %s", built->columns[c].name);
    return find_roles(builder, err) && add_trigger_columns(builder, err) && measure(built, err);
}

table_t *table_builder_end(table_builder_t *builder, err_t *err)
{
    table_t *table = &builder->built->table;
    bool done = finish(builder, err);
    if (done)
        builder->built = NULL;
    else
        err_wrap(err, "table %s", table->name);
    table_builder_free(builder);
    return done ? table : NULL;
}
