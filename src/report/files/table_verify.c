#include "report/files/tables.h"

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

/* The uint64_t at the column's offset in end_counts_t. */
static cell_t get_end(const csv_column_t *column, const void *record)
{
    const end_counts_t *ends = ((const verify_record_t *)record)->ends;
    const char *at = (const char *)ends + column->offset;
    return ends->measured ? cell_count(*(const uint64_t *)(const void *)at) : CELL_NONE;
}

#define COUNT(field, meaning)                                                                      \
    {                                                                                              \
#field, "events", meaning, get_count, offsetof(verify_totals_t, field), 0                  \
    }

#define END(name, field, meaning)                                                                  \
    {                                                                                              \
#name, "transactions", meaning, get_end, offsetof(end_counts_t, field), 0                  \
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
    END(end_agrees, agree,
        "transactions with the events that their END counts, in each table and in all; this and "
        "what follows is empty but on kafka with provide.transaction.metadata"),
    END(end_differs, faults[END_DIFFERS], "transactions whose END counts other events"),
    END(end_missing, faults[END_MISSING], "transactions with events and no END"),
    END(end_unseen, faults[END_UNSEEN],
        "transactions with an END that counts events, and none seen"),
};

const csv_table_t table_verify = {
    "verify.csv",
    "One row for each tap that was on.",
    columns,
    sizeof columns / sizeof columns[0],
};
