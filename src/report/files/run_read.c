#include "report/files/run_read.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

json_t *run_read(const char *folder, err_t *err)
{
    char path[PATH_MAX];
    json_error_t why;
    snprintf(path, sizeof path, "%s/run.json", folder);
    json_t *run = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (run == NULL) {
        err_set(err, ERR_USAGE,
                "cannot read %s: %s; name the folder of a run that has ended, such as results/…",
                path, why.text);
        return NULL;
    }
    if (!json_is_object(run) || json_object_get(run, "schema_version") == NULL) {
        err_set(err, ERR_USAGE, "%s is no result of cdcbench: it has no schema_version", path);
        json_decref(run);
        return NULL;
    }
    return run;
}

bool run_read_has(const char *folder, const char *file)
{
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/%s", folder, file) < PATH_MAX && access(path, F_OK) == 0;
}

const char *run_read_name(const json_t *run)
{
    const char *name = json_string_value(json_object_get(json_object_get(run, "scenario"), "name"));
    return name != NULL ? name : "run";
}

const json_t *run_read_tap(const json_t *run, const char *name)
{
    size_t i;
    json_t *tap;
    json_array_foreach(json_object_get(run, "taps"), i, tap)
    {
        const char *is = json_string_value(json_object_get(tap, "tap"));
        if (is != NULL && strcmp(is, name) == 0) {
            return tap;
        }
    }
    return NULL;
}

double run_read_number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

double run_read_phase_seconds(const json_t *phase)
{
    return run_read_number(phase, "end_s") - run_read_number(phase, "start_s");
}

double run_read_phase_rows(const json_t *phase)
{
    double rows = 0;
    size_t i;
    json_t *operation;
    json_array_foreach(json_object_get(phase, "operations"), i, operation)
    {
        double more = run_read_number(operation, "rows");
        rows += isfinite(more) ? more : 0;
    }
    return rows;
}

const json_t *run_read_main_phase(const json_t *run)
{
    const json_t *longest = NULL;
    double most_s = 0;
    size_t i;
    json_t *phase;
    json_array_foreach(json_object_get(run, "phases"), i, phase)
    {
        double seconds = run_read_phase_seconds(phase);
        if (run_read_phase_rows(phase) > 0 && seconds > most_s) {
            most_s = seconds;
            longest = phase;
        }
    }
    return longest;
}
