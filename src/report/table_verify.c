#include "report/tables.h"

static cell_t get_tap(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_text(((const verify_record_t *)record)->tap);
}

/* The uint64_t at the column's offset in verify_totals_t. */
static cell_t get_count(const csv_column_t *column, const void *record)
{
    const char *totals = (const char *)((const verify_record_t *)record)->totals;
    return cell_count(*(const uint64_t *)(const void *)(totals + column->offset));
}

#define COUNT(field, meaning)                                                                      \
    {                                                                                              \
#field, "events", meaning, get_count, offsetof(verify_totals_t, field), 0                  \
    }

static const csv_column_t columns[] = {
    {"tap", "", "wal or kafka", get_tap, 0, 0},
    COUNT(expected, "changes that the server acknowledged"),
    COUNT(delivered, "events of this run's rows, duplicates included"),
    COUNT(missing, "acknowledged changes that the tap never saw; at least, when run.json says "
                   "gaps_overflowed"),
    COUNT(duplicated, "events seen again"),
    COUNT(out_of_order, "events that came late, or whose position did not rise"),
    COUNT(mismatched, "events with a column that is not what was written"),
    COUNT(rolled_back, "events of changes that were rolled back"),
    COUNT(unknown, "events whose key or version is not of this run"),
    COUNT(before_run, "events from before the run, passed over"),
    COUNT(untriggered, "those of mismatched that a trigger should have changed and did not"),
};

const csv_table_t table_verify = {
    "verify.csv",
    "One row for each tap that was on.",
    columns,
    sizeof columns / sizeof columns[0],
};
