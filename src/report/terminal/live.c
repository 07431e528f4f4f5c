#include "report/terminal/live.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "report/terminal/live_view.h"
#include "report/text/text.h"

/* Lines that a block may have: heading, phase, operations, latency, taps, errors. */
#define LINES_MAX (4 + STREAM_COUNT + TAP_COUNT)

/* ECMA-48 control sequences: CUU, EL and ED, from the cursor to the end. */
#define CURSOR_UP   "\r\033[%zuA"
#define ERASE_LINE  "\033[K"
#define ERASE_BELOW "\033[J"
#define COLORS_OFF  "\033[0m" /* SGR */

struct live {
    live_opts_t opts;
    char *heading;
    live_view_t view;
    double next_line_s;      /* when the next plain line is due */
    char *block;             /* the block's text, as it is to be drawn; NULL: nothing yet */
    size_t n_drawn;          /* its lines that stand on the screen, just above the cursor */
    size_t drawn[LINES_MAX]; /* and the columns of each */
};

bool live_wants_colors(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return (no_color == NULL || *no_color == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

/* --- the heading ------------------------------------------------------------------------------ */

/* "15.18" of "15.18 (Debian 15.18-0+deb12u1)". */
static void print_server(FILE *out, const manifest_t *manifest)
{
    if (manifest->server_version == NULL) {
        return;
    }
    int len = (int)strcspn(manifest->server_version, " ");
    fprintf(out, LIVE_HEADING_SEPARATOR "PostgreSQL %.*s%s", len, manifest->server_version,
            manifest->embedded ? " embedded" : "");
}

static void print_named(FILE *out, const char *before, const json_t *value)
{
    if (json_is_string(value)) {
        fputs(before, out);
        text_print_visible(out, json_string_value(value));
    }
}

static void print_pipeline(FILE *out, const char *pipeline)
{
    json_t *all = pipeline == NULL ? NULL : json_loads(pipeline, 0, NULL);
    const json_t *config = json_object_get(json_object_get(all, "connector"), "config");
    print_named(out, LIVE_HEADING_SEPARATOR "Kafka ", json_object_get(all, "kafka_version"));
    print_named(out, LIVE_HEADING_SEPARATOR "Debezium ", json_object_get(all, "debezium_version"));
    print_named(out, ", poll.interval.ms ", json_object_get(config, "poll.interval.ms"));
    if (json_object_get(all, "envelopes_of") != NULL) { /* nobody's but ours */
        print_named(out, LIVE_HEADING_SEPARATOR "straight into Kafka, topic ",
                    json_object_get(all, "topic"));
    }
    json_decref(all);
}

char *live_heading(const scenario_t *scenario, const manifest_t *manifest, const char *pipeline)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return NULL;
    }
    fprintf(out, "%s" LIVE_HEADING_SEPARATOR "seed %" PRIu64, scenario->name, scenario->seed);
    print_server(out, manifest);
    print_pipeline(out, pipeline);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* --- the block on the screen ------------------------------------------------------------------ */

/* Guards the block on the screen and what draws it, against the hooks. */
static pthread_mutex_t screen_lock = PTHREAD_MUTEX_INITIALIZER;
static live_t *on_screen; /* NULL: none */

typedef struct {
    size_t columns, rows;
} screen_t;

/* As it is now; 80 × 24 where nobody knows. */
static screen_t screen_size(FILE *out)
{
    struct winsize size;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col < 2 || size.ws_row < 2) {
        return (screen_t){.columns = 80, .rows = 24};
    }
    return (screen_t){.columns = size.ws_col, .rows = size.ws_row};
}

/* Moves the cursor to the block's first line. A terminal that has become narrower since has wrapped
 * the lines. */
static void go_to_top(live_t *live, const screen_t *screen, FILE *to)
{
    size_t rows = 0;
    for (size_t i = 0; i < live->n_drawn; i++) {
        size_t wrapped = (live->drawn[i] + screen->columns - 1) / screen->columns;
        rows += wrapped > 0 ? wrapped : 1;
    }
    if (rows > 0) {
        fprintf(to, CURSOR_UP, rows);
    }
    live->n_drawn = 0;
}

/* Draws the block from the cursor on. The last column stays free: a cursor that waits there to wrap
 * would make ERASE_LINE eat a character. A line is cut where the terminal has become narrower since
 * it was composed. */
static void draw(live_t *live, const screen_t *screen, FILE *to)
{
    const char *line = live->block != NULL ? live->block : "";
    while (*line != '\0' && live->n_drawn < LINES_MAX && live->n_drawn < screen->rows - 1) {
        size_t len = strcspn(line, "\n");
        size_t fits = text_fit(line, screen->columns - 1);
        bool cut = fits < len;
        fprintf(to, "%.*s%s" ERASE_LINE "\n", (int)(cut ? fits : len), line,
                cut && live->opts.colors ? COLORS_OFF : "");
        live->drawn[live->n_drawn++] =
            cut ? screen->columns - 1 : text_width(line) - text_width(line + len);
        line += len + (line[len] == '\n');
    }
    fputs(ERASE_BELOW, to);
}

