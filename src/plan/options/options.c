#include "plan/options/options.h"

#include <assert.h>
#include <string.h>

#include "base/nearest.h"
#include "plan/options/options_rows.h"

const char *const option_group_names[GROUP_COUNT] = {
    [GROUP_SERVER] = "Which server",        [GROUP_KAFKA] = "Kafka and Debezium",
    [GROUP_TABLE] = "Which table and rows", [GROUP_WORK] = "What is done to them",
    [GROUP_RUN] = "How it is done",         [GROUP_SIZE] = "Which cluster",
    [GROUP_OUTPUT] = "What comes out",      [GROUP_OTHER] = "Other options",
};

static const option_rows_t *const parts[] = {&options_run, &options_report};
enum { PARTS = sizeof parts / sizeof *parts };

const option_t *options_at(size_t number)
{
    for (int i = 0; i < PARTS; i++) {
        if (number < parts[i]->n) {
            return &parts[i]->rows[number];
        }
        number -= parts[i]->n;
    }
    return NULL;
}

/* Its place in config->given. */
static size_t number_of(const option_t *option)
{
    size_t number = 0;
    while (options_at(number) != option) {
        assert(options_at(number) != NULL); /* it is none of the table's */
        number++;
    }
    assert(number < CONFIG_OPTIONS_MAX);
    return number;
}

bool options_defaults(command_t command, config_t *config)
{
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (command == COMMAND_PRODUCE && option->of_produce != NULL &&
            !option_read(option, option->of_produce, config, NULL)) {
            return false;
        }
    }
    return true;
}

bool options_set(const option_t *option, const char *text, config_t *config, err_t *err)
{
    if (!option_read(option, text, config, err)) {
        return err_wrap(err, "--%s", option->name);
    }
    config->given[number_of(option)] = true;
    return true;
}

bool options_given(const config_t *config, const option_t *option)
{
    return config->given[number_of(option)];
}

const option_t *options_with_key(const char *key)
{
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (option->key != NULL && strcmp(option->key, key) == 0) {
            return option;
        }
    }
    return NULL;
}

void options_value(const option_t *option, const config_t *config, buf_t *out)
{
    bool of_quick = option->key != NULL && strncmp(option->key, "phases.", 7) == 0;
    if (!of_quick || config->scenario.spec == NULL || options_given(config, option)) {
        option_write(option, config, out);
    }
}

/* --- the command line: finds the options in argv, and leaves the other words ------------------ */

typedef struct {
    command_t command;
    int argc;
    char **argv;
    int at;      /* the argument that is looked at */
    int n_words; /* argv[0 … n_words − 1] are the words found so far */
    config_t *config;
    err_t *err;
} parser_t;

static bool has_name(const option_t *option, const char *name, size_t len)
{
    if (strlen(option->name) == len && memcmp(option->name, name, len) == 0) {
        return true;
    }
    for (int i = 0; i < OPTION_ALIASES_MAX && option->aliases[i] != NULL; i++) {
        if (strlen(option->aliases[i]) == len && memcmp(option->aliases[i], name, len) == 0) {
            return true;
        }
    }
    return false;
}

static const option_t *find_name(const char *name, size_t len)
{
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (has_name(option, name, len)) {
            return option;
        }
    }
    return NULL;
}

static const option_t *find_letter(char letter)
{
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (letter != '\0' && (option->letter == letter || option->other_letter == letter)) {
            return option;
        }
    }
    return NULL;
}

/* The name of this command that is nearest to what was typed; NULL when none is near. */
static const char *nearest_name(command_t command, const char *typed, size_t len)
{
    nearest_t nearest = nearest_begin(typed, len);
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (!(option->commands & command)) {
            continue;
        }
        nearest_offer(&nearest, option->name);
        for (int j = 0; j < OPTION_ALIASES_MAX && option->aliases[j] != NULL; j++) {
            nearest_offer(&nearest, option->aliases[j]);
        }
    }
    return nearest.name;
}

