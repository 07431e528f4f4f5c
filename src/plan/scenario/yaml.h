/*
 * yaml: a YAML text as a tree of nodes that know their line and column. The only place for
 * libfyaml. A document owns its nodes and all their text. One thread.
 *
 * Anchors, aliases and tags are refused: a scenario needs none, and without them a tree is no
 * larger than its text.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_YAML_H
#define CDCBENCH_PLAN_SCENARIO_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

typedef struct yaml yaml_t;
typedef struct fy_node yaml_node_t;

/* From 1, as editors count; 0: nowhere. */
typedef struct {
    int line, column;
} yaml_place_t;

typedef enum { YAML_SCALAR, YAML_MAP, YAML_LIST } yaml_kind_t;

#define YAML_BYTES_MAX (1 << 20)

/* Parses a text of at most YAML_BYTES_MAX bytes; NULL with ERR_USAGE, the place in *where (nowhere
 * when there is none). */
yaml_t *yaml_parse(const char *text, size_t len, yaml_place_t *where, err_t *err);
void yaml_free(yaml_t *yaml); /* NULL is ignored */

/* NULL: the text is empty. */
const yaml_node_t *yaml_root(const yaml_t *yaml);

/* A NULL node stands for a value that is not written ("insert:"): a scalar without text. */
yaml_kind_t yaml_kind(const yaml_node_t *node);

/* Of a scalar; "" for any other. */
const char *yaml_text(const yaml_node_t *node);

/* Where the node begins; nowhere for one without text. */
yaml_place_t yaml_place(const yaml_node_t *node);

/* Notes in *place where the node begins, if anywhere. */
void yaml_look_at(const yaml_node_t *node, yaml_place_t *place);

/* A map's value under that key; NULL: it has none, or the node is no map. */
const yaml_node_t *yaml_value(const yaml_node_t *node, const char *key);

/* The entries of a map or a list, in their order: *at is NULL before the first call. *key is NULL
 * in a list. False behind the last. */
bool yaml_next(const yaml_node_t *node, void **at, const yaml_node_t **key,
               const yaml_node_t **value);

/* The node as YAML in one line, malloc'd; NULL when memory is out. */
char *yaml_line(const yaml_node_t *node);

#endif
