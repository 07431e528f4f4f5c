/*
 * terminal: as much of a terminal as live.c speaks to: characters, carriage return, newline, and
 * the control sequences CUU, EL and ED (ECMA-48, 8.3.22, 8.3.41, 8.3.39). Anything else fails the
 * test.
 */
#ifndef CDCBENCH_TESTS_REPORT_TERMINAL_H
#define CDCBENCH_TESTS_REPORT_TERMINAL_H

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "report/cmocka_first.h"
#include "report/text/text.h"

enum { TERMINAL_ROWS = 100, TERMINAL_COLUMNS = 80, TERMINAL_CELL = 5 };

typedef struct {
    char cells[TERMINAL_ROWS][TERMINAL_COLUMNS][TERMINAL_CELL]; /* "": blank */
    int row, column;
} terminal_t;

static inline void terminal_erase(terminal_t *terminal, int row, int column)
{
    memset(terminal->cells[row][column], 0, (size_t)(TERMINAL_COLUMNS - column) * TERMINAL_CELL);
}

/* The sequence behind ESC [; returns what follows it. */
static inline const char *terminal_control(terminal_t *terminal, const char *text)
{
    char *end;
    long count = strtol(text, &end, 10);
    switch (*end) {
    case 'A':
        assert_true(count > 0 && count <= terminal->row);
        terminal->row -= (int)count;
        break;
    case 'J':
        for (int row = terminal->row + 1; row < TERMINAL_ROWS; row++) {
            terminal_erase(terminal, row, 0);
        }
        terminal_erase(terminal, terminal->row, terminal->column);
        break;
    case 'K':
        terminal_erase(terminal, terminal->row, terminal->column);
        break;
    default:
        fail_msg("an unexpected control sequence: ESC [ %s", text);
    }
    return end + 1;
}

static inline void terminal_write(terminal_t *terminal, const char *text)
{
    while (*text != '\0') {
        if (text[0] == '\033' && text[1] == '[') {
            text = terminal_control(terminal, text + 2);
            continue;
        }
        size_t len = utf8_char_len(text);
        assert_true(len > 0);
        if (*text == '\r') {
            terminal->column = 0;
        } else if (*text == '\n') {
            terminal->column = 0;
            terminal->row++;
        } else {
            char *cell = terminal->cells[terminal->row][terminal->column++];
            memset(cell, 0, TERMINAL_CELL);
            memcpy(cell, text, len);
        }
        assert_true(terminal->row < TERMINAL_ROWS);
        assert_true(terminal->column < TERMINAL_COLUMNS); /* nothing reaches the edge */
        text += len;
    }
}

/* What stands on the screen, without blanks at the ends of lines and without empty lines at the
 * end; malloc'd. */
static inline char *terminal_screen(const terminal_t *terminal)
{
    char *screen = calloc(TERMINAL_ROWS, TERMINAL_COLUMNS * TERMINAL_CELL + 1);
    assert_non_null(screen);
    size_t end = 0, at = 0;
    for (int row = 0; row < TERMINAL_ROWS; row++) {
        size_t line_end = at;
        for (int column = 0; column < TERMINAL_COLUMNS; column++) {
            const char *cell = terminal->cells[row][column];
            size_t len = strlen(cell);
            memcpy(screen + at, len > 0 ? cell : " ", len > 0 ? len : 1);
            at += len > 0 ? len : 1;
            line_end = len > 0 && *cell != ' ' ? at : line_end;
        }
        bool blank = line_end == 0 || screen[line_end - 1] == '\n';
        at = line_end;
        screen[at++] = '\n';
        end = blank ? end : at;
    }
    screen[end] = '\0';
    return screen;
}

#endif
