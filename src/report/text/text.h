/*
 * text: UTF-8 text for people: figures and faults in words, how wide a text stands on a terminal,
 * and how to print one from outside without letting it do anything to the terminal. Every character
 * counts as one column: those that this tool prints are (µ, →, ━, ·), and a phase named with wider
 * ones shifts its row, no more. Pure; any thread; one thread a FILE.
 */
#ifndef CDCBENCH_REPORT_TEXT_TEXT_H
#define CDCBENCH_REPORT_TEXT_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "base/units.h"
#include "result/result.h"

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

/* units_us; "-" for NOT_MEASURED. */
units_text_t text_us(int64_t us);

/* A rate: "10,001"; below 10 with a decimal, and "-" for what is not finite. */
units_text_t text_rate(double per_s);

/* A fault in one line without its newline: which change, what is wrong with it, what was expected
 * and found, and where in the log. */
void text_print_fault(FILE *out, const fault_t *fault);

/* Whether it is of one change. If not, it is of a transaction, or of a number of changes. */
bool text_fault_has_change(const fault_t *fault);

/* "out of order" from FAULT_OUT_OF_ORDER. */
const char *text_fault_kind(fault_kind_t kind);

#endif
