/*
 * One COPY of ROWS rows in pieces of PIECE_ROWS, over one connection: which size is best, and what
 * the encoder costs beside the sending.
 *
 *     copy_pieces text|binary PIECE_ROWS ROWS
 *
 * libpq's environment says which server; the table is there and empty. Prints the seconds from the
 * COPY's beginning to its acknowledgement.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/encode/encode.h"
#include "postgres/conn.h"

typedef struct {
    pg_conn_t *conn;
    row_space_t space;
    encode_format_t format;
    uint64_t rows, filled, piece_rows;
    char *piece;
} copy_t;

static void fail(const char *why)
{
    fprintf(stderr, "copy_pieces: %s\n", why);
    exit(1);
}

/* The next event, waiting for it as a loop does; anything but what is expected is the end. */
static pg_event_t await(copy_t *copy, pg_event_kind_t expected)
{
    pg_event_t event;
    while (!pg_conn_next(copy->conn, &event)) {
        struct pollfd fd = {.fd = pg_conn_fd(copy->conn)};
        fd.events = (short)((pg_conn_wants_read(copy->conn) ? POLLIN : 0) |
                            (pg_conn_wants_write(copy->conn) ? POLLOUT : 0));
        poll(&fd, 1, -1);
        pg_conn_step(copy->conn, fd.revents & (POLLIN | POLLERR | POLLHUP), fd.revents & POLLOUT);
    }
    if (event.kind != expected)
        fail(event.text[0] != '\0' ? event.text : "the server answered something else");
    return event;
}

static void send_rows(copy_t *copy)
{
    char frame[ENCODE_FRAME_MAX];
    size_t head = encode_head(copy->format, frame);
    bool room = head == 0 || pg_conn_copy_put(copy->conn, frame, head) == PG_PUT_OK;
    while (copy->filled < copy->rows) {
        if (!room)
            await(copy, PG_EVENT_COPY_ROOM);
        uint64_t left = copy->rows - copy->filled;
        uint64_t n = left < copy->piece_rows ? left : copy->piece_rows;
        size_t len = encode_rows(copy->format, &copy->space, copy->filled, n, copy->piece);
        room = pg_conn_copy_put(copy->conn, copy->piece, len) == PG_PUT_OK;
        copy->filled += n;
    }
    size_t tail = encode_tail(copy->format, frame);
    if (tail > 0) {
        if (!room)
            await(copy, PG_EVENT_COPY_ROOM);
        (void)pg_conn_copy_put(copy->conn, frame, tail);
    }
    (void)pg_conn_copy_end(copy->conn);
}

int main(int argc, char **argv)
{
    err_t err = {0};
    copy_t copy = {0};
    char sql[512];
    if (argc != 4)
        fail("usage: copy_pieces text|binary PIECE_ROWS ROWS");
    bool binary = strcmp(argv[1], "binary") == 0;
    copy.format = binary ? ENCODE_COPY_BINARY : ENCODE_COPY_TEXT;
    copy.piece_rows = strtoull(argv[2], NULL, 10);
    copy.rows = strtoull(argv[3], NULL, 10);
    copy.piece = malloc(copy.piece_rows * ENCODE_ROW_MAX);
    row_space_init(&copy.space, 42, KEY_UUID4);
    snprintf(sql, sizeof sql, "COPY %s (%s) FROM STDIN (FORMAT %s)", table_transactions.name,
             table_transactions.copy_list, binary ? "binary" : "text");
    pg_target_t *target = pg_target_new(NULL, &err);
    pg_conn_opts_t opts = {.target = target};
    copy.conn = target == NULL ? NULL : pg_conn_new(&opts);
    if (copy.piece == NULL || copy.conn == NULL || !pg_conn_start(copy.conn, &err))
        fail(err.text);
    await(&copy, PG_EVENT_READY);
    int64_t start_ns = clock_now_ns();
    pg_conn_copy_begin(copy.conn, sql);
    await(&copy, PG_EVENT_COPY_ROOM);
    send_rows(&copy);
    pg_event_t done = await(&copy, PG_EVENT_DONE);
    int64_t took_ns = clock_now_ns() - start_ns;
    if (done.rows != copy.rows)
        fail("the server counts other rows");
    printf("%.6f\n", (double)took_ns / (double)NS_PER_S);
    pg_conn_free(copy.conn);
    pg_target_free(target);
    free(copy.piece);
    return 0;
}
