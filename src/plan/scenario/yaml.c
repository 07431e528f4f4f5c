#include "plan/scenario/yaml.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define DEPTH_MAX 32

struct yaml {
    struct fy_diag *diag;
    struct fy_document *document;
    char *text; /* libfyaml points into it */
};

/* libfyaml's getters take nodes that are not const, and change none. */
static struct fy_node *open_node(const yaml_node_t *node)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): only the const goes */
    return (struct fy_node *)(uintptr_t)node;
}

static yaml_place_t place_of_token(struct fy_token *token)
{
    const struct fy_mark *mark = token != NULL ? fy_token_start_mark(token) : NULL;
    return mark != NULL ? (yaml_place_t){mark->line + 1, mark->column + 1} : (yaml_place_t){0, 0};
}

yaml_kind_t yaml_kind(const yaml_node_t *node)
{
    enum fy_node_type type = node != NULL ? fy_node_get_type(open_node(node)) : FYNT_SCALAR;
    return type == FYNT_MAPPING ? YAML_MAP : type == FYNT_SEQUENCE ? YAML_LIST : YAML_SCALAR;
}

const char *yaml_text(const yaml_node_t *node)
{
    if (node == NULL || yaml_kind(node) != YAML_SCALAR) {
        return "";
    }
    const char *text = fy_node_get_scalar0(open_node(node));
    return text != NULL ? text : "";
}

bool yaml_next(const yaml_node_t *node, void **at, const yaml_node_t **key,
               const yaml_node_t **value)
{
    *key = NULL;
    if (yaml_kind(node) == YAML_MAP) {
        struct fy_node_pair *pair = fy_node_mapping_iterate(open_node(node), at);
        if (pair == NULL) {
            return false;
        }
        *key = fy_node_pair_key(pair);
        *value = fy_node_pair_value(pair);
        return true;
    }
    *value = yaml_kind(node) == YAML_LIST ? fy_node_sequence_iterate(open_node(node), at) : NULL;
    return *value != NULL;
}

yaml_place_t yaml_place(const yaml_node_t *node)
{
    for (int depth = 0; node != NULL && depth <= DEPTH_MAX; depth++) {
        if (yaml_kind(node) == YAML_SCALAR) {
            return place_of_token(fy_node_get_scalar_token(open_node(node)));
        }
        void *at = NULL;
        const yaml_node_t *key, *value;
        if (!yaml_next(node, &at, &key, &value)) {
            break;
        }
        node = key != NULL ? key : value;
    }
    return (yaml_place_t){0, 0};
}

void yaml_look_at(const yaml_node_t *node, yaml_place_t *place)
{
    yaml_place_t found = yaml_place(node);
    if (found.line > 0) {
        *place = found;
    }
}

const yaml_node_t *yaml_value(const yaml_node_t *node, const char *key)
{
    void *at = NULL;
    const yaml_node_t *name, *value;
    while (yaml_kind(node) == YAML_MAP && yaml_next(node, &at, &name, &value)) {
        if (strcmp(yaml_text(name), key) == 0) {
            return value;
        }
    }
    return NULL;
}

/* *where is that of the last text before the node, for one without text. */
static bool refuse(const yaml_node_t *node, yaml_place_t *where, err_t *err, const char *what)
{
    yaml_look_at(node, where);
    return err_set(err, ERR_USAGE, "%s", what);
}

/* What no scenario has: see yaml.h. */
static bool check_node(const yaml_node_t *node, int depth, yaml_place_t *where, err_t *err)
{
    if (node == NULL) {
        return true;
    }
    if (depth > DEPTH_MAX) {
        return refuse(node, where, err, "nested too deeply");
    }
    if (fy_node_is_alias(open_node(node)) || fy_node_get_anchor(open_node(node)) != NULL) {
        return refuse(node, where, err, "anchors (&) and aliases (*) are not read: write it out");
    }
    size_t len = 0;
    if (fy_node_get_tag(open_node(node), &len) != NULL) {
        return refuse(node, where, err, "tags (!) are not read: write the value alone");
    }
    if (yaml_kind(node) == YAML_SCALAR) {
        *where = yaml_place(node);
    }
    void *at = NULL;
    const yaml_node_t *key, *value;
    while (yaml_next(node, &at, &key, &value)) {
        if (!check_node(key, depth + 1, where, err) || !check_node(value, depth + 1, where, err)) {
            return false;
        }
    }
    return true;
}

/* The first complaint of libfyaml's. */
static void explain(struct fy_diag *diag, yaml_place_t *where, err_t *err)
{
    void *at = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
    if (error == NULL) {
        err_set(err, ERR_USAGE, "there is nothing in it");
        return;
    }
    *where =
        (yaml_place_t){error->line > 0 ? error->line : 0, error->column > 0 ? error->column : 0};
    err_set(err, ERR_USAGE, "this is no YAML: %s", error->msg);
}

