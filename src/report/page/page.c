#include "report/page/page.h"

#include <stdlib.h>
#include <string.h>

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
