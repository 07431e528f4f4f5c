/*
 * run_json: run.json, the manifest and every result of a run in one object. Its figures have the
 * names of the CSV columns, and come from the same tables; null is what was not measured. Keys
 * stand in the order in which a person reads them. And what else a program reads of a run while it
 * goes on. One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_RUN_JSON_H
#define CDCBENCH_REPORT_FILES_RUN_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "plan/options/config.h"
#include "result/result.h"

/* What a reader must know of a run beside its figures: filled by the cli. Strings are borrowed and
 * outlive it. No field holds a password. */
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

/* Raised when a key changes its meaning or goes; a new key does not raise it. */
#define RUN_JSON_SCHEMA_VERSION 1

/* Writes the object, indented, and a newline. False with ERR_RUN when memory is out; write errors
 * stay in the FILE for whoever closes it. */
bool run_json_write(FILE *out, const manifest_t *manifest, const result_t *result, err_t *err);

/* Two of its parts, as the page of a run under way has them too; as in json_node.h. */
json_t *run_json_scenario(const scenario_t *scenario);
json_t *run_json_command_line(int argc, char *const *argv);

/* A run for another program to follow (--json): a JSON object a line. One a second, with the
 * columns of timeline.csv as its keys, null what was not measured; and a last one that says what
 * came of it: {"verdict": …, "pace": …, "exit_code": …, "acknowledged": …, "folder": …}, in the
 * words of run.json. The caller flushes each line. False when memory is out; write errors stay in
 * the FILE.
 */
bool json_lines_second(FILE *out, const scenario_t *scenario, const timeline_row_t *row);
bool json_lines_end(FILE *out, const result_t *result, int exit_code, const char *folder);

#endif
