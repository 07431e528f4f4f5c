#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/job.h"
#include "plan/scenario/scenario_file.h"
#include "report/analysis/cost.h"
#include "report/analysis/size.h"
#include "report/files/tables.h"
#include "run/control/run.h"

/* Commands whose one word names a scenario, which is in config->scenario.spec when they run. */
#define FOLLOWS_A_SCENARIO (COMMAND_RUN | COMMAND_INIT | COMMAND_PRODUCE)

typedef struct {
    command_t bit;    /* its name and words are in the table of options */
    bool takes_words; /* it looks at line->rest itself */
    int (*run)(const line_t *line, const config_t *config);
} command_entry_t;

static const command_entry_t commands[] = {
    {COMMAND_RUN, false, command_run},      {COMMAND_INIT, false, command_init},
    {COMMAND_CLEAN, false, command_clean},  {COMMAND_SERVER, true, command_server},
    {COMMAND_REPORT, true, command_report}, {COMMAND_GEN, false, command_gen},
    {COMMAND_SIZE, true, command_size},     {COMMAND_COMPARE, true, command_compare},
    {COMMAND_WATCH, true, command_watch},   {COMMAND_PRODUCE, false, command_produce},
};
static const int n_commands = sizeof commands / sizeof *commands;

atomic_int command_interrupts;

static void on_signal(int number)
{
    (void)number;
    atomic_fetch_add_explicit(&command_interrupts, 1, memory_order_relaxed);
    run_interrupted();
}

void command_hear_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

int command_fail(const err_t *err)
{
    log_error("%s", err->text);
    return err->code == ERR_NONE ? ERR_RUN : (int)err->code;
}

bool command_flush(void)
{
    static bool failed;
    err_t err = {0};
    errno = 0;
    if (failed || (fflush(stdout) == 0 && !ferror(stdout)))
        return !failed;
    failed = true;
    err_set(&err, ERR_RUN, "could not write to stdout: %s",
            errno != 0 ? strerror(errno) : "an earlier write failed");
    command_fail(&err);
    return false;
}

static void print_help(FILE *out)
{
    fprintf(out, "cdcbench %s: pgbench for change data capture\n\nusage:\n", CDCBENCH_VERSION);
    for (int i = 0; i < n_commands; i++) {
        const command_text_t *text = options_command(commands[i].bit);
        fprintf(out, "  cdcbench %-7s %-24s  %s\n", text->name, text->synopsis, text->brief);
    }
    fprintf(out,
            "\n"
            "  cdcbench COMMAND --help   its options\n"
            "  cdcbench --version\n"
            "\n"
            "Without --dsn and PGHOST, `cdcbench run` starts a throw-away PostgreSQL of its own.\n"
            "Exit codes: 0 done and complete; 1 usage; 2 could not run; 3 verification failed;\n"
            "4 an expectation was not met; 130 interrupted, with results of what ran.\n");
}

/* The manual page, in mdoc(7), on stdout: what the build makes cdcbench.1 of. */
static int print_manual(void)
{
    printf(".Dd November 22, 2026\n.Dt CDCBENCH 1\n.Os\n.Sh NAME\n.Nm cdcbench\n"
           ".Nd benchmark change data capture from PostgreSQL\n.Sh SYNOPSIS\n");
    for (int i = 0; i < n_commands; i++)
        printf(".Nm cdcbench\n.Cm %s\n.Ar %s\n", options_command(commands[i].bit)->name,
               options_command(commands[i].bit)->synopsis);
    printf(".Sh DESCRIPTION\n"
           "Streams generated transactions into PostgreSQL with COPY over many connections, fires\n"
           "bursts of UPDATEs, reads every resulting change back through logical replication,\n"
           "proves that each arrived once, in order and right, and says how long every stage "
           "took.\n");
    for (int i = 0; i < n_commands; i++)
        options_manual(commands[i].bit, stdout);
    printf(".Sh EXIT STATUS\n"
           "0 done and complete; 1 usage or configuration; 2 could not run; 3 the verification\n"
           "failed; 4 an expectation was not met; 130 interrupted, with results of what ran.\n");
    return 0;
}

/* Every column of every CSV file, as Markdown: the tables of docs/results.md. */
static void print_columns(void)
{
    static const csv_table_t *const tables[] = {
        &table_summary, &table_lag, &table_lag_transactions, &table_timeline, &table_verify,
        &table_sizing,  &table_cost};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        fputs(i > 0 ? "\n" : "", stdout);
        csv_describe(stdout, tables[i]);
    }
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static int print_version(void)
{
    printf("cdcbench %s\n", CDCBENCH_VERSION);
    return 0;
}

static int list_scenarios(void)
{
    for (size_t i = 0; i < n_ready_scenarios; i++)
        printf("%.*s\n", (int)strcspn(ready_scenarios[i].text + 2, "\n"),
               ready_scenarios[i].text + 2);
    return 0;
}

