/*
 * fault_text: a fault that a verifier kept, in words for people. What came from outside is printed
 * so that it does nothing to the terminal. One thread a FILE.
 */
#ifndef CDCBENCH_REPORT_TEXT_FAULT_TEXT_H
#define CDCBENCH_REPORT_TEXT_FAULT_TEXT_H

#include <stdio.h>

#include "model/verify/verify.h"

/* One line without its newline: which change, what is wrong with it, what was expected and found,
 * and where in the log. */
void fault_print(FILE *out, const fault_t *fault);

/* Whether it is of one change. If not, it is of a transaction, or of a number of changes. */
bool fault_has_change(const fault_t *fault);

/* "out of order" from FAULT_OUT_OF_ORDER. */
const char *fault_words(fault_kind_t kind);

#endif
