#include "report/files/files.h"

#include <stdlib.h>

#include "report/files/run_json.h"
#include "report/files/tables.h"

static bool write_record(void *out, const csv_table_t *table, const void *record)
{
    csv_write_record(out, table, record);
    return true;
}

static bool write_table(FILE *out, const csv_table_t *table, const result_t *result, err_t *err)
{
    csv_write_header(out, table);
    return table_each(table, result, write_record, out) ||
           err_set(err, ERR_RUN, "cannot write %s: out of memory", table->file);
}

/* run.json where table is NULL. */
static bool write_file(folder_t *folder, const csv_table_t *table, const manifest_t *manifest,
                       const result_t *result, err_t *err)
{
    const char *name = table != NULL ? table->file : "run.json";
    FILE *file = folder_create(folder, name, err);
    if (file == NULL) {
        return false;
    }
    if (table != NULL ? write_table(file, table, result, err)
                      : run_json_write(file, manifest, result, err)) {
        return folder_commit(folder, file, name, err);
    }
    folder_discard(folder, file, name);
    return false;
}

bool files_write(folder_t *folder, const manifest_t *manifest, const result_t *result, err_t *err)
{
    /* run.json last: whoever finds it finds the others. */
    static const csv_table_t *const tables[] = {&table_summary, &table_lag, &table_lag_transactions,
                                                &table_verify, NULL};
    bool ok = true;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        /* Only the first error is kept; the others most likely say the same. */
        ok = write_file(folder, tables[i], manifest, result, ok ? err : NULL) && ok;
    }
    return ok;
}

/* Writes the header (record NULL) or a record as one line. */
static bool write_line(growing_t *timeline, const timeline_record_t *record, err_t *err)
{
    char *line = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&line, &len);
    if (memory != NULL && record == NULL) {
        csv_write_header(memory, &table_timeline);
    } else if (memory != NULL) {
        csv_write_record(memory, &table_timeline, record);
    }
    bool ok = memory != NULL && fclose(memory) == 0
                  ? growing_append(timeline, line, len, err)
                  : err_set(err, ERR_RUN, "cannot write timeline.csv: out of memory");
    free(line);
    return ok;
}

growing_t *files_timeline_open(folder_t *folder, err_t *err)
{
    growing_t *timeline = growing_open(folder, table_timeline.file, err);
    if (timeline != NULL && !write_line(timeline, NULL, err)) {
        growing_discard(timeline);
        return NULL;
    }
    return timeline;
}

bool files_timeline_append(growing_t *timeline, const scenario_t *scenario,
                           const timeline_row_t *row, err_t *err)
{
    timeline_record_t record = timeline_record(scenario, row);
    return write_line(timeline, &record, err);
}
