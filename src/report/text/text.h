/*
 * text: UTF-8 text for people: how wide it stands on a terminal, and how to print text from outside
 * without letting it do anything to the terminal. Every character counts as one column: those that
 * this tool prints are (µ, →, ━, ·), and a phase named with wider ones shifts its row, no more.
 * Pure; any thread.
 */
#ifndef CDCBENCH_REPORT_TEXT_TEXT_H
#define CDCBENCH_REPORT_TEXT_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Bytes of the UTF-8 character that text begins with (RFC 3629: no surrogates, nothing overlong);
 * 0 at the end of the text and where the bytes are none. */
size_t text_char_len(const char *text);

/* Columns on a terminal. A byte that is no UTF-8 counts as one, an SGR sequence (colours) as none.
 */
size_t text_width(const char *text);

/* How many bytes of text fit `columns`: never half a character. */
size_t text_fit(const char *text, size_t columns);

/* Prints text in at least `width` columns: on the right of them, or on the left when negative (as
 * printf's %*s, which counts bytes instead). */
void text_print_padded(FILE *out, const char *text, int width);

/* The bar of a sparkline for a share of its highest, 0 … 1: "▁" to "█". Constant. */
const char *text_spark(double share);

/* Prints text from outside, such as a column's value: what is no UTF-8 and control characters, C1
 * ones too, as \xNN; a backslash doubled. */
void text_print_visible(FILE *out, const char *text);

/* A malloc'd copy of text in which U+FFFD stands for each byte that is no UTF-8, as JSON must be;
 * NULL when memory is out. */
char *text_valid(const char *text);

#endif
