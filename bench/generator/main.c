/*
 * What a row costs to make, on one core:
 *
 *     generator ROUNDS ROWS            every contender, in turn, ROUNDS times; a line of CSV for
 * each generator FORMAT PATH ROWS       ROWS rows once, to be counted: valgrind --tool=callgrind
 *                                      --toggle-collect=counted (FORMAT debezium, update or delete:
 *                                      PATH is not looked at)
 *
 * "memory": into a buffer larger than the caches, one chunk after another; "cached": the same 256
 * KiB again and again, as it is used where rows are sent. memcpy is between two such large buffers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fields.h"
#include "model/encode/encode.h"
#include "model/encode/envelope.h"

#define MEMORY_BYTES (UINT64_C(512) << 20)
#define CHUNK_BYTES  (UINT64_C(256) << 10)

static const char *const format_names[ENCODE_FORMATS] = {"text", "binary", "csv"};

typedef struct {
    row_space_t space;
    envelope_encoder_t *envelope;
    char *from, *to; /* MEMORY_BYTES each */
    uint64_t rows;
    unsigned round;
} bench_t;

static void need(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "generator: %s\n", what);
        exit(1);
    }
}

static void report(const bench_t *b, const char *contender, const char *detail, uint64_t rows,
                   uint64_t bytes, int64_t took_ns)
{
    printf("%u,%s%s%s,%" PRIu64 ",%" PRIu64 ",%" PRId64 "\n", b->round, contender,
           *detail == '\0' ? "" : "_", detail, rows, bytes, took_ns);
    fflush(stdout);
}

static void copy_memory(const bench_t *b)
{
    int64_t start_ns = clock_now_ns();
    memcpy(b->to, b->from, MEMORY_BYTES);
    report(b, "memcpy", "", 0, MEMORY_BYTES, clock_now_ns() - start_ns);
}

typedef size_t write_fn(const bench_t *b, uint64_t first, size_t n, char *out);

/* In chunks of as many rows as fit for certain; behind the buffer's end from its beginning again.
 */
static void write_rows(const bench_t *b, const char *contender, const char *detail, write_fn *write,
                       size_t row_max, bool cached)
{
    uint64_t chunk_rows = CHUNK_BYTES / row_max, bytes = 0, at = 0, done = 0;
    int64_t start_ns = clock_now_ns();
    for (; done < b->rows; done += chunk_rows) {
        if (cached || at + CHUNK_BYTES > MEMORY_BYTES)
            at = 0;
        size_t len = write(b, done, chunk_rows, b->to + at);
        at += len;
        bytes += len;
    }
    report(b, contender, detail, done, bytes, clock_now_ns() - start_ns);
}

/* The contender that write_encoded and write_field stand for; set before each turn. */
static encode_format_t the_format;
static encode_path_t the_path;
static field_fn *the_field;

static size_t write_encoded(const bench_t *b, uint64_t first, size_t n, char *out)
{
    return encode_rows_by(the_path, the_format, &b->space, first, n, out);
}

static size_t write_field(const bench_t *b, uint64_t first, size_t n, char *out)
{
    return the_field(&b->space, first, n, out);
}

static size_t write_debezium(const bench_t *b, uint64_t first, size_t n, char *out)
{
    return envelope_rows_write(b->envelope, &b->space, first, n, out);
}

static void take_turns(bench_t *b)
{
    char name[64];
    copy_memory(b);
    for (the_path = 0; the_path < ENCODE_PATHS; the_path++) {
        for (the_format = 0; the_format < ENCODE_FORMATS; the_format++) {
            if (!encode_path_runs(the_path))
                continue;
            snprintf(name, sizeof name, "%s_%s", format_names[the_format],
                     encode_path_names[the_path]);
            write_rows(b, name, "memory", write_encoded, ENCODE_ROW_MAX, false);
            write_rows(b, name, "cached", write_encoded, ENCODE_ROW_MAX, true);
        }
    }
    write_rows(b, "debezium", "cached", write_debezium, envelope_rows_max(b->envelope), true);
    if (encode_best_path() != ENCODE_AVX2) {
        fprintf(stderr, "generator: no AVX2 here: the fields are not measured one by one\n");
        return;
    }
    for (size_t part = 0; part < n_field_parts; part++) {
        the_field = field_parts[part].write;
        write_rows(b, "field", field_parts[part].name, write_field, ENCODE_ROW_MAX, true);
    }
}

