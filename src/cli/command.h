/*
 * command: the commands of cdcbench. A command gets its settings and returns the process's exit
 * code; it prints its own errors, through command_fail. Main thread.
 */
#ifndef CDCBENCH_CLI_COMMAND_H
#define CDCBENCH_CLI_COMMAND_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "plan/options/options.h"

/* The command line as typed, the program's name first, secrets overwritten; and those words of it
 * that are neither options nor the command's name. */
typedef struct {
    int n;
    char *const *words;
    int n_rest;
    char *const *rest;
} line_t;

/* Each a command; its name and words are in the table of options. */
int command_run(const line_t *line, const config_t *config);
int command_produce(const line_t *line, const config_t *config);
int command_init(const line_t *line, const config_t *config);
int command_server(const line_t *line, const config_t *config);
int command_watch(const line_t *line, const config_t *config);
int command_gen(const line_t *line, const config_t *config);
int command_clean(const line_t *line, const config_t *config);
int command_compare(const line_t *line, const config_t *config);
int command_size(const line_t *line, const config_t *config);
int command_report(const line_t *line, const config_t *config);

/* "cdcbench: …" on stderr, and the exit code that the error carries. */
int command_fail(const err_t *err);

/* Writes out what stands in stdout's buffer. False when stdout could not be written to, then or
 * before: the first call says so, and the process ends with ERR_RUN at least, whatever it returns.
 */
bool command_flush(void);

/* How often ^C (or SIGTERM, SIGHUP) came; counted from command_hear_signals on. */
extern atomic_int command_interrupts;
void command_hear_signals(void);

#endif
