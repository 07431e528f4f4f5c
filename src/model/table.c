#include "model/table.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/row.h"
#include "model/table_builder.h"

static const column_t transactions_columns[TX_COLUMNS] = {
    [TX_TRANSACTION_ID] = {.name = "transaction_id", .sql_type = "varchar(255)", .role = ROLE_KEY},
    [TX_USER_ID] = {.name = "user_id", .sql_type = "varchar(255)", .role = ROLE_GENERATED},
    [TX_TIMESTAMP] = {.name = "timestamp", .sql_type = "timestamp", .role = ROLE_GENERATED},
    [TX_AMOUNT] = {.name = "amount", .sql_type = "decimal", .role = ROLE_AMOUNT},
    [TX_CURRENCY] = {.name = "currency", .sql_type = "varchar(255)", .role = ROLE_GENERATED},
    [TX_CITY] = {.name = "city", .sql_type = "varchar(255)", .role = ROLE_GENERATED},
    [TX_COUNTRY] = {.name = "country", .sql_type = "varchar(255)", .role = ROLE_GENERATED},
    [TX_MERCHANT_NAME] = {.name = "merchant_name",
                          .sql_type = "varchar(255)",
                          .role = ROLE_GENERATED},
    [TX_PAYMENT_METHOD] = {.name = "payment_method",
                           .sql_type = "varchar(255)",
                           .role = ROLE_GENERATED},
    [TX_IP_ADDRESS] = {.name = "ip_address", .sql_type = "varchar(255)", .role = ROLE_GENERATED},
    [TX_VOUCHER_CODE] = {.name = "voucher_code",
                         .sql_type = "varchar(255)",
                         .role = ROLE_GENERATED},
    [TX_AFFILIATEID] = {.name = "affiliateid", .sql_type = "varchar(255)", .role = ROLE_GENERATED},
    [TX_MODIFIED_BY] = {.name = "modified_by", .sql_type = "text", .role = ROLE_MODIFIED_BY},
    [TX_MODIFIED_AT] = {.name = "modified_at", .sql_type = "timestamp", .role = ROLE_MODIFIED_AT},
    [TX_CHANGE_INFO] = {.name = "change_info", .sql_type = "jsonb", .role = ROLE_CHANGE_INFO},
};

const table_t table_transactions = {
    .name = "transactions",
    .columns = transactions_columns,
    .n_columns = TX_COLUMNS,
    .n_loaded = TX_LOADED,
    .key = TX_TRANSACTION_ID,
    .amount = TX_AMOUNT,
    .has_trigger_columns = true,
    .is_transactions = true,
    .row_bytes_max = ROW_TEXT_MAX,
    .value_bytes_max = ROW_TEXT_MAX,
    .copy_list = "transaction_id, user_id, timestamp, amount, currency, city, country, "
                 "merchant_name, payment_method, ip_address, voucher_code, affiliateid",
};

tables_t tables_of_one(const table_t *table, triggers_t triggers, bool replica_identity_full)
{
    return (tables_t){.use = {{table, triggers, replica_identity_full}}, .n = 1};
}

int tables_find(const tables_t *tables, const char *name)
{
    for (uint32_t t = 0; t < tables->n; t++)
        if (strcmp(tables->use[t].table->name, name) == 0)
            return (int)t;
    return -1;
}

int table_column(const table_t *table, const char *name, size_t len)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        const char *column = table->columns[c].name;
        if (strlen(column) == len && memcmp(column, name, len) == 0)
            return (int)c;
    }
    return -1;
}

/* ---- the built-in tables other than `transactions`: docs/tables.md */

#define WIDE_COLUMNS 100 /* key, amount, those below over and over, and the triggers' three */

const char table_builtin_names[] = "transactions, wide, narrow, toasted";

/* A column of a built-in table; settings in pairs, key and value. */
typedef struct {
    const char *name;
    const char *settings[9];
} spec_t;

static const spec_t key = {"id", {"generator", "key", NULL}};
static const spec_t amount = {"amount", {"generator", "amount", NULL}};

static const spec_t wide[] = {
    {"number", {"generator", "integer", "min", "-1000000000000", "max", "1000000000000", NULL}},
    {"count", {"generator", "integer", "type", "integer", "min", "0", "max", "1000", NULL}},
    {"price", {"generator", "decimal", "type", "numeric(12, 4)", "scale", "4", NULL}},
    {"user", {"generator", "user", NULL}},
    {"city", {"generator", "city", "nulls", "10%", NULL}},
    {"country", {"generator", "country", NULL}},
    {"merchant", {"generator", "merchant", NULL}},
    {"at", {"generator", "timestamp", NULL}},
    {"flag", {"generator", "boolean", "nulls", "1%", NULL}},
    {"address", {"generator", "ipv4", NULL}},
    {"reference", {"generator", "uuid", NULL}},
    {"note", {"generator", "text", "length", "10..40", "nulls", "25%", NULL}},
    {"detail", {"generator", "json", NULL}},
    {"digest", {"generator", "bytes", "length", "20", NULL}},
};

static const spec_t toasted[] = {
    {"title", {"generator", "text", "length", "20..60", NULL}},
    {"document", {"generator", "random_text", "length", "4KiB..16KiB", NULL}},
    {"attachment",
     {"generator", "random_text", "length", "2500..5000", "storage", "external", "nulls", "20%",
      NULL}},
};

static table_t *made[3];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool add(table_builder_t *builder, const spec_t *spec, const char *name, err_t *err)
{
    if (!table_builder_column(builder, name, err))
        return false;
    for (const char *const *s = spec->settings; *s != NULL; s += 2)
        if (!table_builder_set(builder, s[0], s[1], err))
            return false;
    return true;
}

static bool add_wide(table_builder_t *builder, err_t *err)
{
    const size_t n = sizeof wide / sizeof *wide, rest = WIDE_COLUMNS - 5;
    for (size_t i = 0; i < rest; i++) {
        char name[TABLE_NAME_MAX];
        snprintf(name, sizeof name, "%s_%zu", wide[i % n].name, i / n + 1);
        if (!add(builder, &wide[i % n], name, err))
            return false;
    }
    return true;
}

static bool add_toasted(table_builder_t *builder, err_t *err)
{
    for (size_t i = 0; i < sizeof toasted / sizeof *toasted; i++)
        if (!add(builder, &toasted[i], toasted[i].name, err))
            return false;
    return true;
}

static bool add_nothing(table_builder_t *builder, err_t *err)
{
    (void)builder, (void)err;
    return true;
}

static table_t *make(const char *name, bool trigger_columns,
                     bool (*add_more)(table_builder_t *, err_t *))
{
    err_t err = {0};
    table_builder_t *builder = table_builder_new(name, trigger_columns, &err);
    bool added = builder != NULL && add(builder, &key, key.name, &err) &&
                 add(builder, &amount, amount.name, &err) && add_more(builder, &err);
    table_t *table = added ? table_builder_end(builder, &err) : NULL;
    if (table == NULL) { /* constant input: a mistake in this file, or memory is out */
        fprintf(stderr, "cdcbench: built-in table %s: %s\n", name, err.text);
        abort();
    }
    return table;
}

static void make_all(void)
{
    made[0] = make("wide", true, add_wide);
    made[1] = make("narrow", false, add_nothing);
    made[2] = make("toasted", true, add_toasted);
}

const table_t *table_builtin(const char *name)
{
    if (strcmp(name, table_transactions.name) == 0)
        return &table_transactions;
    pthread_once(&once, make_all);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (strcmp(made[i]->name, name) == 0)
            return made[i];
    return NULL;
}
