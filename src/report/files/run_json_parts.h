/*
 * run_json_parts: the parts that run.json and the lines of --json are put together from. Each
 * returns a new reference, or NULL when memory is out; what is made of a NULL is NULL, and frees
 * what it was given, so that only the outermost result needs a look.
 */
#ifndef CDCBENCH_REPORT_FILES_RUN_JSON_PARTS_H
#define CDCBENCH_REPORT_FILES_RUN_JSON_PARTS_H

#include <jansson.h>

#include "report/files/csv.h"
#include "result/result.h"

typedef struct {
    const char *key;
    json_t *value;
} run_json_field_t;

/* An object of these fields, in order, up to one with the key NULL. Takes the values over. */
json_t *run_json_object(const run_json_field_t *fields);

/* Appends the value to the array *array and takes it over; false when the value is NULL or memory
 * is out. */
bool run_json_append(json_t *array, json_t *value);

/* `json` as it is; or when it could not be completed, nothing: it is freed and NULL comes back. */
json_t *run_json_whole(json_t *json, bool complete);

json_t *run_json_text(const char *text);    /* NULL is null; what is no UTF-8 becomes U+FFFD */
json_t *run_json_outside(const char *text); /* the same of what came from outside: no secrets */
json_t *run_json_integer(int64_t value);    /* NOT_MEASURED is null */
json_t *run_json_real(double value, int decimals); /* not finite is null */
json_t *run_json_seconds(int64_t ns); /* in seconds, to the µs; NOT_MEASURED is null */
json_t *run_json_lsn(uint64_t lsn);   /* "16/B374D848" as PostgreSQL writes it; 0 is null */
json_t *run_json_record(const csv_table_t *table, const void *record); /* column name → value */

json_t *run_json_command_line(int argc, char *const *argv);

json_t *run_json_scenario(const scenario_t *scenario);
json_t *run_json_host(void); /* this machine: system, CPU, cores, memory, page size; not its name */
json_t *run_json_phases(const result_t *result);
json_t *run_json_backlog(const phase_result_t *phase);
json_t *run_json_pace_word(const result_t *result); /* of the run; null where nothing was judged */
json_t *
run_json_pace(const phase_result_t *phase); /* by tap; empty where none has a rate to keep */
json_t *run_json_drains(const phase_result_t *phase); /* by tap; empty where it was no drain */
json_t *run_json_stalls(const result_t *result);
json_t *run_json_taps(const result_t *result);
json_t *run_json_lag_transactions(const result_t *result); /* and of lag_transactions.csv */
json_t *run_json_lag(const result_t *result);              /* an object for each row of lag.csv */

#endif
