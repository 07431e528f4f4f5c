/*
 * words: the project's word lists (words/<name>.txt), built in. Their content and order are part of
 * the row function: docs/rows.md. Constant data; any thread.
 */
#ifndef CDCBENCH_MODEL_WORDS_H
#define CDCBENCH_MODEL_WORDS_H

#include <stddef.h>

extern const char *const words_surnames[],
    *const words_first_names[], *const words_countries[], *const words_city_prefixes[],
                                                              *const words_city_suffixes[],
                                                                  *const words_company_suffixes[];

extern const size_t words_surnames_count, words_first_names_count, words_countries_count,
    words_city_prefixes_count, words_city_suffixes_count, words_company_suffixes_count;

#endif
