/*
 * envelope_path: the beaten path through a topic's messages. But for a few values an envelope is
 * the same bytes as the one before: its members' names, the source's version, database and table,
 * and what stands between them. A path is learned from a message that the general reader
 * (envelope.c) has read: the constant pieces, and what kind of value stands between each two. The
 * next message is walked along it, each piece by one comparison, each value by what is known of it;
 * rows by their own names (row_walk). Where a message leaves the path, the walk says no and nothing
 * more: the general reader reads it from its beginning, and a new path is learned from it.
 *
 *   {"before": ROW ,"after": ROW ,"source":{"version":"3.6.0.Final",…,"ts_ms": TIME ,"snapshot":…
 *              ▲ a step ends with its value; the constant piece before it is the step's own
 *
 * What the walk accepts is what the general reader reads, field for field
 * (tests/fuzz/fuzz_envelope, tests/unit/kafka/test_envelope_path). One owner, one thread.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_ENVELOPE_PATH_H
#define CDCBENCH_KAFKA_FORMAT_ENVELOPE_PATH_H

#include "base/buf.h"
#include "kafka/format/envelope_internal.h"

#define PATH_STEPS_MAX 48
#define PATH_TEXTS_MAX 16

/* A constant piece of the message, and the value behind it. */
typedef struct {
    uint32_t piece_at, piece_len; /* in `pieces` */
    const meta_t *meta;           /* what the value is; NULL: the message's end */
    size_t offset;                /* where a number or a text goes, in envelope_t */
} path_step_t;

/* A text that is the same in every message: it points into `pieces`. */
typedef struct {
    size_t offset; /* of the slice, in envelope_t */
    uint32_t at, len;
} path_text_t;

typedef struct {
    buf_t pieces;
    path_step_t steps[PATH_STEPS_MAX];
    path_text_t texts[PATH_TEXTS_MAX];
    uint32_t n_steps, n_texts; /* n_steps 0: none is known */
    envelope_source_t source;  /* the constant texts in their places */
    /* Whether before and after have the same columns, for these versions of their names. */
    uint64_t before_version, after_version;
    bool twins;
} envelope_path_t;

void envelope_path_free(envelope_path_t *path);

/* Learns the path of a payload that the general reader has just read as an envelope, from its
 * bracket on up to where `behind` stands; strings with escapes are unescaped into what is left of
 * its room. There may be no path: members that are not as Debezium writes them. */
void envelope_path_learn(envelope_path_t *path, const char *payload, const json_reader_t *behind);

/* Walks along the path; the reader stands at the payload's bracket. True: the payload is read, the
 * reader stands behind it, and *out is complete but for the key and with_schema. False: not on the
 * path; *out and the reader are to be set back. */
bool envelope_path_walk(envelope_path_t *path, row_reader_t rows[ROW_KINDS],
                        const envelope_schema_t *schema, json_reader_t *json, envelope_t *out);

#endif
