/*
 * wal_bytes: makes what a server sends on a logical replication connection, for tests: pgoutput
 * messages (protocol 1) appended to a buffer, and a stream of XLogData and keep-alive frames to
 * hold them. Source of the layouts: PostgreSQL documentation, "Logical Replication Message
 * Formats". Times are Unix µs. Out of memory is an assertion.
 */
#ifndef CDCBENCH_TESTS_WAL_BYTES_H
#define CDCBENCH_TESTS_WAL_BYTES_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

/* A value that stands for an unchanged TOASTed column: compared by address. NULL is SQL NULL. */
static const char WAL_UNCHANGED[] = "(unchanged)";

typedef struct {
    const char *name;
    uint32_t type_oid;
    bool key;
} wal_column_t;

static inline void wal_bytes(buf_t *out, const void *bytes, size_t len)
{
    bool put = buf_put(out, bytes, len);
    assert(put);
    (void)put;
}

/* The low `width` bytes of value, big-endian. */
static inline void wal_int(buf_t *out, uint64_t value, size_t width)
{
    char bytes[8];
    for (size_t i = 0; i < width; i++) {
        bytes[i] = (char)(value >> (8 * (width - 1 - i)) & 0xff);
    }
    wal_bytes(out, bytes, width);
}

static inline void wal_string(buf_t *out, const char *text)
{
    wal_bytes(out, text, strlen(text) + 1);
}

static inline void wal_time(buf_t *out, int64_t unix_us)
{
    wal_int(out, (uint64_t)(unix_us - PG_EPOCH_UNIX_US), 8);
}

static inline void wal_begin(buf_t *out, uint64_t final_lsn, int64_t commit_us, uint32_t xid)
{
    wal_int(out, 'B', 1);
    wal_int(out, final_lsn, 8);
    wal_time(out, commit_us);
    wal_int(out, xid, 4);
}

static inline void wal_commit(buf_t *out, uint64_t commit_lsn, uint64_t end_lsn, int64_t commit_us)
{
    wal_int(out, 'C', 1);
    wal_int(out, 0, 1);
    wal_int(out, commit_lsn, 8);
    wal_int(out, end_lsn, 8);
    wal_time(out, commit_us);
}

static inline void wal_relation(buf_t *out, uint32_t oid, const char *schema, const char *name,
                                char identity, uint16_t n, const wal_column_t *columns)
{
    wal_int(out, 'R', 1);
    wal_int(out, oid, 4);
    wal_string(out, schema);
    wal_string(out, name);
    wal_int(out, (uint8_t)identity, 1);
    wal_int(out, n, 2);
    for (uint16_t i = 0; i < n; i++) {
        wal_int(out, columns[i].key, 1);
        wal_string(out, columns[i].name);
        wal_int(out, columns[i].type_oid, 4);
        wal_int(out, UINT32_MAX, 4); /* no type modifier */
    }
}

static inline void wal_tuple(buf_t *out, uint16_t n, const char *const *values)
{
    wal_int(out, n, 2);
    for (uint16_t i = 0; i < n; i++) {
        if (!values[i]) {
            wal_int(out, 'n', 1);
        } else if (values[i] == WAL_UNCHANGED) {
            wal_int(out, 'u', 1);
        } else {
            wal_int(out, 't', 1);
            wal_int(out, strlen(values[i]), 4);
            wal_bytes(out, values[i], strlen(values[i]));
        }
    }
}

static inline void wal_insert(buf_t *out, uint32_t oid, uint16_t n, const char *const *values)
{
    wal_int(out, 'I', 1);
    wal_int(out, oid, 4);
    wal_int(out, 'N', 1);
    wal_tuple(out, n, values);
}

/* old_kind: 'K', 'O', or 0: no old tuple. */
static inline void wal_update(buf_t *out, uint32_t oid, char old_kind, uint16_t n_old,
                              const char *const *old, uint16_t n, const char *const *values)
{
    wal_int(out, 'U', 1);
    wal_int(out, oid, 4);
    if (old_kind) {
        wal_int(out, (uint8_t)old_kind, 1);
        wal_tuple(out, n_old, old);
    }
    wal_int(out, 'N', 1);
    wal_tuple(out, n, values);
}

/* old_kind: 'K' or 'O'. */
static inline void wal_delete(buf_t *out, uint32_t oid, char old_kind, uint16_t n_old,
                              const char *const *old)
{
    wal_int(out, 'D', 1);
    wal_int(out, oid, 4);
    wal_int(out, (uint8_t)old_kind, 1);
    wal_tuple(out, n_old, old);
}

/* Frames one after another: open one, append a message to &stream->bytes, close it. All zero to
 * begin with. */
typedef struct {
    buf_t bytes;
    buf_t ends; /* size_t: where each frame ends in bytes */
} wal_stream_t;

static inline void wal_stream_open(wal_stream_t *stream, uint64_t wal_start, uint64_t wal_end,
                                   int64_t send_us)
{
    wal_int(&stream->bytes, 'w', 1);
    wal_int(&stream->bytes, wal_start, 8);
    wal_int(&stream->bytes, wal_end, 8);
    wal_time(&stream->bytes, send_us);
}

static inline void wal_stream_close(wal_stream_t *stream)
{
    wal_bytes(&stream->ends, &stream->bytes.len, sizeof(stream->bytes.len));
}

static inline void wal_stream_keepalive(wal_stream_t *stream, uint64_t wal_end, int64_t send_us,
                                        bool reply_requested)
{
    wal_int(&stream->bytes, 'k', 1);
    wal_int(&stream->bytes, wal_end, 8);
    wal_time(&stream->bytes, send_us);
    wal_int(&stream->bytes, reply_requested, 1);
    wal_stream_close(stream);
}

static inline size_t wal_stream_count(const wal_stream_t *stream)
{
    return stream->ends.len / sizeof(size_t);
}

/* The i-th frame, as a CopyData holds it; good until the stream grows. */
static inline const char *wal_stream_frame(const wal_stream_t *stream, size_t i, size_t *len)
{
    size_t from = 0, to;
    assert(i < wal_stream_count(stream));
    if (i > 0) {
        memcpy(&from, stream->ends.data + (i - 1) * sizeof(from), sizeof(from));
    }
    memcpy(&to, stream->ends.data + i * sizeof(to), sizeof(to));
    *len = to - from;
    return stream->bytes.data + from;
}

static inline void wal_stream_free(wal_stream_t *stream)
{
    buf_free(&stream->bytes);
    buf_free(&stream->ends);
}

#endif
