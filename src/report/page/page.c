#include "report/page/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/files/json_node.h"
#include "report/page/page_assets.h"
#include "report/page/page_data.h"

/* What stands in the template for each of the parts. */
static const struct {
    const char *mark;
    const char *parts[10]; /* one behind the other; none: the document */
} marks[] = {
    {"/*style*/", {page_style}},
    {"/*chart*/", {page_chart}},
    {"/*script*/",
     {page_format, page_data, page_crosshair, page_plot, page_plots, page_figures, page_sections,
      page_compare, page_main}},
    {"/*data*/", {NULL}},
};
#define N_MARKS (sizeof marks / sizeof marks[0])

/* In a script element, "<" could end it or begin a comment (HTML, "Restrictions for contents of
 * script elements"); in a JSON document it stands in strings alone, where it may be written so. */
static void write_data(FILE *out, const char *data)
{
    for (; *data != '\0'; data++) {
        if (*data == '<') {
            fputs("\\u003c", out);
        } else {
            putc(*data, out);
        }
    }
}

static void write_mark(FILE *out, size_t mark, const char *data)
{
    if (marks[mark].parts[0] == NULL) {
        write_data(out, data != NULL ? data : "null");
        return;
    }
    for (const char *const *part = marks[mark].parts; *part != NULL; part++) {
        fputs(*part, out);
    }
}

void page_write(FILE *out, const char *data)
{
    const char *at = page_template;
    for (size_t mark = 0; mark < N_MARKS; mark++) {
        const char *found = strstr(at, marks[mark].mark);
        fwrite(at, 1, (size_t)(found - at), out);
        write_mark(out, mark, data);
        at = found + strlen(marks[mark].mark);
    }
    fputs(at, out);
}

bool page_write_report(folder_t *folder, err_t *err)
{
    char *data = page_data_folder(folder_path(folder), NULL, err);
    FILE *file = data != NULL ? folder_create(folder, PAGE_FILE, err) : NULL;
    bool written = false;
    if (file != NULL) {
        page_write(file, data);
        written = folder_commit(folder, file, PAGE_FILE, err);
    }
    free(data);
    return written;
}

/* --- the page of a comparison ----------------------------------------------------------------- */

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
    return NODE({"metric", node_text(row->metric)}, {"unit", node_text(row->unit)},
                {"label_a", node_text(row->a)}, {"label_b", node_text(row->b)},
                {"a", json_real(row->figures.a)}, {"b", json_real(row->figures.b)},
                {"difference", json_real(row->figures.difference)},
                {"low", known ? json_real(row->figures.low) : json_null()},
                {"high", known ? json_real(row->figures.high) : json_null()},
                {"how", json_string(how_names[row->how])}, {"basis", node_text(basis)},
                {"verdict", json_string(verdict_names[row->verdict])},
                {"sentence", node_text(sentence)});
}

static json_t *comparison_json(const compare_t *compare)
{
    json_t *labels = json_array(), *rows = json_array();
    for (size_t i = 0; i < compare->n_labels; i++) {
        node_add(&labels, node_text(compare->labels[i]));
    }
    for (size_t i = 0; i < compare->n_rows; i++) {
        node_add(&rows, row_json(&compare->rows[i]));
    }
    return NODE({"phase", node_text(compare->phase)}, {"limits", node_text(compare_limits)},
                {"labels", labels}, {"rows", rows});
}

/* The runs' documents, and the rows beside them. */
static char *comparison_data(const compare_t *compare, err_t *err)
{
    json_t *runs = json_array();
    for (size_t i = 0; runs != NULL && i < compare->n_runs; i++) {
        node_add(&runs, page_run(compare->runs[i].folder, compare->runs[i].label, err));
    }
    return page_document(runs, comparison_json(compare), false, err);
}

bool page_write_comparison(const compare_t *compare, const char *path, err_t *err)
{
    char *data = comparison_data(compare, err);
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
