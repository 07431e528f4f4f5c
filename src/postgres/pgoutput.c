#include "postgres/pgoutput.h"

#include <string.h>

#include "base/clock.h"

/* ---- reading: every read is checked against the end ------------------------------------------ */

typedef struct {
    const char *at, *end;
} reader_t;

static inline size_t left(const reader_t *r)
{
    return (size_t)(r->end - r->at);
}

static inline uint16_t load16(const char *at)
{
    uint16_t raw;
    memcpy(&raw, at, sizeof(raw));
    return __builtin_bswap16(raw);
}

static inline uint32_t load32(const char *at)
{
    uint32_t raw;
    memcpy(&raw, at, sizeof(raw));
    return __builtin_bswap32(raw);
}

static inline uint64_t load64(const char *at)
{
    uint64_t raw;
    memcpy(&raw, at, sizeof(raw));
    return __builtin_bswap64(raw);
}

static inline void store64(char *at, uint64_t value)
{
    uint64_t raw = __builtin_bswap64(value);
    memcpy(at, &raw, sizeof(raw));
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire is big-endian, we are not");

static inline bool read8(reader_t *r, uint8_t *out)
{
    if (left(r) < 1) {
        return false;
    }
    *out = (uint8_t)*r->at++;
    return true;
}

static inline bool read16(reader_t *r, uint16_t *out)
{
    if (left(r) < sizeof(*out)) {
        return false;
    }
    *out = load16(r->at);
    r->at += sizeof(*out);
    return true;
}

static inline bool read32(reader_t *r, uint32_t *out)
{
    if (left(r) < sizeof(*out)) {
        return false;
    }
    *out = load32(r->at);
    r->at += sizeof(*out);
    return true;
}

static inline bool read64(reader_t *r, uint64_t *out)
{
    if (left(r) < sizeof(*out)) {
        return false;
    }
    *out = load64(r->at);
    r->at += sizeof(*out);
    return true;
}

/* The server's µs since 2000 as Unix µs. Unsigned: what comes from outside may overflow. */
static inline int64_t unix_us(uint64_t wire)
{
    return (int64_t)(wire + (uint64_t)PG_EPOCH_UNIX_US);
}

static inline bool read_time(reader_t *r, int64_t *out)
{
    uint64_t wire;
    if (!read64(r, &wire)) {
        return false;
    }
    *out = unix_us(wire);
    return true;
}

static bool read_string(reader_t *r, const char **out)
{
    const char *nul = memchr(r->at, '\0', left(r));
    if (!nul) {
        return false;
    }
    *out = r->at;
    r->at = nul + 1;
    return true;
}

static inline bool skip(reader_t *r, size_t bytes)
{
    if (left(r) < bytes) {
        return false;
    }
    r->at += bytes;
    return true;
}

/* ---- messages: the reader stands behind the type byte ---------------------------------------- */

/* Begin 'B' | u64 final LSN | i64 commit time | u32 xid */
static bool decode_begin(reader_t *r, pgoutput_t *out)
{
    return read64(r, &out->final_lsn) && read_time(r, &out->commit_us) && read32(r, &out->xid);
}

/* Commit 'C' | u8 flags = 0 | u64 commit LSN | u64 end LSN | i64 commit time */
static bool decode_commit(reader_t *r, pgoutput_t *out)
{
    return skip(r, 1) && read64(r, &out->commit_lsn) && read64(r, &out->end_lsn) &&
           read_time(r, &out->commit_us);
}

/* Relation 'R' | u32 oid | schema… 0 | name… 0 | u8 replica identity | u16 n | n × column
 *   column  u8 flags (1: key) | name… 0 | u32 type oid | i32 type modifier */
static bool decode_relation(reader_t *r, pgoutput_t *out)
{
    uint8_t identity;
    if (!read32(r, &out->relation_id) || !read_string(r, &out->schema) ||
        !read_string(r, &out->relation) || !read8(r, &identity) || !read16(r, &out->n_columns) ||
        out->n_columns > PGOUTPUT_COLUMNS_MAX) {
        return false;
    }
    out->replica_identity = (char)identity;
    for (uint16_t i = 0; i < out->n_columns; i++) {
        pgoutput_column_t *column = &out->columns[i];
        uint8_t flags;
        if (!read8(r, &flags) || !read_string(r, &column->name) || !read32(r, &column->type_oid) ||
            !skip(r, 4)) {
            return false;
        }
        column->key = flags & 1;
    }
    return true;
}

/* Tuple   u16 n | n × cell
 *   cell  'n' NULL | 'u' unchanged TOAST | 't' i32 length, text | 'b' i32 length, binary */
static bool decode_tuple(reader_t *r, pgoutput_cell_t *cells, uint16_t *n_cells)
{
    uint16_t n;
    if (!read16(r, &n) || n > PGOUTPUT_COLUMNS_MAX) {
        return false;
    }
    for (uint16_t i = 0; i < n; i++) {
        if (left(r) < 1) {
            return false;
        }
        pgoutput_cell_t *cell = &cells[i];
        cell->kind = *r->at++;
        cell->bytes = NULL;
        cell->len = 0;
        if (cell->kind == 't' || cell->kind == 'b') {
            /* A negative length reads as one that no message has. */
            if (!read32(r, &cell->len) || left(r) < cell->len) {
                return false;
            }
            cell->bytes = r->at;
            r->at += cell->len;
        } else if (cell->kind != 'n' && cell->kind != 'u') {
            r->at--;
            return false;
        }
    }
    *n_cells = n;
    return true;
}

/* The byte that says which tuple follows, if it is one of those. */
static bool read_mark(reader_t *r, const char *marks, char *out)
{
    if (left(r) < 1 || !*r->at || !strchr(marks, *r->at)) {
        return false;
    }
    *out = *r->at++;
    return true;
}

/* Insert 'I' | u32 relation | 'N' new tuple */
static bool decode_insert(reader_t *r, pgoutput_t *out)
{
    char mark;
    return read32(r, &out->relation_id) && read_mark(r, "N", &mark) &&
           decode_tuple(r, out->cells, &out->n_columns);
}

/* Update 'U' | u32 relation | ['K' old key | 'O' old tuple] | 'N' new tuple */
static bool decode_update(reader_t *r, pgoutput_t *out)
{
    char mark;
    if (!read32(r, &out->relation_id) || !read_mark(r, "KON", &mark)) {
        return false;
    }
    if (mark != 'N') {
        out->old_kind = mark;
        if (!decode_tuple(r, out->old, &out->n_old) || !read_mark(r, "N", &mark)) {
            return false;
        }
    }
    return decode_tuple(r, out->cells, &out->n_columns);
}

/* Delete 'D' | u32 relation | 'K' old key | 'O' old tuple */
static bool decode_delete(reader_t *r, pgoutput_t *out)
{
    return read32(r, &out->relation_id) && read_mark(r, "KO", &out->old_kind) &&
           decode_tuple(r, out->old, &out->n_old);
}

/* Truncate 'T' | u32 n | u8 options | n × u32 relation */
static bool decode_truncate(reader_t *r)
{
    uint32_t n;
    return read32(r, &n) && skip(r, 1) && skip(r, (size_t)n * 4);
}

/* Type 'Y' | u32 oid | schema… 0 | name… 0 */
static bool decode_type(reader_t *r)
{
    const char *schema, *name;
    return skip(r, 4) && read_string(r, &schema) && read_string(r, &name);
}

/* Origin 'O' | u64 commit LSN on the origin | name… 0 */
static bool decode_origin(reader_t *r)
{
    const char *name;
    return skip(r, 8) && read_string(r, &name);
}

/* Message 'M' | u8 flags | u64 LSN | prefix… 0 | u32 length, content */
static bool decode_message(reader_t *r)
{
    const char *prefix;
    uint32_t len;
    return skip(r, 9) && read_string(r, &prefix) && read32(r, &len) && skip(r, len);
}

static bool decode_body(reader_t *r, char type, pgoutput_t *out)
{
    switch (type) {
    case 'I':
        out->kind = PGOUTPUT_INSERT;
        return decode_insert(r, out);
    case 'U':
        out->kind = PGOUTPUT_UPDATE;
        return decode_update(r, out);
    case 'D':
        out->kind = PGOUTPUT_DELETE;
        return decode_delete(r, out);
    case 'B':
        out->kind = PGOUTPUT_BEGIN;
        return decode_begin(r, out);
    case 'C':
        out->kind = PGOUTPUT_COMMIT;
        return decode_commit(r, out);
    case 'R':
        out->kind = PGOUTPUT_RELATION;
        return decode_relation(r, out);
    case 'T':
        out->kind = PGOUTPUT_TRUNCATE;
        return decode_truncate(r);
    case 'Y':
        out->kind = PGOUTPUT_OTHER;
        return decode_type(r);
    case 'O':
        out->kind = PGOUTPUT_OTHER;
        return decode_origin(r);
    case 'M':
        out->kind = PGOUTPUT_OTHER;
        return decode_message(r);
    default: /* S, E, c, A: streaming and two-phase need protocols 2 and 3, which are not asked for
              */
        return false;
    }
}

bool pgoutput_decode(const char *bytes, size_t len, pgoutput_t *out, err_t *err)
{
    if (len == 0) {
        return err_set(err, ERR_RUN, "an empty pgoutput message");
    }
    /* Field by field: the arrays are large, and only as much of them as is counted is read. */
    out->final_lsn = out->commit_lsn = out->end_lsn = 0;
    out->commit_us = 0;
    out->xid = 0;
    out->relation_id = 0;
    out->schema = out->relation = NULL;
    out->replica_identity = 0;
    out->old_kind = 0;
    out->n_columns = 0;
    out->n_old = 0;

    reader_t r = {bytes + 1, bytes + len};
    if (decode_body(&r, bytes[0], out) && left(&r) == 0) {
        return true;
    }
    return err_set(err, ERR_RUN,
                   "a pgoutput message of type 0x%02x, %zu bytes long, is not as protocol 1 has it "
                   "at byte %zu",
                   (unsigned char)bytes[0], len, (size_t)(r.at - bytes));
}

/* ---- the streaming protocol's envelope ------------------------------------------------------- */

enum { DATA_HEADER = 25, KEEPALIVE_LEN = 18 };

/* XLogData  'w' | u64 WAL start | u64 WAL end | i64 send time | payload (from byte 25)
 * keepalive 'k' | u64 WAL end | i64 send time | u8 reply requested */
bool wal_frame_decode(const char *bytes, size_t len, wal_frame_t *out, err_t *err)
{
    if (len >= DATA_HEADER && bytes[0] == 'w') {
        out->kind = WAL_DATA;
        out->wal_start = load64(bytes + 1);
        out->wal_end = load64(bytes + 9);
        out->send_us = unix_us(load64(bytes + 17));
        out->reply_requested = false;
        out->payload = bytes + DATA_HEADER;
        out->payload_len = len - DATA_HEADER;
        return true;
    }
    if (len == KEEPALIVE_LEN && bytes[0] == 'k') {
        out->kind = WAL_KEEPALIVE;
        out->wal_start = 0;
        out->wal_end = load64(bytes + 1);
        out->send_us = unix_us(load64(bytes + 9));
        out->reply_requested = bytes[17] != 0;
        out->payload = NULL;
        out->payload_len = 0;
        return true;
    }
    return err_set(
        err, ERR_RUN,
        "a message of the replication stream, type 0x%02x and %zu bytes long, is neither "
        "XLogData nor a keepalive",
        len > 0 ? (unsigned char)bytes[0] : 0U, len);
}

/* status 'r' | u64 written | u64 flushed | u64 applied | i64 clock | u8 reply requested */
void wal_status_encode(char out[WAL_STATUS_LEN], uint64_t written, uint64_t flushed,
                       uint64_t applied, int64_t now_us, bool reply_requested)
{
    out[0] = 'r';
    store64(out + 1, written);
    store64(out + 9, flushed);
    store64(out + 17, applied);
    store64(out + 25, (uint64_t)now_us - (uint64_t)PG_EPOCH_UNIX_US);
    out[33] = reply_requested ? 1 : 0;
}
