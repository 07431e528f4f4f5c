#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plan/options/options.h"

#define ARGS_MAX 12

/* A command line in memory that may be written to, and what came of it. */
typedef struct {
    char text[ARGS_MAX][128];
    char *argv[ARGS_MAX];
    int argc;
    config_t config;
    char **rest;
    int n_rest;
    err_t err;
    bool done;
} line_t;

static line_t *line;

static int set_up(void **state)
{
    (void)state;
    line = calloc(1, sizeof *line);
    return line != NULL && config_defaults(&line->config) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(&line->config);
    free(line);
    return 0;
}

/* Arguments up to a NULL. */
static void parse_as(command_t command, const char *first, ...)
{
    line->argc = 0;
    va_list args;
    va_start(args, first);
    for (const char *arg = first; arg != NULL; arg = va_arg(args, const char *)) {
        assert_true(line->argc < ARGS_MAX);
        snprintf(line->text[line->argc], sizeof line->text[0], "%s", arg);
        line->argv[line->argc] = line->text[line->argc];
        line->argc++;
    }
    va_end(args);
    line->err = (err_t){0};
    line->done = options_parse(command, line->argc, line->argv, &line->config, &line->rest,
                               &line->n_rest, &line->err);
}

#define assert_parses(...)                                                                         \
    do {                                                                                           \
        parse_as(COMMAND_RUN, __VA_ARGS__, NULL);                                                  \
        if (!line->done)                                                                           \
            fail_msg("%s", line->err.text);                                                        \
    } while (0)

#define assert_refused(message, ...)                                                               \
    do {                                                                                           \
        parse_as(COMMAND_RUN, __VA_ARGS__, NULL);                                                  \
        assert_false(line->done);                                                                  \
        assert_int_equal(line->err.code, ERR_USAGE);                                               \
        assert_string_equal(line->err.text, message);                                              \
    } while (0)

static const option_t *option_named(const char *name)
{
    for (size_t i = 0; options_at(i) != NULL; i++) {
        const option_t *option = options_at(i);
        if (strcmp(option->name, name) == 0) {
            return option;
        }
    }
    fail_msg("no option %s", name);
    return NULL;
}

static const char *value_of(const char *name)
{
    static char value[256];
    buf_t text = {0};
    options_value(option_named(name), &line->config, &text);
    snprintf(value, sizeof value, "%s", buf_text(&text));
    buf_free(&text);
    return value;
}

static void values_follow_after_a_space_an_equals_sign_or_at_once(void **state)
{
    (void)state;
    assert_parses("--rows", "5k", "--rows-per-txn=50", "-c", "7", "-j3");
    assert_int_equal(line->config.quick.rows, 5000);
    assert_int_equal(line->config.quick.rows_per_txn, 50);
    assert_int_equal(line->config.load.connections, 7);
    assert_int_equal(line->config.load.threads, 3);
    assert_parses("-qP", "250ms", "--keep", "--debug");
    assert_true(line->config.output.quiet && line->config.server.keep && line->config.output.debug);
    assert_int_equal(line->config.output.progress_ns, 250 * NS_PER_MS);
    assert_parses("-qP2");
    assert_int_equal(line->config.output.progress_ns, 2 * NS_PER_S);
}

static void pgbenchs_names_are_understood(void **state)
{
    (void)state;
    assert_parses("--client=8", "--jobs=4", "--time=60", "--rate=5k", "--random-seed=7");
    assert_int_equal(line->config.load.connections, 8);
    assert_int_equal(line->config.load.threads, 4);
    assert_int_equal(line->config.quick.duration_ns, 60 * NS_PER_S);
    assert_int_equal(line->config.quick.insert_rate.kind, STREAM_OPEN);
    assert_true(line->config.quick.insert_rate.per_s == 5000);
    assert_int_equal(line->config.table.seed, 7);
    assert_parses("--clients=9");
    assert_parses("--connection=10");
    assert_int_equal(line->config.load.connections, 10);
}

