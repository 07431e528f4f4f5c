#include "report/analysis/compare_runs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/files/run_read.h"

/* The last part of a folder's path. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static bool add_run(compare_t *out, const char *label, const char *folder, err_t *err)
{
    if (out->n_runs == COMPARE_RUNS_MAX) {
        return err_set(err, ERR_USAGE, "more than %d runs cannot be compared at once",
                       COMPARE_RUNS_MAX);
    }
    json_t *run = run_read(folder, err);
    if (run == NULL) {
        return false;
    }
    compare_run_t *added = &out->runs[out->n_runs];
    const char *started = json_string_value(json_object_get(run, "started"));
    *added = (compare_run_t){.folder = strdup(folder)};
    snprintf(added->label, sizeof added->label, "%s", label != NULL ? label : run_read_name(run));
    snprintf(added->started, sizeof added->started, "%s", started != NULL ? started : "");
    json_decref(run);
    if (added->folder == NULL) {
        return err_set(err, ERR_RUN, "cannot compare: out of memory");
    }
    out->n_runs++;
    return true;
}

static bool holds_run(const char *folder)
{
    char path[PATH_MAX + sizeof "/run.json"];
    snprintf(path, sizeof path, "%s/run.json", folder);
    return access(path, F_OK) == 0;
}

/* A folder of --repeat's holds repeat-1, repeat-2, …; all of them are of one label. */
static bool add_folder(compare_t *out, const char *label, const char *folder, err_t *err)
{
    char repeat[PATH_MAX];
    snprintf(repeat, sizeof repeat, "%s/repeat-1", folder);
    if (holds_run(folder) || !holds_run(repeat)) {
        return add_run(out, label, folder, err);
    }
    for (int number = 1; holds_run(repeat); number++) {
        if (!add_run(out, label != NULL ? label : base_name(folder), repeat, err)) {
            return false;
        }
        snprintf(repeat, sizeof repeat, "%s/repeat-%d", folder, number + 1);
    }
    return true;
}

/* LABEL=FOLDER, or FOLDER: one that is there as a whole is one. */
static bool add_word(compare_t *out, const char *word, bool *labelled, err_t *err)
{
    char label[COMPARE_LABEL_MAX];
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : 0;
    *labelled = equals != NULL && access(word, F_OK) != 0;
    if (!*labelled) {
        return add_folder(out, NULL, word, err);
    }
    if (len == 0 || len >= sizeof label) {
        return err_set(err, ERR_USAGE, "'%s' is no LABEL=FOLDER: a label has 1 to %zu characters",
                       word, sizeof label - 1);
    }
    snprintf(label, sizeof label, "%.*s", (int)len, word);
    return add_folder(out, label, equals + 1, err);
}

static void find_labels(compare_t *out)
{
    out->n_labels = 0;
    for (size_t i = 0; i < out->n_runs; i++) {
        bool known = false;
        for (size_t j = 0; j < out->n_labels; j++) {
            known = known || strcmp(out->labels[j], out->runs[i].label) == 0;
        }
        if (!known) {
            out->labels[out->n_labels++] = out->runs[i].label;
        }
    }
}

/* By label, in the order they were named, then by start. */
static void sort_runs(compare_t *out)
{
    compare_run_t sorted[COMPARE_RUNS_MAX];
    size_t n = 0;
    for (size_t j = 0; j < out->n_labels; j++) {
        size_t first = n;
        for (size_t i = 0; i < out->n_runs; i++) {
            if (strcmp(out->runs[i].label, out->labels[j]) != 0) {
                continue;
            }
            size_t at = n++;
            for (; at > first && strcmp(sorted[at - 1].started, out->runs[i].started) > 0; at--) {
                sorted[at] = sorted[at - 1];
            }
            sorted[at] = out->runs[i];
        }
    }
    memcpy(out->runs, sorted, n * sizeof *sorted);
    find_labels(out); /* they point into the runs */
}

bool compare_runs_read(char *const *words, size_t n_words, compare_t *out, err_t *err)
{
    bool any_label = false;
    for (size_t i = 0; i < n_words; i++) {
        bool labelled;
        if (!add_word(out, words[i], &labelled, err)) {
            return false;
        }
        any_label = any_label || labelled;
    }
    find_labels(out);
    for (size_t i = 0; out->n_labels == 1 && !any_label && i < out->n_runs; i++) {
        snprintf(out->runs[i].label, sizeof out->runs[i].label, "%s",
                 base_name(out->runs[i].folder));
    }
    find_labels(out);
    if (out->n_labels < 2) {
        return err_set(err, ERR_USAGE,
                       "compare takes runs of two labels at least, as LABEL=FOLDER; '%s' is all "
                       "there is",
                       out->n_labels == 1 ? out->labels[0] : "nothing");
    }
    sort_runs(out);
    return true;
}
