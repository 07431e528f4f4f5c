/*
 * options: the one table of options. It drives parsing, --help, the manual page, the keys of
 * scenario files and the run's manifest; nothing is listed twice. One thread.
 */
#ifndef CDCBENCH_PLAN_OPTIONS_OPTIONS_H
#define CDCBENCH_PLAN_OPTIONS_OPTIONS_H

#include <stdio.h>

#include "base/buf.h"
#include "plan/options/config.h"

/* Commands an option belongs to, as bits. */
typedef enum {
    COMMAND_RUN = 1,
    COMMAND_INIT = 2,
    COMMAND_CLEAN = 4,
    COMMAND_SERVER = 8,
    COMMAND_REPORT = 16,
    COMMAND_COMPARE = 32,
    COMMAND_SIZE = 64,
    COMMAND_GEN = 128,
    COMMAND_PRODUCE = 256,
    COMMAND_WATCH = 512,
} command_t;

/* A command in words, for --help and the manual page. */
typedef struct {
    command_t command;
    const char *name;
    const char *synopsis; /* behind "cdcbench NAME " */
    const char *brief;    /* one line of cdcbench --help */
    const char *summary;  /* with a capital and a full stop */
} command_text_t;

const command_text_t *options_command(command_t command);

typedef enum {
    OPTION_TEXT,     /* char *, owned by the structure; minimum … maximum characters */
    OPTION_LIST,     /* text_list_t: KEY=VALUE, as often as it is given */
    OPTION_LINES,    /* text_list_t: any text, as often as it is given */
    OPTION_FLAG,     /* bool, no argument */
    OPTION_COUNT,    /* uint64_t: units_parse_count, within minimum … maximum */
    OPTION_DURATION, /* int64_t: units_parse_duration, within minimum … maximum ns */
    OPTION_RATE,     /* rate_t: "off", "max" or units_parse_rate */
    OPTION_CHOICE,   /* an int-sized enum: one of `choices`, stored as its index */
    OPTION_EITHER,   /* a bool: one of two `choices`, the second is true */
    OPTION_SET,      /* comma-separated `choices`, or "none": each choice a bool of `members` */
    /* In the tables of scenario_spec.h alone: */
    OPTION_SHARE,  /* double: "20%" or "0.2", within minimum … maximum percent */
    OPTION_SHARES, /* share_list_t: comma-separated shares */
    OPTION_NUMBER, /* double: a decimal, within minimum … maximum */
    OPTION_MAP,    /* keys of `inner`, in the structure that begins at `offset` */
    OPTION_ONE_OF, /* one key of `inner`, each an OPTION_MAP: an int-sized enum, its index there */
} option_kind_t;

typedef struct key_table key_table_t;

/* Headings of --help and of the manual page, in their order there. */
typedef enum {
    GROUP_SERVER,
    GROUP_KAFKA,
    GROUP_TABLE,
    GROUP_WORK,
    GROUP_RUN,
    GROUP_SIZE,
    GROUP_OUTPUT,
    GROUP_OTHER,
    GROUP_COUNT
} option_group_t;

#define OPTION_ALIASES_MAX 4
#define OPTION_MEMBERS_MAX 4

