/* What a replication connection brings, as an envelope and as a bare message: nothing may be read
 * outside of it, and what is decoded must lie inside. */
#include <stdint.h>
#include <stdlib.h>

#include "postgres/pgoutput.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static pgoutput_t message;
static volatile unsigned char sink;

static void check_inside(const char *bytes, size_t len, const char *from, size_t n)
{
    if (from < bytes || n > len || from - bytes > (ptrdiff_t)(len - n)) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        sink ^= (unsigned char)from[i];
    }
}

static void check_tuple(const char *bytes, size_t len, const pgoutput_cell_t *cells, uint16_t n)
{
    for (uint16_t i = 0; i < n; i++) {
        if (cells[i].kind == 't' || cells[i].kind == 'b') {
            check_inside(bytes, len, cells[i].bytes, cells[i].len);
        }
    }
}

static void check_message(const char *bytes, size_t len)
{
    err_t err;
    if (!pgoutput_decode(bytes, len, &message, &err)) {
        return;
    }
    if (message.kind == PGOUTPUT_RELATION) {
        for (uint16_t i = 0; i < message.n_columns; i++) {
            check_inside(bytes, len, message.columns[i].name, 1);
        }
    } else {
        check_tuple(bytes, len, message.cells, message.n_columns);
        check_tuple(bytes, len, message.old, message.n_old);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    wal_frame_t frame;
    if (wal_frame_decode(bytes, size, &frame, NULL) && frame.kind == WAL_DATA) {
        check_message(frame.payload, frame.payload_len);
    }
    check_message(bytes, size);
    return 0;
}