static void choices_are_stored_in_what_holds_them(void **state)
{
    (void)state;
    assert_parses("--key=uuid7", "--replica-identity=default", "--triggers=columns",
                  "--on-overload=stop", "--taps=none");
    assert_int_equal(line->config.table.key_kind, KEY_UUID7);
    assert_false(line->config.table.replica_identity_full);
    assert_int_equal(line->config.table.triggers, TRIGGERS_COLUMNS);
    assert_int_equal(line->config.load.on_overload, OVERLOAD_STOP);
    assert_false(line->config.taps.on[TAP_WAL]);
    assert_parses("--key=uuid4", "--replica-identity=full", "--triggers=user", "--on-overload=mark",
                  "--taps=wal");
    assert_int_equal(line->config.table.key_kind, KEY_UUID4);
    assert_true(line->config.table.replica_identity_full);
    assert_int_equal(line->config.table.triggers, TRIGGERS_USER);
    assert_int_equal(line->config.load.on_overload, OVERLOAD_MARK);
    assert_true(line->config.taps.on[TAP_WAL]);
}

static void a_value_that_looks_like_an_option_is_a_value(void **state)
{
    (void)state;
    assert_refused("--insert-rate: cannot read '-5': a rate is rows per second above zero, such as "
                   "500, 10k or 2.5k; or max, off",
                   "--insert-rate", "-5");
    assert_refused("--insert-rate: cannot read '-5': a rate is rows per second above zero, such as "
                   "500, 10k or 2.5k; or max, off",
                   "-R", "-5");
    assert_parses("--out", "--quiet");
    assert_string_equal(line->config.output.folder, "--quiet");
    assert_false(line->config.output.quiet);
}

static void a_bad_value_says_what_was_read_and_what_is_allowed(void **state)
{
    (void)state;
    assert_refused("--rows: cannot read '5x': a count is a whole number, such as 500, 10k or 2M",
                   "--rows=5x");
    assert_refused("--connections: 0 is out of range: 1 to 1,024 are allowed", "-c0");
    assert_refused("--connections: 2k is out of range: 1 to 1,024 are allowed", "--client=2k");
    assert_refused("--duration: cannot read 'soon': a duration is a number of seconds, or has a "
                   "unit, such as 30, 250ms, 10s or 2m",
                   "-T", "soon");
    assert_refused("--duration: 0 is out of range: 1ms to 3650d are allowed", "-T0");
    assert_refused("--key: cannot read 'uuid5': allowed is one of uuid4|uuid7", "--key=uuid5");
    assert_refused("--key: cannot read 'uuid': allowed is one of uuid4|uuid7", "--key=uuid");
    assert_refused("--taps: cannot read 'wal,kafak': allowed are any of wal|kafka, with commas "
                   "between, or none",
                   "--taps=wal,kafak");
    assert_refused("--out: its value is empty: it takes a DIR", "--out=");
    assert_refused("--quiet: takes no value, and 'yes' was given", "--quiet=yes");
    assert_refused("--rows: needs a value, N", "--rows");
    assert_refused("--connections: needs a value, N", "-c");
}

static void a_value_that_is_refused_changes_nothing(void **state)
{
    (void)state;
    assert_refused("--rows: cannot read '1.5': a count is a whole number, such as 500, 10k or 2M",
                   "--rows=1.5");
    assert_int_equal(line->config.quick.rows, 50000);
    parse_as(COMMAND_RUN, "--burst=x", NULL);
    assert_false(line->config.quick.burst_given);
    parse_as(COMMAND_RUN, "--taps=wal,x", NULL);
    assert_true(line->config.taps.on[TAP_WAL]);
}

static void an_unknown_option_suggests_the_nearest(void **state)
{
    (void)state;
    assert_refused("there is no option --conections: did you mean --connections? (cdcbench run "
                   "--help lists all)",
                   "--conections=4");
    assert_refused("there is no option --insertrate: did you mean --insert-rate? (cdcbench run "
                   "--help lists all)",
                   "--insertrate", "5");
    assert_refused("there is no option --clint: did you mean --client? (cdcbench run --help lists "
                   "all)",
                   "--clint=3");
    assert_refused("there is no option --replica: did you mean --replica-identity? (cdcbench run "
                   "--help lists all)",
                   "--replica");
    assert_refused("there is no option --zookeeper: cdcbench run --help lists all", "--zookeeper");
    assert_refused("there is no option -z: cdcbench run --help lists all", "-qz");
    char long_name[100];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[0] = long_name[1] = '-';
    long_name[sizeof long_name - 1] = '\0';
    parse_as(COMMAND_RUN, long_name, NULL);
    assert_null(strstr(line->err.text, "did you mean"));
}

