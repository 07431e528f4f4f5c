/*
 * manifest: what a reader must know of a run beside its figures: filled by the cli, written into
 * run.json. Strings are borrowed and outlive it. No field holds a password.
 */
#ifndef CDCBENCH_REPORT_FILES_MANIFEST_H
#define CDCBENCH_REPORT_FILES_MANIFEST_H

#include "plan/options/config.h"

typedef struct {
    const char *name, *value;
} manifest_pair_t;

typedef struct {
    const config_t *config; /* every option's value goes in, by the table of options */
    int argc;               /* the command line as given, secrets already overwritten */
    char *const *argv;
    const manifest_pair_t
        *libraries; /* versions of what the tool is built on: "libpq", "15.18"; … */
    size_t n_libraries;
    const char *server_display; /* host, port, database, user; NULL: no server was reached */
    const char *server_version; /* NULL likewise */
    bool embedded;
    const char *const
        *embedded_settings; /* "name=value", NULL-terminated; NULL when not embedded */
    const manifest_pair_t *server_settings;
    size_t n_server_settings;
    const char *modified_by; /* the writer's current_user; NULL: no server was reached */
    int exit_code;           /* what the process will end with */
} manifest_t;

#endif
