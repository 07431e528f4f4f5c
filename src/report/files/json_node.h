/*
 * json_node: the nodes of a JSON document, as run.json, the page's data and the lines of --json are
 * put together from. Each is a new reference, or NULL when memory is out; what is made of a NULL is
 * NULL, and frees what it was given, so that only the outermost result needs a look. One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_JSON_NODE_H
#define CDCBENCH_REPORT_FILES_JSON_NODE_H

#include <jansson.h>

#include "report/files/csv.h"
#include "result/result.h"

typedef struct {
    const char *key;
    json_t *value;
} node_field_t;

/* An object of these fields, {"key", value}, in order. Takes the values over. */
#define NODE(...) node_object((const node_field_t[]){__VA_ARGS__, {NULL, NULL}})
json_t *node_object(const node_field_t *fields); /* up to one with the key NULL */

/* Appends the value to an array, or sets it in an object; takes it over. The array or object
 * becomes NULL when either was or memory is out. */
void node_add(json_t **array, json_t *value);
void node_set(json_t **object, const char *key, json_t *value);

json_t *node_text(const char *text);           /* NULL is null; no UTF-8 becomes U+FFFD */
json_t *node_outside(const char *text);        /* the same of what came from outside: no secrets */
json_t *node_count(uint64_t value);            /* to INT64_MAX */
json_t *node_integer(int64_t value);           /* NOT_MEASURED is null */
json_t *node_real(double value, int decimals); /* not finite is null */
json_t *node_rounded(double value);            /* to a whole number; not finite is null */
json_t *node_seconds(int64_t ns);              /* to the µs; NOT_MEASURED is null */
json_t *node_lsn(uint64_t lsn); /* "16/B374D848" as PostgreSQL writes it; 0 is null */
json_t *node_record(const csv_table_t *table, const void *record); /* column name → value */

/* Writes the node and a newline, and frees it; as tightly as can be, or indented. False when it is
 * NULL; write errors stay in the FILE. */
bool node_print(FILE *out, json_t *node, size_t json_flags);

#endif
