#include "kafka/format/envelope_path.h"

#include <string.h>

#include "kafka/format/json_scan.h"

void envelope_path_free(envelope_path_t *path)
{
    buf_free(&path->pieces);
    path->n_steps = 0;
}

/* ---- learning -------------------------------------------------------------------------------- */

/* A path while it is learned: `from` is where the piece that comes next begins. */
typedef struct {
    envelope_path_t *path;
    json_reader_t json;
    const char *from;
    bool lost;        /* there is no path */
    path_step_t none; /* what add_step gives then */
} learner_t;

/* A step whose piece ends at `to` and whose value, up to `behind`, is what `meta` says. */
static path_step_t *add_step(learner_t *l, const char *to, const char *behind, const meta_t *meta)
{
    envelope_path_t *path = l->path;
    uint32_t at = (uint32_t)path->pieces.len;
    if (path->n_steps == PATH_STEPS_MAX ||
        !buf_put(&path->pieces, l->from, (size_t)(to - l->from))) {
        l->lost = true;
        return &l->none;
    }
    path_step_t *step = &path->steps[path->n_steps++];
    *step = (path_step_t){.piece_at = at,
                          .piece_len = (uint32_t)(to - l->from),
                          .meta = meta,
                          .offset = meta ? meta->offset : 0};
    l->from = behind;
    return step;
}

/* A text that stays where it is, in the piece that is being gathered. */
static void add_text(learner_t *l, const meta_t *meta, const json_value_t *value)
{
    envelope_path_t *path = l->path;
    if (path->n_texts == PATH_TEXTS_MAX || value->bytes < l->from || value->bytes > l->json.at) {
        l->lost = true; /* or it had escapes: its bytes are not the message's */
        return;
    }
    uint32_t at = (uint32_t)(path->pieces.len + (size_t)(value->bytes - l->from));
    path->texts[path->n_texts++] = (path_text_t){meta->offset, at, value->len};
}

/* "[\"26713136\",\"26713192\"]": two numbers with pieces around them. */
static void add_sequence(learner_t *l, const meta_t *meta, const char *begin)
{
    static const char open[] = "\"[\\\"", between[] = "\\\",\\\"", close[] = "\\\"]\"";
    const char *end = l->json.at;
    const char *first = begin + sizeof open - 1;
    const char *first_end = first < end ? json_skip_digits(first, end) : end;
    const char *second = first_end + sizeof between - 1;
    const char *second_end = second < end ? json_skip_digits(second, end) : end;
    if (end - second_end != sizeof close - 1 || memcmp(begin, open, sizeof open - 1) != 0 ||
        memcmp(first_end, between, sizeof between - 1) != 0 ||
        memcmp(second_end, close, sizeof close - 1) != 0) {
        l->lost = true;
        return;
    }
    add_step(l, first, first_end, meta)->offset = offsetof(envelope_t, source.last_commit_lsn);
    add_step(l, second, second_end, meta)->offset = offsetof(envelope_t, source.sequence_lsn);
}

/* The value of one member; the reader stands at it. What is null, or of no use and no container,
 * is a part of the piece: one day it may be something else, and then the message is off the path.
 * `texts_stay`: so are texts. */
static void learn_value(learner_t *l, const meta_t *meta, bool texts_stay)
{
    const char *begin = l->json.at;
    json_value_t value;
    if (!json_value(&l->json, &value)) {
        l->lost = true;
        return;
    }
    if (value.kind == JSON_KIND_NULL || (!meta && value.kind < JSON_KIND_OBJECT)) {
        return;
    }
    bool text = meta && value.kind == JSON_KIND_STRING;
    bool number = meta && value.kind == JSON_KIND_INTEGER &&
                  (meta->type == META_TIME || meta->type == META_NUMBER);
    if (text && meta->type == META_TEXT && texts_stay) {
        add_text(l, meta, &value);
    } else if (text && meta->type == META_SEQUENCE) {
        add_sequence(l, meta, begin);
    } else if (number || (text && meta->type == META_TEXT) ||
               (text && meta->type == META_OP && value.len == 1)) {
        add_step(l, begin, l->json.at, meta);
    } else {
        l->lost = true;
    }
}

/* source or transaction; the texts of source stay. */
static void learn_object(learner_t *l, meta_type_t type)
{
    bool first = true;
    json_value_t name;
    json_enter(&l->json, '{');
    while (!l->lost && json_member(&l->json, &first, &name)) {
        const meta_t *meta = type == META_SOURCE ? meta_of_source(name.bytes, name.len)
                                                 : meta_of_transaction(name.bytes, name.len);
        learn_value(l, meta, type == META_SOURCE);
    }
}

static void learn_row(learner_t *l, const meta_t *meta)
{
    const char *begin = l->json.at;
    json_value_t unused;
    if (json_value(&l->json, &unused)) {
        add_step(l, begin, l->json.at, meta);
    }
}

