#include "report/analysis/columns.h"

#include "report/analysis/cost.h"
#include "report/analysis/size.h"
#include "report/files/tables.h"

void columns_describe(FILE *out)
{
    static const csv_table_t *const tables[] = {
        &table_summary, &table_lag, &table_lag_transactions, &table_timeline, &table_verify,
        &table_sizing,  &table_cost};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        fputs(i > 0 ? "\n" : "", out);
        csv_describe(out, tables[i]);
    }
}
