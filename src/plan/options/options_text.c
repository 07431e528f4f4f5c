/* The options as people read them: --help, and the manual page. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "plan/options/options.h"

#define COLUMNS     80
#define HELP_COLUMN 29 /* where the sentences begin */

static const command_text_t command_texts[] = {
    {COMMAND_RUN, "run", "[SCENARIO] [OPTION]...", "load, change, read back, prove, measure",
     "Writes to a table by a schedule, reads every change back, proves that each arrived once, in "
     "order and as written, and says how long it took."},
    {COMMAND_INIT, "init", "[SCENARIO] [OPTION]...", "create tables, triggers and publication",
     "Creates the tables, their triggers and the publication, or completes them."},
    {COMMAND_CLEAN, "clean", "[OPTION]...", "remove what cdcbench made, and nothing else",
     "Drops what cdcbench has made in the database, and nothing else."},
    {COMMAND_SERVER, "server", "start | stop DIR", "a throw-away PostgreSQL to work with by hand",
     "Starts a throw-away PostgreSQL that goes on running, and prints the environment that leads "
     "to it; or stops and removes one, by the folder that start printed as CDCBENCH_SERVER."},
    {COMMAND_REPORT, "report", "RUN...", "the page of a run again, from its files",
     "Draws report.html of each run again from the files in its folder alone, and prints where it "
     "is."},
    {COMMAND_COMPARE, "compare", "LABEL=RUN...", "runs side by side, and what of it is real",
     "Compares runs: the medians of each figure, their difference with a 95 % interval, and "
     "whether it is real. Runs of one label are repeats; so are those of a folder that --repeat "
     "made. Writes a page with the runs laid over one another."},
    {COMMAND_SIZE, "size", "RUN [OPTION]...", "a Kafka cluster for what a run measured",
     "Sizes a Kafka cluster for the stream of changes that a run measured, says where each figure "
     "comes from and what other choices would cost, and writes sizing.csv and sizing.json into the "
     "run's folder."},
    {COMMAND_WATCH, "watch", "SCHEMA.TABLE [OPTION]...", "the lag of a table that others write to",
     "Listens to a table that somebody else's load writes to: its changes from the write-ahead "
     "log, "
     "from Kafka, or both, with their lag since the commit. What they hold is not verified. It "
     "leaves "
     "nothing behind: its slot is temporary, and a publication that it had to make goes with it."},
    {COMMAND_PRODUCE, "produce", "[SCENARIO] [OPTION]...", "the same load straight into Kafka",
     "Writes what a run would change straight into a Kafka topic, as the records that Debezium "
     "would make of it, reads every one back, proves that each arrived once, in order and as "
     "written, and says how long it took: for loads beyond one connector."},
    {COMMAND_GEN, "gen", "[OPTION]...", "the rows themselves, to stdout or a file",
     "Writes the rows that a run would load, any range of them, in order, to stdout or a file: for "
     "\\copy, for other tools, or as the messages that Debezium would make of them."},
};

const command_text_t *options_command(command_t command)
{
    const command_text_t *text = command_texts;
    while (text->command != command) {
        text++;
    }
    return text;
}

/* Lines that begin at `indent`; `column` is where the last one stands. */
typedef struct {
    FILE *out;
    int indent, column;
} lines_t;

static void put_word(lines_t *lines, const char *word, int len)
{
    if (lines->column > lines->indent && lines->column + 1 + len > COLUMNS) {
        fprintf(lines->out, "\n%*s", lines->indent, "");
        lines->column = lines->indent;
    } else if (lines->column > lines->indent) {
        fputc(' ', lines->out);
        lines->column++;
    }
    fprintf(lines->out, "%.*s", len, word);
    lines->column += len;
}

static void put_words(lines_t *lines, const char *text)
{
    while (*text != '\0') {
        int len = (int)strcspn(text, " ");
        put_word(lines, text, len);
        text += len;
        text += strspn(text, " ");
    }
}

/* "  -?, -h, --help" or "  -c, --connections=N" or "  --rows=N" */
static void describe_names(const option_t *option, buf_t *buf)
{
    buf_puts(buf, "  ");
    if (option->other_letter != '\0') {
        buf_printf(buf, "-%c, ", option->other_letter);
    }
    if (option->letter != '\0') {
        buf_printf(buf, "-%c, ", option->letter);
    }
    buf_printf(buf, "--%s", option->name);
    if (option->argument != NULL) {
        buf_printf(buf, "=%s", option->argument);
    }
}