void envelope_path_learn(envelope_path_t *path, const char *payload, const json_reader_t *behind)
{
    learner_t l = {.path = path, .from = payload};
    bool first = true;
    json_value_t name;
    buf_clear(&path->pieces);
    path->n_steps = path->n_texts = 0;
    json_begin(&l.json, payload, (size_t)(behind->at - payload), behind->room,
               (size_t)(behind->room_end - behind->room));
    json_enter(&l.json, '{');
    while (!l.lost && json_member(&l.json, &first, &name)) {
        const meta_t *meta = meta_of_envelope(name.bytes, name.len);
        if (meta && (meta->type == META_BEFORE || meta->type == META_AFTER)) {
            learn_row(&l, meta);
        } else if (meta && json_peek(&l.json) == '{') {
            learn_object(&l, meta->type);
        } else {
            learn_value(&l, meta, false);
        }
    }
    add_step(&l, l.json.at, l.json.at, NULL);
    if (l.lost || l.json.problem) {
        path->n_steps = 0;
        return;
    }
    envelope_t made = {0};
    for (uint32_t i = 0; i < path->n_texts; i++) {
        const path_text_t *text = &path->texts[i];
        slice_t slice = {path->pieces.data + text->at, text->len};
        memcpy((char *)&made + text->offset, &slice, sizeof slice);
    }
    path->source = made.source;
}

/* ---- walking --------------------------------------------------------------------------------- */

/* A number of 1 to 19 digits that does not begin with 0, and that `max` allows. If it goes on with
 * a fraction or an exponent, the next piece does not fit. */
static inline bool walk_number(json_reader_t *json, uint64_t max, char *to)
{
    uint64_t number;
    const char *at = json->at, *stop = bytes_read_number(at, json->end, &number);
    if (!stop || *at == '0' || number > max) {
        return false;
    }
    memcpy(to, &number, sizeof number);
    json->at = stop;
    return true;
}

static inline bool walk_text(json_reader_t *json, char *to)
{
    const char *at = json->at, *end = json->end;
    if (at == end || *at != '"') {
        return false;
    }
    const char *stop = json_find_special(at + 1, end);
    if (stop == end || *stop != '"') {
        return false;
    }
    slice_t text = {at + 1, (uint32_t)(stop - at - 1)};
    memcpy(to, &text, sizeof text);
    json->at = stop + 1;
    return true;
}

static inline bool walk_op(json_reader_t *json, envelope_t *out)
{
    const char *at = json->at;
    if (json->end - at < 3 || at[0] != '"' || at[2] != '"' || json_is_special(at[1])) {
        return false;
    }
    out->op = meta_op(at[1]);
    json->at = at + 3;
    return true;
}

static bool are_twins(envelope_path_t *path, const json_names_t *before, const json_names_t *after)
{
    if (path->before_version != before->version || path->after_version != after->version) {
        path->before_version = before->version;
        path->after_version = after->version;
        path->twins = json_names_same(before, after);
    }
    return path->twins;
}

/* A walk under way. */
typedef struct {
    envelope_path_t *path;
    row_reader_t *rows; /* by row_kind_t */
    const envelope_schema_t *schema;
    json_reader_t *json;
    envelope_t *out;
    const char *before; /* where the old row begins; NULL: there is none so far */
} walk_t;

/* before or after: null or an object. */
static bool walk_row(walk_t *w, row_kind_t kind, envelope_row_t *out)
{
    json_reader_t *json = w->json;
    const char *at = json->at;
    const row_reader_t *twin = NULL;
    if (json->end - at < 4) {
        return false;
    }
    if (*at != '{') {
        json->at += 4;
        return memcmp(at, "null", 4) == 0;
    }
    if (kind == ROW_BEFORE) {
        w->before = at;
    } else if (w->before &&
               are_twins(w->path, &w->rows[ROW_BEFORE].names, &w->rows[ROW_AFTER].names)) {
        twin = &w->rows[ROW_BEFORE];
    }
    return row_walk(&w->rows[kind], kind, json, w->schema, twin, w->before, out);
}

static bool walk_value(walk_t *w, const path_step_t *step)
{
    char *to = (char *)w->out + step->offset;
    switch (step->meta->type) {
    case META_BEFORE:
        return walk_row(w, ROW_BEFORE, &w->out->before);
    case META_AFTER:
        return walk_row(w, ROW_AFTER, &w->out->after);
    case META_TIME:
        return walk_number(w->json, INT64_MAX, to);
    case META_NUMBER:
    case META_SEQUENCE:
        return walk_number(w->json, UINT64_MAX, to);
    case META_TEXT:
        return walk_text(w->json, to);
    case META_OP:
        return walk_op(w->json, w->out);
    default:
        return false;
    }
}

bool envelope_path_walk(envelope_path_t *path, row_reader_t rows[ROW_KINDS],
                        const envelope_schema_t *schema, json_reader_t *json, envelope_t *out)
{
    walk_t walk = {.path = path, .rows = rows, .schema = schema, .json = json, .out = out};
    out->source = path->source;
    for (uint32_t i = 0; i < path->n_steps; i++) {
        const path_step_t *step = &path->steps[i];
        if ((size_t)(json->end - json->at) < step->piece_len ||
            !bytes_same(json->at, path->pieces.data + step->piece_at, step->piece_len)) {
            return false;
        }
        json->at += step->piece_len;
        if (!step->meta) {
            return true;
        }
        if (!walk_value(&walk, step)) {
            return false;
        }
    }
    return false; /* no path is known */
}
