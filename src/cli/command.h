/*
 * command: the commands of cdcbench. A command gets its settings and returns the process's exit code;
 * it prints its own errors, through command_fail. Main thread.
 */
#ifndef CDCBENCH_CLI_COMMAND_H
#define CDCBENCH_CLI_COMMAND_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "plan/options.h"

/* The command line as typed, the program's name first; secrets are overwritten. */
typedef struct {
    int n;
    char *const *words;
} words_t;

typedef struct {
    const char *name;
    command_t bit;        /* in the table of options */
    const char *summary;  /* one line, for --help */
    const char *synopsis; /* behind "cdcbench NAME " */
    int (*run)(const words_t *line, const config_t *config);
} command_entry_t;

extern const command_entry_t commands[];
extern const int n_commands;

int command_run(const words_t *line, const config_t *config);
int command_init(const words_t *line, const config_t *config);
int command_clean(const words_t *line, const config_t *config);

/* "cdcbench: …" on stderr, and the exit code that the error carries. */
int command_fail(const err_t *err);

/* How often ^C (or SIGTERM, SIGHUP) came; counted from command_hear_signals on. */
extern atomic_int command_interrupts;
void command_hear_signals(void);

#endif
