/* The page of a comparison: the runs' documents, and the rows beside them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/analysis/compare.h"
#include "report/files/run_json_parts.h"
#include "report/page/page.h"
#include "report/page/page_parts.h"

static const char *const how_names[] = {
    [BOOTSTRAP_EACH] = "repeats", [BOOTSTRAP_PAIRS] = "pairs", [BOOTSTRAP_BLOCKS] = "seconds"};
static const char *const verdict_names[] = {
    [COMPARE_REAL] = "real", [COMPARE_NOISE] = "noise", [COMPARE_UNKNOWN] = "unknown"};

static json_t *row_json(const compare_row_t *row)
{
    char sentence[512], basis[96];
    bool known = row->verdict != COMPARE_UNKNOWN;
    compare_sentence(row, sentence, sizeof sentence);
    compare_basis(row, basis, sizeof basis);
    return run_json_object((const run_json_field_t[]){
        {"metric", run_json_text(row->metric)},
        {"unit", run_json_text(row->unit)},
        {"label_a", run_json_text(row->a)},
        {"label_b", run_json_text(row->b)},
        {"a", json_real(row->figures.a)},
        {"b", json_real(row->figures.b)},
        {"difference", json_real(row->figures.difference)},
        {"low", known ? json_real(row->figures.low) : json_null()},
        {"high", known ? json_real(row->figures.high) : json_null()},
        {"how", json_string(how_names[row->how])},
        {"basis", run_json_text(basis)},
        {"verdict", json_string(verdict_names[row->verdict])},
        {"sentence", run_json_text(sentence)},
        {NULL, NULL},
    });
}

static json_t *comparison_json(const compare_t *compare)
{
    json_t *labels = json_array(), *rows = json_array();
    bool complete = labels != NULL && rows != NULL;
    for (size_t i = 0; complete && i < compare->n_labels; i++) {
        complete = run_json_append(labels, run_json_text(compare->labels[i]));
    }
    for (size_t i = 0; complete && i < compare->n_rows; i++) {
        complete = run_json_append(rows, row_json(&compare->rows[i]));
    }
    return run_json_object((const run_json_field_t[]){
        {"phase", run_json_text(compare->phase)},
        {"limits", run_json_text(compare_limits)},
        {"labels", run_json_whole(labels, complete)},
        {"rows", run_json_whole(rows, complete)},
        {NULL, NULL},
    });
}

static char *document(const compare_t *compare, err_t *err)
{
    json_t *runs = json_array();
    bool complete = runs != NULL;
    for (size_t i = 0; complete && i < compare->n_runs; i++) {
        complete =
            run_json_append(runs, page_run(compare->runs[i].folder, compare->runs[i].label, err));
    }
    return page_document(run_json_whole(runs, complete), comparison_json(compare), false, err);
}

bool compare_write_page(const compare_t *compare, const char *path, err_t *err)
{
    char *data = document(compare, err);
    if (data == NULL) {
        return false;
    }
    FILE *out = fopen(path, "we");
    bool written = out != NULL;
    if (written) {
        page_write(out, data);
        written = fflush(out) == 0 && !ferror(out);
        written = fclose(out) == 0 && written;
    }
    free(data);
    return written || err_set(err, ERR_RUN, "cannot write %s: %s", path, strerror(errno));
}
