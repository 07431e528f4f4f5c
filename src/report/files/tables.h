/*
 * tables: the columns of each CSV file of a run, the records that they are read from, and the walk
 * over these in a result. Constant data; the functions are pure. Records borrow from the result
 * that they were made of.
 */
#ifndef CDCBENCH_REPORT_FILES_TABLES_H
#define CDCBENCH_REPORT_FILES_TABLES_H

#include "report/files/csv.h"
#include "result/result.h"

/* One row of summary.csv: one stream of one phase. */
typedef struct {
    const char *phase, *operation;
    const op_result_t *figures;
} summary_record_t;
extern const csv_table_t table_summary;

/* Fills in the record. False when there is nothing to say: the phase did not begin, or the
 * stream was neither scheduled in it nor done. */
bool summary_record(const result_t *result, uint32_t phase, uint32_t stream, summary_record_t *out);

/* One row of lag.csv: one stage of one operation on one tap in one phase; and of
 * lag_transactions.csv, by first events and by last ones. */
typedef struct {
    const char *phase, *tap, *operation, *stage; /* phase and operation may be "all" */
    const char *event; /* "event", or "first" and "last" of transactions */
    const lag_t *lag;
} lag_record_t;
extern const csv_table_t table_lag, table_lag_transactions;

/* One row of verify.csv: one tap. */
typedef struct {
    const char *tap;
    const verify_totals_t *totals;
    const end_counts_t *ends; /* NULL: not measured */
} verify_record_t;
extern const csv_table_t table_verify;
verify_record_t verify_record(const result_t *result, tap_id_t tap);

/* One row of timeline.csv: one second. */
typedef struct {
    const char *phase;
    const timeline_row_t *row;
} timeline_record_t;
extern const csv_table_t table_timeline;
timeline_record_t timeline_record(const scenario_t *scenario, const timeline_row_t *row);

/* Calls visit for every record of one of these tables but the timeline's, in the order of its file:
 * phase by phase, then all of them merged; taps, operations, then all of them, and stages within.
 * What nothing was recorded for has no row. False, at once, when visit returns false or memory is
 * out. */
typedef bool table_visit_t(void *ctx, const csv_table_t *table, const void *record);
bool table_each(const csv_table_t *table, const result_t *result, table_visit_t *visit, void *ctx);

#endif
