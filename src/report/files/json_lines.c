#include "report/files/json_lines.h"

#include "report/files/run_json_parts.h"
#include "report/files/tables.h"
#include "result/verdict.h"

/* Takes the object over. */
static bool print_line(FILE *out, json_t *object)
{
    if (object == NULL) {
        return false;
    }
    /* A double holds 15 digits of any decimal: what was rounded prints as rounded. */
    json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
    putc('\n', out);
    json_decref(object);
    return true;
}

bool json_lines_second(FILE *out, const scenario_t *scenario, const timeline_row_t *row)
{
    timeline_record_t record = {.scenario = scenario, .row = row};
    return print_line(out, run_json_record(&table_timeline, &record));
}

bool json_lines_end(FILE *out, const result_t *result, int exit_code, const char *folder)
{
    return print_line(out, run_json_object((const run_json_field_t[]){
                               {"verdict", json_string(run_verdict_names[verdict_of(result)])},
                               {"pace", run_json_pace_word(result)},
                               {"exit_code", json_integer(exit_code)},
                               {"acknowledged", json_integer((json_int_t)result->acknowledged)},
                               {"folder", run_json_text(folder)},
                               {NULL, NULL},
                           }));
}