static void an_option_of_another_command_is_refused(void **state)
{
    (void)state;
    parse_as(COMMAND_INIT, "--triggers=none", "--rows=5", NULL);
    assert_false(line->done);
    assert_string_equal(line->err.text,
                        "cdcbench init has no option --rows: cdcbench init --help lists those it "
                        "has");
    assert_int_equal(line->config.table.triggers, TRIGGERS_NONE);
    parse_as(COMMAND_CLEAN, "-c4", NULL);
    assert_string_equal(line->err.text,
                        "cdcbench clean has no option --connections: cdcbench clean --help lists "
                        "those it has");
}

static void other_words_are_left_in_their_order(void **state)
{
    (void)state;
    assert_parses("a.yaml", "-c", "4", "b", "--quiet", "-", "--", "--rows", "-x");
    assert_int_equal(line->n_rest, 5);
    static const char *const words[] = {"a.yaml", "b", "-", "--rows", "-x"};
    for (int i = 0; i < 5; i++) {
        assert_string_equal(line->rest[i], words[i]);
    }
    static const char *const options_after[] = {"-c", "4", "--quiet", "--"};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(line->argv[5 + i], options_after[i]);
    }
    assert_int_equal(line->config.load.connections, 4);
    parse_as(COMMAND_RUN, NULL);
    assert_true(line->done);
    assert_int_equal(line->n_rest, 0);
}

static void a_dsn_is_gone_from_the_command_line_however_it_was_written(void **state)
{
    (void)state;
    static const char dsn[] = "postgres://u:secret@h/db";
    static const char *const forms[][2] = {{"--dsn=postgres://u:secret@h/db", NULL},
                                           {"--dsn", dsn},
                                           {"-dpostgres://u:secret@h/db", NULL},
                                           {"-d", dsn},
                                           {"-qdpostgres://u:secret@h/db", NULL}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        assert_parses("-c4", forms[i][0], forms[i][1]);
        assert_string_equal(line->config.server.dsn, dsn);
        for (int arg = 0; arg < line->argc; arg++) {
            assert_null(strstr(line->argv[arg], "postgres"));
            assert_null(strstr(line->argv[arg], "secret"));
        }
        const char *last = line->argv[line->argc - 1];
        assert_string_equal(last + strlen(last) - strlen(dsn), "************************");
    }
}

static void what_was_given_is_known(void **state)
{
    (void)state;
    assert_false(line->config.output.progress_given);
    assert_parses("-P1", "--burst=500", "--update-rate=1k");
    assert_true(line->config.output.progress_given);
    assert_true(line->config.quick.burst_given);
    assert_true(line->config.quick.update_rate_given);
}

static void help_and_version_can_be_asked_for_anywhere(void **state)
{
    (void)state;
    static const char *const helps[] = {"-?", "-h", "--help", "-q?"};
    for (int i = 0; i < 4; i++) {
        line->config.help = false;
        assert_parses("-c4", helps[i]);
        assert_true(line->config.help);
    }
    assert_parses("-V");
    assert_true(line->config.version);
}