/* Complaints are collected; what else libfyaml has to say is nothing for the user. */
static void say_nothing(struct fy_diag *diag, void *user, const char *text, size_t len)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)len;
}

static bool parse(yaml_t *yaml, size_t len, yaml_place_t *where, err_t *err)
{
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = say_nothing;
    yaml->diag = fy_diag_create(&diag_cfg);
    if (yaml->diag == NULL) {
        return err_set(err, ERR_RUN, "out of memory");
    }
    fy_diag_set_collect_errors(yaml->diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = yaml->diag};
    yaml->document = fy_document_build_from_string(&cfg, yaml->text, len);
    if (yaml->document == NULL) {
        explain(yaml->diag, where, err);
        return false;
    }
    if (!check_node(yaml_root(yaml), 0, where, err)) {
        return false;
    }
    *where = (yaml_place_t){0, 0};
    return true;
}

/* Whether the line that text begins with is a marker between documents: --- or ... in its first
 * column, which no scalar may hold there. */
static bool is_marker(const char *text, const char *marker)
{
    return strncmp(text, marker, 3) == 0 && strchr(" \t\r\n", text[3]) != NULL;
}

/* What libfyaml would read no further than, without a word: a second document, and what ends the
 * first. *begun: there is something before this line; *ended: a marker said that nothing follows.
 */
static bool check_line(const char *text, bool *begun, bool *ended, err_t *err)
{
    const char *word = text + strspn(text, " \t");
    bool empty = *word == '\0' || strchr("\r\n#", *word) != NULL;
    if (*text == '%') {
        return err_set(err, ERR_USAGE, "directives (%%) are not read: leave the line out");
    }
    if (empty) {
        return true;
    }
    if (*ended || (*begun && is_marker(text, "---"))) {
        return err_set(err, ERR_USAGE,
                       "a second document begins here, and a scenario is one: leave out what "
                       "stands from here on, or the line --- or ... before it");
    }
    *ended = is_marker(text, "...");
    *begun = true;
    return true;
}

/* What libfyaml 0.7 does not end on, or ends on in silence, and no scenario has. */
static bool check_text(const char *text, size_t len, yaml_place_t *where, err_t *err)
{
    bool begun = false, ended = false;
    *where = (yaml_place_t){1, 1};
    for (size_t at = 0, n; at < len; at += n, where->column++) {
        n = utf8_char_len(text + at);
        bool control = (unsigned char)text[at] < 0x20 && strchr("\t\n\r", text[at]) == NULL;
        if (n == 0 || control || text[at] == 0x7f) {
            return err_set(err, ERR_USAGE, "this is no text: its bytes are no characters of UTF-8");
        }
        if (where->column == 1 && !check_line(text + at, &begun, &ended, err)) {
            return false;
        }
        if (text[at] == '\n' || text[at] == '\r') {
            where->line += text[at] == '\n';
            where->column = 0;
        }
    }
    *where = (yaml_place_t){0, 0};
    return true;
}

yaml_t *yaml_parse(const char *text, size_t len, yaml_place_t *where, err_t *err)
{
    *where = (yaml_place_t){0, 0};
    if (len > YAML_BYTES_MAX) {
        err_set(err, ERR_USAGE, "this is no scenario: it has more than 1 MiB");
        return NULL;
    }
    yaml_t *yaml = calloc(1, sizeof *yaml);
    if (yaml == NULL || (yaml->text = malloc(len + 1)) == NULL) {
        free(yaml);
        err_set(err, ERR_RUN, "out of memory");
        return NULL;
    }
    memcpy(yaml->text, text, len);
    yaml->text[len] = '\0';
    if (!check_text(yaml->text, len, where, err) || !parse(yaml, len, where, err)) {
        yaml_free(yaml);
        return NULL;
    }
    return yaml;
}

void yaml_free(yaml_t *yaml)
{
    if (yaml == NULL) {
        return;
    }
    fy_document_destroy(yaml->document);
    if (yaml->diag != NULL) {
        fy_diag_destroy(yaml->diag);
    }
    free(yaml->text);
    free(yaml);
}

const yaml_node_t *yaml_root(const yaml_t *yaml)
{
    return fy_document_root(yaml->document);
}

char *yaml_line(const yaml_node_t *node)
{
    enum fy_emitter_cfg_flags flags =
        /* NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): they are bits */
        FYECF_MODE_FLOW_ONELINE | FYECF_WIDTH_INF | FYECF_NO_ENDING_NEWLINE;
    return fy_emit_node_to_string(open_node(node), flags);
}