static bool check_words(const command_entry_t *command, const line_t *line, err_t *err)
{
    int allowed = command->takes_words                       ? line->n_rest
                  : (command->bit & FOLLOWS_A_SCENARIO) != 0 ? 1
                                                             : 0;
    if (line->n_rest <= allowed)
        return true;
    const char *name = options_command(command->bit)->name;
    return err_set(err, ERR_USAGE, "%s takes %s, but '%s' was given; see cdcbench %s --help", name,
                   allowed == 0 ? "no argument" : "one scenario and no other argument",
                   line->rest[allowed], name);
}

static int run_parsed(const command_entry_t *command, config_t *config, const line_t *line)
{
    err_t err = {0};
    if (config->help) {
        options_help(command->bit, stdout);
        return 0;
    }
    if (config->version)
        return print_version();
    if (config->scenario.list)
        return list_scenarios();
    if (!check_words(command, line, &err) ||
        ((command->bit & FOLLOWS_A_SCENARIO) != 0 &&
         !config_read_scenario(config, line->n_rest > 0 ? line->rest[0] : NULL, &err)))
        return command_fail(&err);
    log_set_level(config->output.debug ? LOG_DEBUG : config->output.quiet ? LOG_WARNING : LOG_INFO);
    return command->run(line, config);
}

/* Copies of the words, which are to be of use when those of argv have lost what is secret. */
static bool keep_words(char **words, int n, text_list_t *out, err_t *err)
{
    out->items = calloc((size_t)n + 1, sizeof *out->items);
    while (out->items != NULL && out->n < (size_t)n) {
        out->items[out->n] = strdup(words[out->n]);
        if (out->items[out->n] == NULL)
            break;
        out->n++;
    }
    return (out->items != NULL && out->n == (size_t)n) || err_set(err, ERR_RUN, "out of memory");
}

static void free_words(text_list_t *words)
{
    for (size_t i = 0; i < words->n; i++)
        free(words->items[i]);
    free(words->items);
}

static int run_command(const command_entry_t *command, int argc, char **argv)
{
    config_t config;
    err_t err = {0};
    char **rest;
    int n_rest, code;
    text_list_t kept = {0};
    /* Parsing moves argv's entries; the manifest wants them as they were typed. */
    char **typed = calloc((size_t)argc + 1, sizeof *typed);
    if (typed == NULL || !config_defaults(&config) || !options_defaults(command->bit, &config)) {
        free(typed);
        err_set(&err, ERR_RUN, "out of memory");
        return command_fail(&err);
    }
    memcpy(typed, argv, (size_t)argc * sizeof *typed);
    bool parsed = options_parse(command->bit, argc - 2, argv + 2, &config, &rest, &n_rest, &err) &&
                  keep_words(rest, n_rest, &kept, &err);
    for (int i = 1; i < argc; i++)
        secret_redact(typed[i], strlen(typed[i]));
    if (parsed) {
        line_t line = {argc, typed, n_rest, kept.items};
        code = run_parsed(command, &config, &line);
    } else {
        code = command_fail(&err);
    }
    config_free(&config);
    free_words(&kept);
    free(typed);
    return code;
}

/* Before a word of it can come up in a message, be it where it belongs or not. */
static bool learn_secrets(int argc, char **argv)
{
    err_t err = {0};
    for (int i = 1; i < argc; i++)
        if (!secret_learn(argv[i])) {
            err_set(&err, ERR_RUN, "out of memory");
            command_fail(&err);
            return false;
        }
    return true;
}

static int answer(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return ERR_USAGE;
    }
    const char *word = argv[1];
    if (is_one_of(word, "--help", "-h", "-?") || strcmp(word, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (is_one_of(word, "--version", "-V", "version"))
        return print_version();
    if (strcmp(word, "manual") == 0)
        return print_manual();
    if (strcmp(word, "keys") == 0) { /* the tables of docs/scenarios.md */
        scenario_keys_describe(stdout);
        return 0;
    }
    if (strcmp(word, "columns") == 0) {
        print_columns();
        return 0;
    }
    for (int i = 0; i < n_commands; i++)
        if (strcmp(word, options_command(commands[i].bit)->name) == 0)
            return run_command(&commands[i], argc, argv);
    err_t err = {0};
    err_set(&err, ERR_USAGE, "there is no command '%s'; cdcbench --help says which there are",
            word);
    return command_fail(&err);
}

/* A stream that was closed before us would be the next file or socket that we open: it is given
 * one that cannot be used, so that what is written there fails. */
static void hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    hold_streams();
    int code = learn_secrets(argc, argv) ? answer(argc, argv) : ERR_RUN;
    code = command_flush() ? code : job_worse(code, ERR_RUN);
    secret_forget();
    return code;
}