static void values_are_shown_as_text_that_can_be_read_again(void **state)
{
    (void)state;
    assert_string_equal(value_of("dsn"), "");
    assert_parses("--dsn=host=h password=p", "--insert-rate=2.5k", "--update-rate=max",
                  "--duration=90m", "--burst-every=1.5s", "--progress=0.2500005", "--taps=none",
                  "--replica-identity=default", "--triggers=user", "--rows=1M");
    assert_string_equal(value_of("dsn"), "****");
    assert_string_equal(value_of("insert-rate"), "2500");
    assert_string_equal(value_of("update-rate"), "max");
    assert_string_equal(value_of("duration"), "5400s");
    assert_string_equal(value_of("burst-every"), "1500ms");
    assert_string_equal(value_of("progress"), "250000.500us");
    assert_string_equal(value_of("taps"), "none");
    assert_string_equal(value_of("replica-identity"), "default");
    assert_string_equal(value_of("triggers"), "user");
    assert_string_equal(value_of("rows"), "1000000");
    assert_string_equal(value_of("name"), "quick");
    assert_string_equal(value_of("quiet"), "false");
    assert_parses("--update-rate=off", "--insert-rate=0.000001", "-q");
    assert_string_equal(value_of("update-rate"), "off");
    assert_string_equal(value_of("insert-rate"), "0.000001");
    assert_string_equal(value_of("quiet"), "true");
}

static void assert_same_value(const option_t *option, const config_t *a, const config_t *b)
{
    buf_t of_a = {0}, of_b = {0};
    option_write(option, a, &of_a);
    option_write(option, b, &of_b);
    assert_string_equal(buf_text(&of_a), buf_text(&of_b));
    buf_free(&of_a);
    buf_free(&of_b);
}

/* Every value is what the table shows, and nothing at all where it shows none. */
static void a_default_stands_in_the_table_alone(void **state)
{
    (void)state;
    config_t shown = {0};
    err_t err = {0};
    for (size_t i = 0; options_at(i) != NULL; i++) {
        const option_t *option = options_at(i);
        if (option->default_text != NULL &&
            !options_set(option, option->default_text, &shown, &err)) {
            fail_msg("%s", err.text);
        }
    }
    for (size_t i = 0; options_at(i) != NULL; i++) {
        assert_same_value(options_at(i), &line->config, &shown);
        assert_false(options_given(&line->config, options_at(i)));
    }
    config_free(&shown);
}

static void a_default_is_written_as_text_that_can_be_read_again(void **state)
{
    (void)state;
    config_t again = {0};
    for (size_t i = 0; options_at(i) != NULL; i++) {
        const option_t *option = options_at(i);
        if (option->default_text == NULL) {
            continue;
        }
        assert_true(options_set(option, value_of(option->name), &again, NULL));
        assert_same_value(option, &line->config, &again);
    }
    config_free(&again);
}

static size_t count_uses(const char *name)
{
    size_t uses = 0;
    for (size_t i = 0; options_at(i) != NULL; i++) {
        const option_t *option = options_at(i);
        uses += strcmp(option->name, name) == 0;
        for (int j = 0; j < OPTION_ALIASES_MAX && option->aliases[j] != NULL; j++) {
            uses += strcmp(option->aliases[j], name) == 0;
        }
    }
    return uses;
}

static void no_name_letter_or_key_is_used_twice(void **state)
{
    (void)state;
    size_t letters[128] = {0};
    for (size_t i = 0; options_at(i) != NULL; i++) {
        const option_t *option = options_at(i);
        assert_int_equal(count_uses(option->name), 1);
        for (int j = 0; j < OPTION_ALIASES_MAX && option->aliases[j] != NULL; j++) {
            assert_int_equal(count_uses(option->aliases[j]), 1);
        }
        letters[(int)option->letter]++;
        letters[(int)option->other_letter]++;
        for (size_t j = 0; option->key != NULL && j < i; j++) {
            assert_true(options_at(j)->key == NULL || strcmp(options_at(j)->key, option->key) != 0);
        }
        assert_true((option->argument == NULL) == (option->kind == OPTION_FLAG));
    }
    for (int c = 1; c < 128; c++) {
        assert_in_range(letters[c], 0, 1);
    }
}

/* What a function writes; the caller frees it. */
static char *written(void (*write)(command_t, FILE *), command_t command)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    write(command, out);
    fclose(out);
    return text;
}

