/*
 * tables: the columns of each CSV file of a run, and the records that they are read from. Constant
 * data; the functions are pure. Records borrow from the result that they were made of.
 */
#ifndef CDCBENCH_REPORT_FILES_TABLES_H
#define CDCBENCH_REPORT_FILES_TABLES_H

#include "report/files/csv.h"
#include "result/result.h"

/* One row of summary.csv: one stream of one phase. */
typedef struct {
    const char *phase;
    uint32_t stream; /* an op_t, or STREAM_MIX */
    const op_result_t *figures;
} summary_record_t;
extern const csv_table_t table_summary;

/* Fills in the record. False when there is nothing to say: the phase did not begin, or the
 * stream was neither scheduled in it nor done. */
bool summary_record(const result_t *result, uint32_t phase, uint32_t stream, summary_record_t *out);

/* One row of lag.csv: one stage of one operation on one tap in one phase. */
typedef struct {
    const char *phase, *tap, *operation, *stage; /* phase and operation may be "all" */
    const char *event; /* "event", or "first" and "last" of transactions */
    const lag_t *lag;
} lag_record_t;
extern const csv_table_t table_lag;

/* Calls visit for every row of lag.csv in order: phase by phase, then all of them merged; taps,
 * operations, then all of them, and stages within. What nothing was recorded for has no row. False,
 * at once, when visit returns false or memory is out. */
bool lag_records_each(const result_t *result,
                      bool (*visit)(void *context, const lag_record_t *record), void *context);

/* Likewise every row of lag_transactions.csv: by first events, then by last ones. */
extern const csv_table_t table_lag_transactions;
bool lag_transactions_each(const result_t *result,
                           bool (*visit)(void *context, const lag_record_t *record), void *context);

/* One row of verify.csv: one tap. */
typedef struct {
    const char *tap;
    const verify_totals_t *totals;
    const end_counts_t *ends;
} verify_record_t;
extern const csv_table_t table_verify;

/* One row of timeline.csv: one second. */
typedef struct {
    const scenario_t *scenario;
    const timeline_row_t *row;
} timeline_record_t;
extern const csv_table_t table_timeline;

#endif
