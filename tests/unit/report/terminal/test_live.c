#include "report/terminal/live.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>

#include "report/golden.h"
#include "report/sample.h"
#include "report/terminal.h"
#include "report/terminal/live_view.h"

/* A FILE that a terminal stands behind, and that counts how often it is written to. */
typedef struct {
    terminal_t terminal;
    int writes;
    FILE *out;
    scenario_t scenario;
    live_t *live;
} show_t;

static ssize_t show_write(void *cookie, const char *bytes, size_t len)
{
    show_t *show = cookie;
    char *text = strndup(bytes, len);
    assert_non_null(text);
    terminal_write(&show->terminal, text);
    free(text);
    show->writes++;
    return (ssize_t)len;
}

static const char heading[] = "quick · seed 42 · PostgreSQL 15.18 embedded";

static show_t *show_begin(void)
{
    show_t *show = calloc(1, sizeof *show);
    assert_non_null(show);
    sample_scenario(&show->scenario);
    show->out = fopencookie(show, "w", (cookie_io_functions_t){.write = show_write});
    assert_non_null(show->out);
    setvbuf(show->out, NULL, _IONBF, 0); /* as stderr is */
    live_opts_t opts = {.out = show->out, .block = true, .heading = heading};
    show->live = live_new(&opts, &show->scenario);
    assert_non_null(show->live);
    return show;
}

static void show_end(show_t *show)
{
    live_free(show->live);
    fclose(show->out);
    free(show);
}

static void assert_screen(const show_t *show, const char *expected)
{
    char *screen = terminal_screen(&show->terminal);
    assert_string_equal(screen, expected);
    free(screen);
}

static void assert_golden_screen(const show_t *show, const char *golden)
{
    char *screen = terminal_screen(&show->terminal);
    golden_assert(golden, screen);
    free(screen);
}

static timeline_row_t load_second(double second, int64_t rows)
{
    timeline_row_t row = sample_second(second, SAMPLE_LOAD);
    row.ops[OP_INSERT].acked_rows = row.ops[OP_INSERT].sent_rows = rows;
    row.ops[OP_INSERT].p50_us = 14000;
    row.ops[OP_INSERT].p99_us = 24000;
    row.taps[TAP_WAL].seen_rows = rows / 2;
    row.taps[TAP_WAL].behind_rows = rows / 2;
    row.taps[TAP_WAL].p50_us = -120;
    row.taps[TAP_WAL].p99_us = 1003000;
    return row;
}

static void feed(show_t *show, timeline_row_t row)
{
    live_second(show->live, &row);
}

static void a_phase_without_a_duration_is_shown_by_its_rows(void **state)
{
    (void)state;
    show_t *show = show_begin();
    feed(show, load_second(1, 50000));
    feed(show, load_second(2, 70000));
    assert_golden_screen(show, "live_load.txt");
    show_end(show);
}

static void a_phase_with_a_duration_is_shown_by_its_time(void **state)
{
    (void)state;
    show_t *show = show_begin();
    feed(show, load_second(2, 200000));
    for (int i = 1; i <= 21; i++) {
        timeline_row_t row = sample_mixed_second(2 + i);
        row.ops[OP_UPDATE].acked_rows = i % 3 == 0 ? 2000 : 400;
        feed(show, row);
    }
    assert_golden_screen(show, "live_mixed.txt");
    show_end(show);
}

static void a_drain_has_no_operations(void **state)
{
    (void)state;
    show_t *show = show_begin();
    feed(show, sample_mixed_second(1));
    timeline_row_t row = sample_second(2, SAMPLE_DRAIN);
    row.taps[TAP_WAL].seen_rows = 10;
    row.taps[TAP_WAL].behind_rows = 1234567;
    feed(show, row);
    assert_golden_screen(show, "live_drain.txt");
    show_end(show);
}

static void a_tap_that_ended_is_said_to_have(void **state)
{
    (void)state;
    show_t *show = show_begin();
    feed(show, sample_mixed_second(1));
    timeline_row_t row = sample_mixed_second(2);
    row.taps[TAP_WAL].seen_rows = NOT_MEASURED;
    feed(show, row);
    char *screen = terminal_screen(&show->terminal);
    assert_non_null(strstr(screen, "\nlag wal      ended\n"));
    free(screen);
    show_end(show);
}

static void a_redraw_is_one_write(void **state)
{
    (void)state;
    show_t *show = show_begin();
    for (int i = 1; i <= 5; i++) {
        feed(show, sample_mixed_second(i));
        assert_int_equal(show->writes, i);
    }
    show_end(show);
}

