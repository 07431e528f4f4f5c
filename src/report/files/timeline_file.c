#include <stdlib.h>

#include "report/files/files.h"
#include "report/files/growing.h"
#include "report/files/tables.h"

struct timeline_file {
    growing_t *file;
};

static bool out_of_memory(err_t *err)
{
    return err_set(err, ERR_RUN, "cannot write timeline.csv: out of memory");
}

/* Writes the header (record NULL) or a record as one line. */
static bool write_line(timeline_file_t *timeline, const timeline_record_t *record, err_t *err)
{
    char *line = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&line, &len);
    if (memory == NULL) {
        return out_of_memory(err);
    }
    if (record == NULL) {
        csv_write_header(memory, &table_timeline);
    } else {
        csv_write_record(memory, &table_timeline, record);
    }
    bool ok =
        fclose(memory) == 0 ? growing_append(timeline->file, line, len, err) : out_of_memory(err);
    free(line);
    return ok;
}

timeline_file_t *timeline_file_open(folder_t *folder, err_t *err)
{
    timeline_file_t *timeline = calloc(1, sizeof *timeline);
    if (timeline == NULL) {
        out_of_memory(err);
        return NULL;
    }
    timeline->file = growing_open(folder, table_timeline.file, err);
    if (timeline->file == NULL || !write_line(timeline, NULL, err)) {
        timeline_file_discard(timeline);
        return NULL;
    }
    return timeline;
}

bool timeline_file_append(timeline_file_t *timeline, const scenario_t *scenario,
                          const timeline_row_t *row, err_t *err)
{
    return write_line(timeline, &(timeline_record_t){.scenario = scenario, .row = row}, err);
}

bool timeline_file_close(timeline_file_t *timeline, err_t *err)
{
    bool ok = timeline == NULL || growing_close(timeline->file, err);
    free(timeline);
    return ok;
}

void timeline_file_discard(timeline_file_t *timeline)
{
    if (timeline == NULL) {
        return;
    }
    growing_discard(timeline->file);
    free(timeline);
}
