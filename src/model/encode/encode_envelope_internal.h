/*
 * encode_envelope_internal: an encoder's inside, which encode_envelope_make.c fills once and
 * encode_envelope.c reads. Nobody else includes it.
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_ENVELOPE_INTERNAL_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_ENVELOPE_INTERNAL_H

#include "model/encode/encode_envelope.h"

/* A text that stands in every message. */
typedef struct {
    char *bytes; /* owned */
    size_t len;
} piece_t;

typedef enum {
    PIECE_KEY_HEAD,    /* a key, up to its first brace of columns */
    PIECE_KEY_TAIL,    /* … and behind its value */
    PIECE_HEAD,        /* a value, up to that of "before" */
    PIECE_SOURCE,      /* from behind "after"'s value to that of the source's ts_ms */
    PIECE_SNAPSHOT,    /* … to the first position of its sequence */
    PIECE_TABLE,       /* … to its txId, from behind its ts_ns */
    PIECE_END,         /* from behind ts_ns */
    PIECE_NO_UPDATE,   /* the triggers' columns of a row that was never updated, and the brace */
    PIECE_MODIFIED,    /* from behind the last loaded column to modified_at's value */
    PIECE_CHANGE_INFO, /* from behind change_info's time to the brace */
    PIECE_KEY_ONLY,    /* the columns of an old row of which only the key is known, and the brace */
    PIECES
} piece_number_t;

/* What stands before a column's value: short enough to be copied as one slot. */
typedef struct {
    char bytes[31];
    uint8_t len;
} label_t;

struct envelope_encoder {
    bool replica_identity_full;
    const row_tables_t *tables; /* the process's; not owned */
    label_t labels[TX_LOADED];
    piece_t pieces[PIECES];
};

#endif