/* Updates as a producer makes them: the row, its old and its new state. */
static size_t write_changes(const bench_t *b, op_t op, uint64_t n, char *out)
{
    size_t len = 0;
    for (uint64_t row = 0; row < n; row++) {
        row_text_t text;
        row_text(&b->space, row, &text);
        envelope_event_t event = {.op = op,
                                  .row = &text,
                                  .timestamp_us = row_timestamp_us(&b->space, row),
                                  .before = envelope_state(&b->space, row, 1, 1795351584217117),
                                  .after = envelope_state(&b->space, row, 2, 1795351584219759),
                                  .commit_us = 1795351584219759,
                                  .event_ns = INT64_C(1795351584249076971),
                                  .txn_id = 788,
                                  .lsn = 26713192,
                                  .last_commit_lsn = 26713136};
        len = envelope_value_write(b->envelope, &event, out);
    }
    return len;
}

__attribute__((noinline)) static size_t counted(const bench_t *b, const char *format, uint64_t n)
{
    size_t bytes = 0, row_max = ENCODE_ROW_MAX;
    if (strcmp(format, "update") == 0 || strcmp(format, "delete") == 0)
        return write_changes(b, *format == 'u' ? OP_UPDATE : OP_DELETE, n, b->to);
    bool debezium = strcmp(format, "debezium") == 0;
    if (debezium)
        row_max = envelope_rows_max(b->envelope);
    uint64_t chunk_rows = CHUNK_BYTES / row_max;
    for (uint64_t done = 0; done < n; done += chunk_rows) {
        uint64_t rows = n - done < chunk_rows ? n - done : chunk_rows;
        bytes +=
            debezium ? write_debezium(b, done, rows, b->to) : write_encoded(b, done, rows, b->to);
    }
    return bytes;
}

/* Its instructions alone are what callgrind is to count: the tables are made before. */
static void count(const bench_t *b, const char *format, const char *path)
{
    bool known = strcmp(format, "debezium") == 0 || strcmp(format, "update") == 0 ||
                 strcmp(format, "delete") == 0;
    for (encode_format_t f = 0; f < ENCODE_FORMATS; f++) {
        if (strcmp(format, format_names[f]) == 0) {
            the_format = f;
            known = true;
        }
    }
    need(known, "FORMAT is text, binary, csv, debezium, update or delete");
    known = false;
    for (encode_path_t p = 0; p < ENCODE_PATHS; p++) {
        if (strcmp(path, encode_path_names[p]) == 0) {
            the_path = p;
            known = true;
        }
    }
    need(known && encode_path_runs(the_path), "PATH is portable, or avx2 where the machine has it");
    for (encode_format_t f = 0; f < ENCODE_FORMATS; f++)
        encode_rows_by(the_path, f, &b->space, 0, 1, b->to);
    printf("%" PRIu64 " rows, %zu bytes\n", b->rows, counted(b, format, b->rows));
}

int main(int argc, char **argv)
{
    static bench_t b;
    need(argc == 3 || argc == 4, "usage: generator ROUNDS ROWS | generator FORMAT PATH ROWS");
    b.rows = strtoull(argv[argc - 1], NULL, 10);
    row_space_init(&b.space, 42, KEY_UUID4);
    envelope_form_t form = {.server = "cdc",
                            .database = "financial_db",
                            .version = ENVELOPE_VERSION,
                            .user = "postgres",
                            .replica_identity_full = true};
    b.envelope = envelope_encoder_new(&form);
    b.to = malloc(MEMORY_BYTES);
    need(b.envelope != NULL && b.to != NULL, "memory is out");
    if (argc == 4) {
        count(&b, argv[1], argv[2]);
    } else {
        b.from = malloc(MEMORY_BYTES);
        need(b.from != NULL, "memory is out");
        memset(b.from, 1, MEMORY_BYTES); /* every page is there before anything is timed */
        memset(b.to, 2, MEMORY_BYTES);
        printf("round,contender,rows,bytes,ns\n");
        for (int rounds = atoi(argv[1]); rounds > 0; rounds--, b.round++)
            take_turns(&b);
    }
    free(b.from);
    free(b.to);
    envelope_encoder_free(b.envelope);
    return 0;
}