static void help_option(const option_t *option, FILE *out)
{
    buf_t names = {0};
    describe_names(option, &names);
    if (names.len + 2 > HELP_COLUMN) {
        fprintf(out, "%s\n%*s", buf_text(&names), HELP_COLUMN, "");
    } else {
        fprintf(out, "%-*s", HELP_COLUMN, buf_text(&names));
    }
    buf_free(&names);
    lines_t lines = {out, HELP_COLUMN, HELP_COLUMN};
    put_words(&lines, option->help);
    if (option->default_text != NULL) {
        char text[64]; /* one word: it is not broken */
        int len = snprintf(text, sizeof text, "(default: %s)", option->default_text);
        put_word(&lines, text, len);
    }
    fputc('\n', out);
}

/* The option of number *at or after it that a command has in a group; NULL behind the last. */
static const option_t *next_of_group(command_t command, option_group_t group, size_t *at)
{
    const option_t *option;
    while ((option = options_at((*at)++)) != NULL) {
        if (option->group == group && (option->commands & command) != 0) {
            return option;
        }
    }
    return NULL;
}

static void help_group(command_t command, option_group_t group, FILE *out)
{
    size_t at = 0;
    const option_t *option = next_of_group(command, group, &at);
    if (option == NULL) {
        return;
    }
    fprintf(out, "\n%s:\n", option_group_names[group]);
    for (; option != NULL; option = next_of_group(command, group, &at)) {
        help_option(option, out);
    }
}

void options_help(command_t command, FILE *out)
{
    const command_text_t *text = options_command(command);
    lines_t lines = {out, 0, 0};
    put_words(&lines, text->summary);
    fprintf(out, "\n\nUsage:\n  cdcbench %s %s\n", text->name, text->synopsis);
    for (option_group_t group = 0; group < GROUP_COUNT; group++) {
        help_group(command, group, out);
    }
    if ((command & (COMMAND_RUN | COMMAND_PRODUCE)) != 0) {
        fputs("\nAn N reads 500, 10k, 2.5M (powers of 1000); a RATE is rows per second, max or\n"
              "off; a TIME is in seconds, or has a unit: 250ms, 10s, 2m, 1h.\n",
              out);
    }
}

/* Text for mdoc: a backslash is its escape, and a hyphen-minus that is to stay one is written \-
 * (groff_char(7)). */
static void print_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            fputs("\\e", out);
        } else if (*text == '-') {
            fputs("\\-", out);
        } else {
            fputc(*text, out);
        }
    }
}

/* \& keeps "?" from being taken as punctuation (mdoc(7), "Delimiters"). */
static void manual_names(const option_t *option, FILE *out)
{
    fputs(".It", out);
    if (option->other_letter != '\0') {
        fprintf(out, " Fl \\&%c ,", option->other_letter);
    }
    if (option->letter != '\0') {
        fprintf(out, " Fl %c ,", option->letter);
    }
    fputs(" Fl \\-", out);
    print_escaped(out, option->name);
    if (option->argument != NULL) {
        fprintf(out, " Ns = Ns Ar %s", option->argument);
    }
    fputc('\n', out);
}

static void manual_option(const option_t *option, FILE *out)
{
    manual_names(option, out);
    fputc(toupper((unsigned char)option->help[0]), out);
    print_escaped(out, option->help + 1);
    fputs(".\n", out);
    if (option->default_text != NULL) {
        fprintf(out, "Default: %s.\n", option->default_text);
    }
    for (int i = 0; i < OPTION_ALIASES_MAX && option->aliases[i] != NULL; i++) {
        fputs(i == 0 ? "Also \\-\\-" : ", \\-\\-", out);
        print_escaped(out, option->aliases[i]);
    }
    if (option->aliases[0] != NULL) {
        fputs(".\n", out);
    }
}

void options_manual(command_t command, FILE *out)
{
    fputs(".Sh OPTIONS OF ", out);
    for (const char *c = options_command(command)->name; *c != '\0'; c++) {
        fputc(toupper((unsigned char)*c), out);
    }
    fputc('\n', out);
    for (option_group_t group = 0; group < GROUP_COUNT; group++) {
        size_t at = 0;
        const option_t *option = next_of_group(command, group, &at);
        if (option == NULL) {
            continue;
        }
        fprintf(out, ".Ss %s\n.Bl -tag -width indent\n", option_group_names[group]);
        for (; option != NULL; option = next_of_group(command, group, &at)) {
            manual_option(option, out);
        }
        fputs(".El\n", out);
    }
}