static bool unknown_name(const parser_t *p, const char *typed, size_t len)
{
    const char *command = options_command(p->command)->name;
    const char *nearest = nearest_name(p->command, typed, len);
    if (nearest != NULL) {
        return err_set(
            p->err, ERR_USAGE,
            "there is no option --%.*s: did you mean --%s? (cdcbench %s --help lists all)",
            (int)len, typed, nearest, command);
    }
    return err_set(p->err, ERR_USAGE, "there is no option --%.*s: cdcbench %s --help lists all",
                   (int)len, typed, command);
}

static bool check_command(const parser_t *p, const option_t *option)
{
    const char *command = options_command(p->command)->name;
    return (option->commands & p->command) != 0 ||
           err_set(p->err, ERR_USAGE,
                   "cdcbench %s has no option --%s: cdcbench %s --help lists those it has", command,
                   option->name, command);
}

/* Sets the option; a secret is gone from argv afterwards. */
static bool take_value(const parser_t *p, const option_t *option, char *value)
{
    bool done = options_set(option, value, p->config, p->err);
    if (option->secret) {
        memset(value, '*', strlen(value));
    }
    return done;
}

/* The value is the next argument, whatever it looks like. */
static bool take_next(parser_t *p, const option_t *option)
{
    if (p->at + 1 >= p->argc) {
        return err_set(p->err, ERR_USAGE, "--%s: needs a value, %s", option->name,
                       option->argument);
    }
    p->at++;
    return take_value(p, option, p->argv[p->at]);
}

/* --name, --name=value, --name value */
static bool parse_long(parser_t *p)
{
    char *name = p->argv[p->at] + 2;
    size_t len = strcspn(name, "=");
    char *value = name[len] == '=' ? name + len + 1 : NULL;
    const option_t *option = find_name(name, len);
    if (option == NULL) {
        return unknown_name(p, name, len);
    }
    if (!check_command(p, option)) {
        return false;
    }
    if (option->kind != OPTION_FLAG) {
        return value != NULL ? take_value(p, option, value) : take_next(p, option);
    }
    if (value != NULL) {
        return err_set(p->err, ERR_USAGE, "--%s: takes no value, and '%s' was given", option->name,
                       value);
    }
    return options_set(option, "true", p->config, p->err);
}

/* -q, -qc4, -c 4: flags, and at the end perhaps an option with its value */
static bool parse_letters(parser_t *p)
{
    for (char *at = p->argv[p->at] + 1; *at != '\0'; at++) {
        const option_t *option = find_letter(*at);
        if (option == NULL) {
            return err_set(p->err, ERR_USAGE,
                           "there is no option -%c: cdcbench %s --help lists all", *at,
                           options_command(p->command)->name);
        }
        if (!check_command(p, option)) {
            return false;
        }
        if (option->kind != OPTION_FLAG) {
            return at[1] != '\0' ? take_value(p, option, at + 1) : take_next(p, option);
        }
        if (!options_set(option, "true", p->config, p->err)) {
            return false;
        }
    }
    return true;
}

/* Moves the argument that is looked at behind the words before it; the options between move up. */
static void keep_word(parser_t *p)
{
    char *word = p->argv[p->at];
    char **to = p->argv + p->n_words;
    memmove(to + 1, to, (size_t)(p->at - p->n_words) * sizeof *to);
    *to = word;
    p->n_words++;
}

static bool parse_all(parser_t *p)
{
    bool words_only = false;
    for (; p->at < p->argc; p->at++) {
        const char *arg = p->argv[p->at];
        if (words_only || arg[0] != '-' || arg[1] == '\0') {
            keep_word(p);
        } else if (strcmp(arg, "--") == 0) {
            words_only = true;
        } else if (!(arg[1] == '-' ? parse_long(p) : parse_letters(p))) {
            return false;
        }
    }
    return true;
}

bool options_parse(command_t command, int argc, char **argv, config_t *config, char ***rest,
                   int *n_rest, err_t *err)
{
    parser_t p = {.command = command, .argc = argc, .argv = argv, .config = config, .err = err};
    if (!parse_all(&p)) {
        return false;
    }
    *rest = argv;
    *n_rest = p.n_words;
    return true;
}