typedef struct {
    const char *name;                        /* long name, without dashes: the one that is shown */
    const char *aliases[OPTION_ALIASES_MAX]; /* other long names (pgbench's) */
    char letter;                             /* short form, or 0 */
    char other_letter;                       /* another one, or 0 */
    option_kind_t kind;
    option_group_t group;
    unsigned commands;        /* command_t bits */
    const char *argument;     /* "RATE", for --help; NULL for a flag */
    const char *default_text; /* as shown, and what it is unless given; NULL: none, 0 or off */
    const char *of_produce;   /* the default of produce, where it is another; not shown */
    const char *key;          /* the scenario's key: "phases.mixed.insert.rate"; NULL: none. In the
                                 tables of scenario_spec.h `name` is the key, and this is NULL */
    const char *help;         /* one sentence, without capital and full stop */
    size_t offset;            /* into config_t */
    size_t given;             /* offset of a bool that is set with it; 0: none */
    const char *choices;      /* "full|default" */
    size_t members[OPTION_MEMBERS_MAX]; /* OPTION_SET: the offset of each choice's bool */
    uint64_t minimum, maximum;
    bool (*check)(const char *text, err_t *err); /* what else must hold of a text; NULL: nothing */
    bool secret;              /* its value is redacted in the manifest and overwritten in argv */
    const key_table_t *inner; /* OPTION_MAP, OPTION_ONE_OF */
    unsigned streams; /* a key of a stream: bits 1 << STREAM_… of those that have it; 0: all */
    int enters;       /* OPTION_MAP of a whole stream: 1 << STREAM_… */
} option_t;

/* The keys that a map of a scenario may have. */
struct key_table {
    const char *name; /* "shape.sine": of what they are the keys, in the manual */
    const option_t *rows;
    size_t n;
    bool short_form; /* a plain value in the map's place is that of the first row */
};

/* The option of that number in the table, from 0; NULL past the last. */
const option_t *options_at(size_t number);

/* Sets what a command has another default for than the rest, in a config with the defaults. False
 * when memory is out. */
bool options_defaults(command_t command, config_t *config);

/* Parses argv (after the command's name) into config, which holds defaults already. Long options
 * with
 * `=` or the next argument, in any order with other words, `--` ends them; short options as getopt.
 * Whatever stands behind an option that takes a value is its value, "-5" included. An unknown
 * option is ERR_USAGE and suggests the nearest name; a bad value says option, what was read, what
 * is allowed.
 *
 * argv's entries are moved so that other words come first, in their order: those are *rest (=
 * argv), *n_rest of them. The values of secret options are overwritten in place with '*', however
 * they were written (-dVALUE, -d VALUE, --dsn=VALUE, --dsn VALUE); in other words the caller
 * overwrites what is known as a secret then (base/secret.h). */
bool options_parse(command_t command, int argc, char **argv, config_t *config, char ***rest,
                   int *n_rest, err_t *err);

/* Sets one option from its value as text; a flag's is "true" or "false". ERR_USAGE, with the
 * option's name, for a value that is not allowed: config is then as it was. A secret is not
 * repeated. */
bool options_set(const option_t *option, const char *text, config_t *config, err_t *err);

/* The same for a structure of another kind, whose table has the row; the message has no name. What
 * is secret in the text becomes known as such. */
bool option_read(const option_t *option, const char *text, void *into, err_t *err);

/* Sets the row's value to its default, where it has one, without a note that it was given. False
 * when memory is out. */
bool option_default(const option_t *option, void *into);

/* Frees what the value owns. */
void option_free(const option_t *option, void *from);

/* Appends the row's value in the structure `from` as text that option_read reads; a secret's as in
 * options_value. Not for OPTION_MAP and OPTION_ONE_OF. */
void option_write(const option_t *option, const void *from, buf_t *out);

/* Whether an option was given on the command line (options_set). */
bool options_given(const config_t *config, const option_t *option);

/* The option with that key; NULL when there is none. */
const option_t *options_with_key(const char *key);

/* Appends the value of an option in config as text that options_set reads, for the manifest; but
 * "****" for a secret that is set, and "" for a text that is not; "" too for a setting of the
 * built-in scenario where a scenario was read that it was not given for. */
void options_value(const option_t *option, const config_t *config, buf_t *out);

/* --help of a command: usage, what it does, its options in groups; 80 columns. */
void options_help(command_t command, FILE *out);

/* The options as a section of the manual page, in mdoc macros: "OPTIONS OF RUN". */
void options_manual(command_t command, FILE *out);

/* The heading of a group: "Which server". */
extern const char *const option_group_names[GROUP_COUNT];

#endif
