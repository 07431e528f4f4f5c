#include "model/table.h"

#include <string.h>

static const column_t transactions_columns[TX_COLUMNS] = {
    [TX_TRANSACTION_ID] = {"transaction_id", "varchar(255)", ROLE_KEY},
    [TX_USER_ID] = {"user_id", "varchar(255)", ROLE_GENERATED},
    [TX_TIMESTAMP] = {"timestamp", "timestamp", ROLE_GENERATED},
    [TX_AMOUNT] = {"amount", "decimal", ROLE_AMOUNT},
    [TX_CURRENCY] = {"currency", "varchar(255)", ROLE_GENERATED},
    [TX_CITY] = {"city", "varchar(255)", ROLE_GENERATED},
    [TX_COUNTRY] = {"country", "varchar(255)", ROLE_GENERATED},
    [TX_MERCHANT_NAME] = {"merchant_name", "varchar(255)", ROLE_GENERATED},
    [TX_PAYMENT_METHOD] = {"payment_method", "varchar(255)", ROLE_GENERATED},
    [TX_IP_ADDRESS] = {"ip_address", "varchar(255)", ROLE_GENERATED},
    [TX_VOUCHER_CODE] = {"voucher_code", "varchar(255)", ROLE_GENERATED},
    [TX_AFFILIATEID] = {"affiliateid", "varchar(255)", ROLE_GENERATED},
    [TX_MODIFIED_BY] = {"modified_by", "text", ROLE_MODIFIED_BY},
    [TX_MODIFIED_AT] = {"modified_at", "timestamp", ROLE_MODIFIED_AT},
    [TX_CHANGE_INFO] = {"change_info", "jsonb", ROLE_CHANGE_INFO},
};

const table_t table_transactions = {
    .name = "transactions",
    .columns = transactions_columns,
    .n_columns = TX_COLUMNS,
    .n_loaded = TX_LOADED,
    .copy_list = "transaction_id, user_id, timestamp, amount, currency, city, country, "
                 "merchant_name, payment_method, ip_address, voucher_code, affiliateid",
};

int table_column(const table_t *table, const char *name, size_t len)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        const char *column = table->columns[c].name;
        if (strlen(column) == len && memcmp(column, name, len) == 0)
            return (int)c;
    }
    return -1;
}