static void help_names_every_option_of_the_command_within_80_columns(void **state)
{
    (void)state;
    static const command_t commands[] = {COMMAND_RUN, COMMAND_INIT, COMMAND_CLEAN};
    for (int c = 0; c < 3; c++) {
        char *help = written(options_help, commands[c]);
        for (size_t i = 0; options_at(i) != NULL; i++) {
            const option_t *option = options_at(i);
            char name[64];
            snprintf(name, sizeof name, "--%s%c", option->name,
                     option->argument != NULL ? '=' : ' ');
            bool listed = strstr(help, name) != NULL;
            assert_int_equal(listed, (option->commands & commands[c]) != 0);
        }
        for (char *at = help; *at != '\0'; at += strcspn(at, "\n") + 1) {
            assert_in_range(strcspn(at, "\n"), 0, 80);
        }
        free(help);
    }
}

static void help_looks_like_this(void **state)
{
    (void)state;
    char *help = written(options_help, COMMAND_SERVER);
    assert_string_equal(
        help, "Starts a throw-away PostgreSQL that goes on running, and prints the environment\n"
              "that leads to it; or stops and removes one, by the folder that start printed as\n"
              "CDCBENCH_SERVER.\n"
              "\n"
              "Usage:\n"
              "  cdcbench server start | stop DIR\n"
              "\n"
              "Which server:\n"
              "  --pg-bin=DIR               folder with the programs (initdb, postgres) of the\n"
              "                             throw-away server; without it the newest installed\n"
              "                             one is looked for\n"
              "\n"
              "What comes out:\n"
              "  -q, --quiet                say nothing but errors and, at the end, the answer\n"
              "  --debug                    say on stderr what is done, step by step\n"
              "\n"
              "Other options:\n"
              "  -?, -h, --help             show this help, then exit\n"
              "  -V, --version              show the version, then exit\n");
    free(help);
}

static void a_command_may_have_a_default_of_its_own(void **state)
{
    (void)state;
    assert_true(options_defaults(COMMAND_RUN, &line->config));
    assert_int_equal(line->config.load.connections, 4);
    assert_true(options_defaults(COMMAND_PRODUCE, &line->config));
    assert_int_equal(line->config.load.connections, 64);
    assert_false(options_given(&line->config, option_named("connections")));
}

static void the_manual_lists_the_options_in_mdoc(void **state)
{
    (void)state;
    char *manual = written(options_manual, COMMAND_RUN);
    static const char start[] = ".Sh OPTIONS OF RUN\n.Ss Which server\n.Bl -tag -width indent\n"
                                ".It Fl d , Fl \\-dsn Ns = Ns Ar DSN\nConnection string";
    assert_memory_equal(manual, start, strlen(start));
    assert_non_null(strstr(manual, ".It Fl c , Fl \\-connections Ns = Ns Ar N\n"
                                   "Connections that write.\nDefault: 4.\n"
                                   "Also \\-\\-client, \\-\\-clients, \\-\\-connection.\n"));
    assert_non_null(strstr(manual, ".It Fl \\&? , Fl h , Fl \\-help\n"));
    assert_non_null(strstr(manual, ".It Fl \\-rows\\-per\\-txn Ns = Ns Ar N\n"));
    free(manual);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(values_follow_after_a_space_an_equals_sign_or_at_once),
        test(pgbenchs_names_are_understood),
        test(choices_are_stored_in_what_holds_them),
        test(a_value_that_looks_like_an_option_is_a_value),
        test(a_bad_value_says_what_was_read_and_what_is_allowed),
        test(a_value_that_is_refused_changes_nothing),
        test(an_unknown_option_suggests_the_nearest),
        test(an_option_of_another_command_is_refused),
        test(other_words_are_left_in_their_order),
        test(a_dsn_is_gone_from_the_command_line_however_it_was_written),
        test(what_was_given_is_known),
        test(help_and_version_can_be_asked_for_anywhere),
        test(values_are_shown_as_text_that_can_be_read_again),
        test(a_default_stands_in_the_table_alone),
        test(a_default_is_written_as_text_that_can_be_read_again),
        test(no_name_letter_or_key_is_used_twice),
        test(help_names_every_option_of_the_command_within_80_columns),
        test(help_looks_like_this),
        test(a_command_may_have_a_default_of_its_own),
        test(the_manual_lists_the_options_in_mdoc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
