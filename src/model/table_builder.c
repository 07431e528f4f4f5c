#include "model/table_builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "model/change.h"
#include "model/column.h"

/* The line's end, and per column its tab, and \N where a value is shorter. */
#define FIELD_EXTRA_BYTES 3

/* What the table_t that is handed out points into; `table` comes first, so that it is freed by it.
 */
typedef struct {
    table_t table;
    column_t columns[TABLE_COLUMNS_MAX];
    choice_t *choices[TABLE_COLUMNS_MAX];
    size_t cap_choices[TABLE_COLUMNS_MAX];
    void **owned; /* texts */
    size_t n_owned, cap_owned;
} built_t;

struct table_builder {
    built_t *built;
    column_draft_t drafts[TABLE_COLUMNS_MAX];
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

static column_draft_t *last(table_builder_t *builder)
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
    column_draft_t *draft = last(builder);
    built_t *built = builder->built;
    size_t c = builder->n - 1;
    if (draft->n_choices == TABLE_CHOICES_MAX || strlen(text) > COLUMN_LENGTH_MAX)
        return err_set(err, ERR_USAGE, "there may be %d texts to choose from, of %d bytes each",
                       TABLE_CHOICES_MAX, COLUMN_LENGTH_MAX);
    choice_t *grown =
        array_room(built->choices[c], draft->n_choices, &built->cap_choices[c], sizeof *grown);
    if (grown == NULL)
        return no_memory(err);
    draft->choices = built->choices[c] = grown;
    choice_t *choice = &grown[draft->n_choices];
    buf_t escaped = {0};
    *choice = (choice_t){.text = own(built, strdup(text)), .len = (uint32_t)strlen(text)};
    if (choice->text != NULL && escape(text, &escaped))
        choice->copy_text = own(built, strdup(buf_text(&escaped)));
    choice->copy_len = (uint32_t)escaped.len;
    buf_free(&escaped);
    if (choice->copy_text == NULL)
        return no_memory(err);
    draft->n_choices++;
    return true;
}

/* ---- the end ----------------------------------------------------------------------------------
 */

bool table_builder_check(table_builder_t *builder, err_t *err)
{
    return column_finish(last(builder), &builder->built->columns[builder->n - 1], err);
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
        if (!column_finish(&builder->drafts[c], &built->columns[c], err))
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