/* Takes the block off, prints the note (NULL: none) and draws the block again if it is wanted: in
 * one write, so that nothing flickers. Without memory nothing changes until the next time. */
static void paint(live_t *live, const char *note, bool with_block)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    if (memory == NULL) {
        return;
    }
    screen_t screen = screen_size(live->opts.out);
    go_to_top(live, &screen, memory);
    if (note != NULL) {
        fprintf(memory, "%s" ERASE_LINE "\n", note);
    }
    if (with_block) {
        draw(live, &screen, memory);
    } else {
        fputs(ERASE_BELOW, memory);
    }
    if (fclose(memory) == 0) {
        fwrite(text, 1, len, live->opts.out);
        fflush(live->opts.out);
    }
    free(text);
}

/* --- live ------------------------------------------------------------------------------------- */

live_t *live_new(const live_opts_t *opts, const scenario_t *scenario)
{
    live_t *live = calloc(1, sizeof *live);
    if (live == NULL) {
        return NULL;
    }
    live->opts = *opts;
    live->heading = strdup(opts->heading != NULL ? opts->heading : "");
    if (live->heading == NULL) {
        free(live);
        return NULL;
    }
    live->next_line_s = (double)opts->progress_ns / (double)NS_PER_S;
    live_view_init(&live->view, scenario);
    if (opts->block) {
        pthread_mutex_lock(&screen_lock);
        on_screen = live;
        pthread_mutex_unlock(&screen_lock);
    } else if (opts->progress_ns > 0) {
        fprintf(opts->out, "%s\n", live->heading);
        fflush(opts->out);
    }
    return live;
}

/* Composes the block anew and draws it. */
static void second_block(live_t *live, const timeline_row_t *row)
{
    char *text = NULL;
    size_t len = 0;
    live_view_add(&live->view, row);
    FILE *memory = open_memstream(&text, &len);
    if (memory == NULL) {
        return;
    }
    live_look_t look = {.columns = screen_size(live->opts.out).columns - 1,
                        .colors = live->opts.colors};
    live_view_print_block(&live->view, live->heading, &look, memory);
    if (fclose(memory) != 0) {
        free(text);
        return;
    }
    pthread_mutex_lock(&screen_lock);
    free(live->block);
    live->block = text;
    paint(live, NULL, true);
    pthread_mutex_unlock(&screen_lock);
}

static void print_line(live_t *live)
{
    live_view_print_line(&live->view, live->opts.out);
    live_view_begin_line(&live->view);
    fflush(live->opts.out);
}

static void second_line(live_t *live, const timeline_row_t *row)
{
    double progress_s = (double)live->opts.progress_ns / (double)NS_PER_S;
    if (live_view_turns(&live->view, row)) {
        print_line(live); /* a line is of one phase */
    }
    live_view_add(&live->view, row);
    /* Seconds end a little before or after the whole one. */
    double now_s = row->second + row->interval_s / 2;
    if (now_s >= live->next_line_s) {
        print_line(live);
        while (live->next_line_s <= now_s) {
            live->next_line_s += progress_s;
        }
    }
}

void live_second(live_t *live, const timeline_row_t *row)
{
    if (live == NULL) {
        return;
    }
    if (live->opts.block) {
        second_block(live, row);
    } else if (live->opts.progress_ns > 0) {
        second_line(live, row);
    }
}

void live_note(live_t *live, const char *text)
{
    if (live == NULL) {
        return;
    }
    if (live->opts.block) {
        pthread_mutex_lock(&screen_lock);
        paint(live, text, true);
        pthread_mutex_unlock(&screen_lock);
    } else {
        fprintf(live->opts.out, "%s\n", text);
        fflush(live->opts.out);
    }
}

void live_free(live_t *live)
{
    if (live == NULL) {
        return;
    }
    if (!live->opts.block && live->opts.progress_ns > 0) {
        print_line(live); /* what there is of the last interval */
    }
    pthread_mutex_lock(&screen_lock);
    if (on_screen == live) {
        paint(live, NULL, false);
        on_screen = NULL;
    }
    pthread_mutex_unlock(&screen_lock);
    free(live->block);
    free(live->heading);
    free(live);
}

void live_before_line(void)
{
    pthread_mutex_lock(&screen_lock);
    if (on_screen != NULL) {
        paint(on_screen, NULL, false);
    }
}

void live_after_line(void)
{
    if (on_screen != NULL) {
        paint(on_screen, NULL, true);
    }
    pthread_mutex_unlock(&screen_lock);
}
