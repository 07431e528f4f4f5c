#include "model/table.h"

#include <string.h>

#include "model/row.h"

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
