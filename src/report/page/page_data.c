#include "report/page/page_data.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/analysis/size_write.h"
#include "report/files/hlog.h"
#include "report/files/run_json_parts.h"
#include "report/files/run_read.h"
#include "report/files/tables.h"
#include "report/page/page_parts.h"

#define PAGE_DATA_FORMAT 1

/* --- tables ----------------------------------------------------------------------------------- */

static json_t *column_json(const char *name, const csv_table_t *table)
{
    const char *unit = "", *meaning = "";
    for (size_t i = 0; i < table->n_columns; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            unit = table->columns[i].unit;
            meaning = table->columns[i].meaning;
        }
    }
    return run_json_object((const run_json_field_t[]){
        {"name", run_json_text(name)},
        {"unit", json_string(unit)},
        {"meaning", json_string(meaning)},
        {NULL, NULL},
    });
}

static json_t *row_json(const csv_data_t *data, size_t row)
{
    json_t *cells = json_array();
    bool complete = cells != NULL;
    for (size_t column = 0; complete && column < data->n_columns; column++) {
        complete = run_json_append(cells, run_json_text(csv_cell(data, row, column)));
    }
    return run_json_whole(cells, complete);
}

json_t *page_table(const csv_data_t *data, const csv_table_t *table)
{
    json_t *columns = json_array(), *rows = json_array();
    bool complete = columns != NULL && rows != NULL;
    for (size_t column = 0; complete && column < data->n_columns; column++) {
        complete = run_json_append(columns, column_json(csv_name(data, column), table));
    }
    for (size_t row = 0; complete && row < data->n_rows; row++) {
        complete = run_json_append(rows, row_json(data, row));
    }
    return run_json_object((const run_json_field_t[]){
        {"columns", run_json_whole(columns, complete)},
        {"rows", run_json_whole(rows, complete)},
        {NULL, NULL},
    });
}

/* --- from files ------------------------------------------------------------------------------- */

/* The table of a file; null when there is no such file. */
static json_t *table_file(const char *folder, const csv_table_t *table, err_t *err)
{
    char path[PATH_MAX];
    csv_data_t data;
    snprintf(path, sizeof path, "%s/%s", folder, table->file);
    if (access(path, F_OK) != 0) {
        return json_null();
    }
    if (!csv_read_file(path, &data, err)) {
        return NULL;
    }
    json_t *json = page_table(&data, table);
    csv_data_free(&data);
    return json;
}

static json_t *timeline_file(const char *folder, err_t *err)
{
    char path[PATH_MAX];
    csv_data_t data;
    snprintf(path, sizeof path, "%s/%s", folder, table_timeline.file);
    if (access(path, F_OK) != 0) {
        return json_null();
    }
    if (!csv_read_file(path, &data, err)) {
        return NULL;
    }
    json_t *json = page_timeline(&data);
    csv_data_free(&data);
    return json;
}

/* Both histogram logs, where they are. */
static bool read_hlogs(const char *folder, hlog_data_t *data, err_t *err)
{
    static const char *const names[] = {HLOG_LATENCY_FILE, HLOG_LAG_FILE};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (access(path, F_OK) == 0 && !hlog_read_file(path, data, err)) {
            return false;
        }
    }
    return true;
}

/* run.json without what the CSV files hold as well. */
static json_t *run_file(const char *folder, err_t *err)
{
    json_t *run = run_read(folder, err);
    if (run != NULL) {
        json_object_del(run, "lag");
    }
    return run;
}

json_t *page_run(const char *folder, const char *label, err_t *err)
{
    hlog_data_t hlogs = {0};
    json_t *run = run_file(folder, err);
    if (run == NULL || !read_hlogs(folder, &hlogs, err)) {
        json_decref(run);
        hlog_data_free(&hlogs);
        return NULL;
    }
    json_t *timeline = timeline_file(folder, err);
    json_t *json = run_json_object((const run_json_field_t[]){
        {"label", run_json_text(label != NULL ? label : run_read_name(run))},
        {"run", run},
        {"summary", table_file(folder, &table_summary, err)},
        {"lag", table_file(folder, &table_lag, err)},
        {"lag_transactions", table_file(folder, &table_lag_transactions, err)},
        {"verify", table_file(folder, &table_verify, err)},
        {"sizing", table_file(folder, &table_sizing, err)},
        {"curves", page_curves(&hlogs)},
        {"stages", page_stages(&hlogs, timeline)},
        {"timeline", timeline},
        {NULL, NULL},
    });
    hlog_data_free(&hlogs);
    return json;
}

/* --- the whole -------------------------------------------------------------------------------- */

char *page_document(json_t *runs, json_t *comparison, bool live, err_t *err)
{
    json_t *whole = run_json_object((const run_json_field_t[]){
        {"format", json_integer(PAGE_DATA_FORMAT)},
        {"tool", json_string("cdcbench " CDCBENCH_VERSION)},
        {"live", json_boolean(live)},
        {"runs", runs},
        {"comparison", comparison != NULL ? comparison : json_null()},
        {NULL, NULL},
    });
    char *text = whole != NULL ? json_dumps(whole, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(whole);
    if (text == NULL && err != NULL && err->code == ERR_NONE) {
        err_set(err, ERR_RUN, "cannot make the report: out of memory");
    }
    return text;
}

/* A document of one run, which it takes over. */
static char *document(json_t *run, bool live, err_t *err)
{
    json_t *runs = json_array();
    return page_document(run_json_whole(runs, run_json_append(runs, run)), NULL, live, err);
}

char *page_data_folder(const char *folder, const char *label, err_t *err)
{
    return document(page_run(folder, label, err), false, err);
}

/* --- while it goes on ------------------------------------------------------------------------- */

/* The timeline so far, through the CSV that it is written as: one way for both. */
static json_t *timeline_live(const page_live_t *live, err_t *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    if (memory == NULL) {
        return NULL;
    }
    csv_write_header(memory, &table_timeline);
    for (size_t i = 0; i < live->n_rows; i++) {
        csv_write_record(memory, &table_timeline,
                         &(timeline_record_t){.scenario = live->scenario, .row = &live->rows[i]});
    }
    csv_data_t data;
    if (fclose(memory) != 0 || !csv_read_text(text, len, table_timeline.file, &data, err)) {
        return NULL;
    }
    json_t *json = page_timeline(&data);
    csv_data_free(&data);
    return json;
}

/* A JSON text of ours; null when there is none. */
static json_t *parsed(const char *text)
{
    json_t *json = text != NULL ? json_loads(text, 0, NULL) : NULL;
    return json != NULL ? json : json_null();
}

/* What run.json will hold, as far as it is known by now. */
static json_t *run_live(const page_live_t *live)
{
    return run_json_object((const run_json_field_t[]){
        {"scenario", run_json_scenario(live->scenario)},
        {"server", run_json_object((const run_json_field_t[]){
                       {"version", run_json_text(live->server_version)},
                       {NULL, NULL},
                   })},
        {"pipeline", parsed(live->pipeline)},
        {"command_line", run_json_command_line(live->argc, live->argv)},
        {NULL, NULL},
    });
}

char *page_data_live(const page_live_t *live, err_t *err)
{
    json_t *run = run_json_object((const run_json_field_t[]){
        {"label", run_json_text(live->scenario->name)},
        {"run", run_live(live)},
        {"status", parsed(live->status)},
        {"summary", json_null()},
        {"lag", json_null()},
        {"verify", json_null()},
        {"timeline", timeline_live(live, err)},
        {NULL, NULL},
    });
    return document(run, true, err);
}