static void notes_and_log_lines_stay_above_the_one_block(void **state)
{
    (void)state;
    show_t *show = show_begin();
    feed(show, sample_mixed_second(1));
    live_note(show->live, "phase mixed begins");
    feed(show, sample_mixed_second(2));
    live_before_line();
    fputs("cdcbench: warning: a connection was lost\n", show->out);
    live_after_line();
    feed(show, sample_mixed_second(3));
    assert_golden_screen(show, "live_notes.txt");
    show_end(show);
}

static void nothing_of_the_block_is_left_at_the_end(void **state)
{
    (void)state;
    show_t *show = show_begin();
    live_note(show->live, "a note");
    feed(show, sample_mixed_second(1));
    live_free(show->live);
    show->live = NULL;
    assert_screen(show, "a note\n");
    live_before_line(); /* with no block on the screen the hooks do nothing */
    live_after_line();
    assert_screen(show, "a note\n");
    show_end(show);
}

/* Without a block: what was written, as it was; malloc'd. */
static char *lines_of(int64_t progress_ns, const timeline_row_t *rows, size_t n)
{
    char *text = NULL;
    size_t len = 0;
    scenario_t scenario;
    sample_scenario(&scenario);
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    live_opts_t opts = {.out = out, .progress_ns = progress_ns, .heading = heading};
    live_t *live = live_new(&opts, &scenario);
    assert_non_null(live);
    for (size_t i = 0; i < n; i++) {
        live_second(live, &rows[i]);
    }
    live_note(live, "a note");
    live_free(live);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void a_line_is_of_one_interval_and_one_phase(void **state)
{
    (void)state;
    timeline_row_t rows[] = {
        load_second(1, 100000),         load_second(2, 60000),      load_second(3, 40000),
        sample_mixed_second(3.999),     sample_mixed_second(4.999), sample_mixed_second(6.001),
        sample_second(7, SAMPLE_DRAIN),
    };
    rows[4].ops[OP_INSERT].acked_rows = 1000;
    rows[4].ops[OP_UPDATE].p99_us = 31000; /* the largest of the interval is shown */
    rows[5].ops[OP_UPDATE].errors = 2;
    rows[5].taps[TAP_WAL].behind_rows = 1000;
    char *text = lines_of(2 * NS_PER_S, rows, sizeof rows / sizeof rows[0]);
    golden_assert("live_lines.txt", text);
    free(text);
}

static void without_an_interval_there_are_notes_alone(void **state)
{
    (void)state;
    timeline_row_t row = sample_mixed_second(1);
    char *text = lines_of(0, &row, 1);
    assert_string_equal(text, "a note\n");
    free(text);
}

static void nothing_is_shown_on_nothing(void **state)
{
    (void)state;
    timeline_row_t row = sample_mixed_second(1);
    live_second(NULL, &row);
    live_note(NULL, "a note");
    live_free(NULL);
}

/* A terminal of that size, both ends. */
static void open_terminal(unsigned short columns, unsigned short rows, int *master, FILE **slave)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(*master >= 0);
    assert_int_equal(grantpt(*master), 0);
    assert_int_equal(unlockpt(*master), 0);
    struct winsize size = {.ws_col = columns, .ws_row = rows};
    assert_int_equal(ioctl(*master, TIOCSWINSZ, &size), 0);
    int fd = open(ptsname(*master), O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    *slave = fdopen(fd, "w");
    assert_non_null(*slave);
}

/* Reads until `end` has come: a terminal hands over what was written in pieces of its choice. */
static void read_until(int fd, const char *end, char *text, size_t size)
{
    size_t len = 0;
    do {
        ssize_t n = read(fd, text + len, size - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
        text[len] = '\0';
    } while (strstr(text, end) == NULL);
}

static void the_block_fits_a_small_terminal(void **state)
{
    (void)state;
    int master;
    FILE *slave;
    scenario_t scenario;
    sample_scenario(&scenario);
    open_terminal(30, 4, &master, &slave);
    live_opts_t opts = {.out = slave, .block = true, .heading = heading};
    live_t *live = live_new(&opts, &scenario);
    assert_non_null(live);
    timeline_row_t row = sample_mixed_second(1);
    live_second(live, &row);
    char text[4096];
    read_until(master, "\033[J", text, sizeof text);
    /* Whole pieces, and as many lines as there is room for. */
    assert_string_equal(text, "quick · seed 42\033[K\r\n"
                              "mixed        ──────────\033[K\r\n"
                              "insert/s     due   2,000\033[K\r\n"
                              "\033[J");
    live_free(live);
    fclose(slave);
    close(master);
}

/* Of a mixed second: malloc'd. */
static char *block_of(const live_look_t *look, const timeline_row_t *row)
{
    char *text = NULL;
    size_t len = 0;
    scenario_t scenario;
    live_view_t view;
    sample_scenario(&scenario);
    live_view_init(&view, &scenario);
    live_view_add(&view, row);
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    live_view_print_block(&view, heading, look, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void no_line_is_wider_than_the_terminal(void **state)
{
    (void)state;
    timeline_row_t row = sample_mixed_second(1);
    for (size_t columns = 13; columns <= 200; columns++) {
        for (int colors = 0; colors < 2; colors++) {
            char *text = block_of(&(live_look_t){.columns = columns, .colors = colors}, &row);
            char *rest = text;
            for (char *line; (line = strsep(&rest, "\n")) != NULL && rest != NULL;) {
                assert_true(text_width(line) <= columns);
            }
            free(text);
        }
    }
}

static void colours_are_all_that_colours_add(void **state)
{
    (void)state;
    timeline_row_t row = sample_mixed_second(1);
    row.ops[OP_UPDATE].errors = 3;
    char *plain = block_of(&(live_look_t){.columns = 100}, &row);
    char *colored = block_of(&(live_look_t){.columns = 100, .colors = true}, &row);
    assert_null(strchr(plain, '\033'));
    assert_non_null(strstr(colored, "\033[31m3\033[0m"));
    char *to = colored;
    for (const char *from = colored; *from != '\0';) {
        from += *from == '\033' ? strcspn(from, "m") + 1 : 0;
        *to = *from;
        to += *from != '\033';
        from += *from != '\033' && *from != '\0';
    }
    *to = '\0';
    assert_string_equal(colored, plain);
    free(plain);
    free(colored);
}

static void the_environment_says_whether_there_are_colours(void **state)
{
    (void)state;
    setenv("TERM", "xterm-256color", 1);
    unsetenv("NO_COLOR");
    assert_true(live_wants_colors());
    setenv("NO_COLOR", "", 1); /* no-color.org: when not an empty string */
    assert_true(live_wants_colors());
    setenv("NO_COLOR", "1", 1);
    assert_false(live_wants_colors());
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_false(live_wants_colors());
    unsetenv("TERM");
    assert_false(live_wants_colors());
}

static void how_far_behind_is_said_in_time_too(void **state)
{
    (void)state;
    timeline_row_t row = sample_mixed_second(1);
    row.taps[TAP_WAL].behind_rows = 600;
    row.taps[TAP_WAL].behind_us = 600000;
    char *text = block_of(&(live_look_t){.columns = 79}, &row);
    assert_non_null(strstr(text, "behind     600, 600 ms\n"));
    free(text);
}

static void a_backlog_of_a_second_is_pointed_out(void **state)
{
    (void)state;
    timeline_row_t row = sample_mixed_second(1);
    row.ops[OP_INSERT].backlog_rows = 2500;
    char *text = block_of(&(live_look_t){.columns = 79}, &row);
    assert_non_null(strstr(text, "   backlog 2,500\n"));
    free(text);
}

static void *log_lines(void *context)
{
    show_t *show = context;
    for (int i = 0; i < 20; i++) {
        live_before_line();
        fprintf(show->out, "line\n");
        live_after_line();
    }
    return NULL;
}

static void log_lines_of_other_threads_do_not_break_the_block(void **state)
{
    (void)state;
    show_t *show = show_begin();
    pthread_t threads[2];
    feed(show, sample_mixed_second(1));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, log_lines, show), 0);
    }
    for (int i = 2; i <= 100; i++) {
        feed(show, sample_mixed_second(i));
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    char *screen = terminal_screen(&show->terminal);
    char *block = strstr(screen, heading);
    assert_non_null(block);
    assert_int_equal(block - screen, 40 * strlen("line\n"));
    assert_null(strstr(block + 1, heading));
    free(screen);
    show_end(show);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phase_without_a_duration_is_shown_by_its_rows),
        cmocka_unit_test(a_phase_with_a_duration_is_shown_by_its_time),
        cmocka_unit_test(a_drain_has_no_operations),
        cmocka_unit_test(a_tap_that_ended_is_said_to_have),
        cmocka_unit_test(a_redraw_is_one_write),
        cmocka_unit_test(notes_and_log_lines_stay_above_the_one_block),
        cmocka_unit_test(nothing_of_the_block_is_left_at_the_end),
        cmocka_unit_test(a_line_is_of_one_interval_and_one_phase),
        cmocka_unit_test(without_an_interval_there_are_notes_alone),
        cmocka_unit_test(nothing_is_shown_on_nothing),
        cmocka_unit_test(the_block_fits_a_small_terminal),
        cmocka_unit_test(no_line_is_wider_than_the_terminal),
        cmocka_unit_test(colours_are_all_that_colours_add),
        cmocka_unit_test(the_environment_says_whether_there_are_colours),
        cmocka_unit_test(how_far_behind_is_said_in_time_too),
        cmocka_unit_test(a_backlog_of_a_second_is_pointed_out),
        cmocka_unit_test(log_lines_of_other_threads_do_not_break_the_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
