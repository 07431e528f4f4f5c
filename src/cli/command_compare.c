/* cdcbench compare: runs side by side, and whether what differs is real. */
#include <stdio.h>

#include "cli/command.h"
#include "report/page/page.h"

int command_compare(const line_t *line, const config_t *config)
{
    err_t err = {0};
    const char *page = config->output.file != NULL ? config->output.file : "compare.html";
    if (line->n_rest == 0) {
        err_set(&err, ERR_USAGE,
                "compare takes the folders of two runs at least, such as before=results/… "
                "after=results/…");
        return command_fail(&err);
    }
    compare_t *compare = compare_new(line->rest, (size_t)line->n_rest, config->compare.phase, &err);
    bool done = compare != NULL && page_write_comparison(compare, page, &err);
    if (compare != NULL)
        compare_print(stdout, compare);
    compare_free(compare);
    if (!done)
        return command_fail(&err);
    printf("%s\n", page);
    return 0;
}
