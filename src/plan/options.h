/*
 * options: the one table of options. It drives parsing, --help, the manual page, the keys of scenario
 * files and the run's manifest; nothing is listed twice. One thread.
 */
#ifndef CDCBENCH_PLAN_OPTIONS_H
#define CDCBENCH_PLAN_OPTIONS_H

#include <stdio.h>

#include "plan/config.h"

/* Commands an option belongs to, as bits. */
typedef enum { COMMAND_RUN = 1, COMMAND_INIT = 2, COMMAND_CLEAN = 4 } command_t;

typedef enum {
    OPTION_TEXT,
    OPTION_FLAG,     /* no argument */
    OPTION_COUNT,    /* units_parse_count, within minimum … maximum */
    OPTION_DURATION, /* units_parse_duration */
    OPTION_RATE,     /* "off", "max" or units_parse_rate: rate_t */
    OPTION_CHOICE,   /* one of `choices`: stored as its index, an int-sized enum or a bool */
    OPTION_SET,      /* comma-separated choices, each a bool at its own offset */
} option_kind_t;

typedef struct {
    const char *name;       /* long name, without dashes: the one that is shown */
    const char *aliases[4]; /* other long names (pgbench's) */
    char letter;            /* short form, or 0 */
    option_kind_t kind;
    unsigned commands;      /* command_t bits */
    const char *argument;   /* "RATE", for --help; NULL for a flag */
    const char *default_text; /* as shown; NULL: none */
    const char *key;        /* the scenario's key: "phases.mixed.insert.rate"; NULL: none */
    const char *help;       /* one sentence */
    size_t offset;          /* into config_t */
    const char *choices;    /* "full|default" */
    uint64_t minimum, maximum;
    bool secret;            /* its value is redacted in the manifest and overwritten in argv */
} option_t;

extern const option_t options[];
extern const size_t n_options;

/* Parses argv (after the command's name) into config, which holds defaults already. Long options with
 * `=` or the next argument, unambiguous order, `--`; short options as getopt. An unknown option is
 * ERR_USAGE and suggests the nearest name; a bad value says option, what was read, what is allowed.
 * Remaining words go to *rest (points into argv), *n_rest of them. Secret values are registered and
 * then overwritten in argv with '*'. */
bool options_parse(command_t command, int argc, char **argv, config_t *config, char ***rest,
                   int *n_rest, err_t *err);

/* --help of a command, in groups, 80 columns. */
void options_help(command_t command, FILE *out);

/* The options as a section of the manual page, in mdoc or man macros. */
void options_manual(command_t command, FILE *out);

/* The value of an option in config as text, for the manifest ("****" for a secret that is set; "" when unset). */
void options_value(const option_t *option, const config_t *config, char *out, size_t size);

#endif
