/* cdcbench report: the page of a run again, from the files in its folder alone. */
#include <stdio.h>

#include "cli/command.h"
#include "report/page/page.h"

static bool draw(const char *path, err_t *err)
{
    folder_t *folder = folder_reopen(path, err);
    if (folder == NULL)
        return false;
    bool drawn = page_write_report(folder, err);
    if (drawn)
        printf("%s/" PAGE_FILE "\n", folder_path(folder));
    folder_free(folder);
    return drawn;
}

int command_report(const line_t *line, const config_t *config)
{
    (void)config;
    err_t err = {0};
    if (line->n_rest == 0) {
        err_set(&err, ERR_USAGE, "report takes the folder of a run, such as results/<time>-<name>");
        return command_fail(&err);
    }
    for (int i = 0; i < line->n_rest; i++)
        if (!draw(line->rest[i], &err))
            return command_fail(&err);
    return 0;
}
