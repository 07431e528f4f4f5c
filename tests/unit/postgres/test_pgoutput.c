#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "postgres/pgoutput.h"
#include "wal_bytes.h"

/* Bytes written by hand from the documentation, so that decoder and encoder are each held to it. */
#define BYTES(text) (text), sizeof(text) - 1

static const int64_t ten_s_into_2000 = PG_EPOCH_UNIX_US + 10 * US_PER_S; /* 0x989680 on the wire */

#define BEGIN_MESSAGE  "B\0\0\0\1\0\0\0\2\0\0\0\0\0\x98\x96\x80\0\0\3\4"
#define COMMIT_MESSAGE "C\0\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0\x32\0\0\0\0\0\x98\x96\x80"
#define RELATION_MESSAGE                                                                           \
    "R\0\0\x40\1public\0t\0f\0\2\1id\0\0\0\x0b\x86\xff\xff\xff\xff\0note\0\0\0\0\x19\xff\xff\xff"  \
    "\xff"
#define INSERT_MESSAGE "I\0\0\x40\1N\0\4t\0\0\0\2abnut\0\0\0\0"
#define UPDATE_MESSAGE "U\0\0\x40\1N\0\1t\0\0\0\1x"
#define UPDATE_OLD_MESSAGE                                                                         \
    "U\0\0\x40\1O\0\2t\0\0\0\1a"                                                                   \
    "nN\0\2t\0\0\0\1b"                                                                             \
    "b\0\0\0\2\0\xff"
#define UPDATE_KEY_MESSAGE "U\0\0\x40\1K\0\1t\0\0\0\1aN\0\1t\0\0\0\1b"
#define DELETE_MESSAGE                                                                             \
    "D\0\0\x40\1K\0\2t\0\0\0\3key"                                                                 \
    "n"
#define TRUNCATE_MESSAGE "T\0\0\0\2\1\0\0\x40\1\0\0\x40\2"
#define TYPE_MESSAGE     "Y\0\0\x40\3public\0mood\0"
#define ORIGIN_MESSAGE   "O\0\0\0\0\0\0\0\1there\0"
#define MESSAGE_MESSAGE  "M\1\0\0\0\0\0\0\0\7prefix\0\0\0\0\2hi"

typedef struct {
    const char *bytes;
    size_t len;
    pgoutput_kind_t kind;
} sample_t;

static const sample_t samples[] = {
    {BYTES(BEGIN_MESSAGE), PGOUTPUT_BEGIN},       {BYTES(COMMIT_MESSAGE), PGOUTPUT_COMMIT},
    {BYTES(RELATION_MESSAGE), PGOUTPUT_RELATION}, {BYTES(INSERT_MESSAGE), PGOUTPUT_INSERT},
    {BYTES(UPDATE_MESSAGE), PGOUTPUT_UPDATE},     {BYTES(UPDATE_OLD_MESSAGE), PGOUTPUT_UPDATE},
    {BYTES(UPDATE_KEY_MESSAGE), PGOUTPUT_UPDATE}, {BYTES(DELETE_MESSAGE), PGOUTPUT_DELETE},
    {BYTES(TRUNCATE_MESSAGE), PGOUTPUT_TRUNCATE}, {BYTES(TYPE_MESSAGE), PGOUTPUT_OTHER},
    {BYTES(ORIGIN_MESSAGE), PGOUTPUT_OTHER},      {BYTES(MESSAGE_MESSAGE), PGOUTPUT_OTHER},
};
static const size_t n_samples = sizeof(samples) / sizeof(samples[0]);

static pgoutput_t message;

/* Decodes a copy of exactly that length, so that a sanitizer sees a read past its end. */
static bool decode_copy(const char *bytes, size_t len, err_t *err)
{
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    bool decoded = pgoutput_decode(copy, len, &message, err);
    free(copy);
    return decoded;
}

static void decode(const char *bytes, size_t len)
{
    err_t err = {0};
    if (!pgoutput_decode(bytes, len, &message, &err)) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(const char *bytes, size_t len)
{
    err_t err = {0};
    assert_false(decode_copy(bytes, len, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_true(err.text[0] != '\0');
}

static void assert_cell(const pgoutput_cell_t *cell, char kind, const char *bytes, uint32_t len)
{
    assert_int_equal(cell->kind, kind);
    assert_int_equal(cell->len, len);
    if (bytes) {
        assert_memory_equal(cell->bytes, bytes, len);
    }
}

static void begin_gives_final_lsn_commit_time_and_xid(void **state)
{
    (void)state;
    decode(BYTES(BEGIN_MESSAGE));
    assert_int_equal(message.kind, PGOUTPUT_BEGIN);
    assert_int_equal(message.final_lsn, UINT64_C(0x100000002));
    assert_int_equal(message.commit_us, ten_s_into_2000);
    assert_int_equal(message.xid, 0x304);
}

static void commit_gives_commit_lsn_end_lsn_and_time(void **state)
{
    (void)state;
    decode(BYTES(COMMIT_MESSAGE));
    assert_int_equal(message.commit_lsn, UINT64_C(0x100000002));
    assert_int_equal(message.end_lsn, UINT64_C(0x100000032));
    assert_int_equal(message.commit_us, ten_s_into_2000);
}

static void relation_gives_names_identity_and_columns(void **state)
{
    (void)state;
    decode(BYTES(RELATION_MESSAGE));
    assert_int_equal(message.relation_id, 0x4001);
    assert_string_equal(message.schema, "public");
    assert_string_equal(message.relation, "t");
    assert_int_equal(message.replica_identity, 'f');
    assert_int_equal(message.n_columns, 2);
    assert_string_equal(message.columns[0].name, "id");
    assert_int_equal(message.columns[0].type_oid, 2950);
    assert_true(message.columns[0].key);
    assert_string_equal(message.columns[1].name, "note");
    assert_int_equal(message.columns[1].type_oid, 25);
    assert_false(message.columns[1].key);
}

static void insert_gives_text_null_unchanged_and_empty_cells(void **state)
{
    (void)state;
    decode(BYTES(INSERT_MESSAGE));
    assert_int_equal(message.relation_id, 0x4001);
    assert_int_equal(message.n_columns, 4);
    assert_int_equal(message.n_old, 0);
    assert_int_equal(message.old_kind, 0);
    assert_cell(&message.cells[0], 't', "ab", 2);
    assert_cell(&message.cells[1], 'n', NULL, 0);
    assert_cell(&message.cells[2], 'u', NULL, 0);
    assert_cell(&message.cells[3], 't', "", 0);
}

static void cells_point_into_the_message(void **state)
{
    (void)state;
    static const char bytes[] = INSERT_MESSAGE;
    decode(bytes, sizeof(bytes) - 1);
    assert_ptr_equal(message.cells[0].bytes, bytes + 13);
}

static void update_without_an_old_tuple_has_none(void **state)
{
    (void)state;
    decode(BYTES(UPDATE_MESSAGE));
    assert_int_equal(message.old_kind, 0);
    assert_int_equal(message.n_old, 0);
    assert_int_equal(message.n_columns, 1);
    assert_cell(&message.cells[0], 't', "x", 1);
}

static void update_gives_the_whole_old_tuple_or_its_key(void **state)
{
    (void)state;
    decode(BYTES(UPDATE_OLD_MESSAGE));
    assert_int_equal(message.old_kind, 'O');
    assert_int_equal(message.n_old, 2);
    assert_cell(&message.old[0], 't', "a", 1);
    assert_cell(&message.old[1], 'n', NULL, 0);
    assert_int_equal(message.n_columns, 2);
    assert_cell(&message.cells[0], 't', "b", 1);
    assert_cell(&message.cells[1], 'b', "\0\xff", 2);
    decode(BYTES(UPDATE_KEY_MESSAGE));
    assert_int_equal(message.old_kind, 'K');
    assert_int_equal(message.n_old, 1);
}

static void delete_gives_the_old_tuple_and_no_new_one(void **state)
{
    (void)state;
    decode(BYTES(DELETE_MESSAGE));
    assert_int_equal(message.old_kind, 'K');
    assert_int_equal(message.n_old, 2);
    assert_cell(&message.old[0], 't', "key", 3);
    assert_int_equal(message.n_columns, 0);
}

static void each_message_has_its_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_samples; i++) {
        decode(samples[i].bytes, samples[i].len);
        assert_int_equal(message.kind, samples[i].kind);
    }
}

static void a_message_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_samples; i++) {
        for (size_t len = 0; len < samples[i].len; len++) {
            assert_refused(samples[i].bytes, len);
        }
    }
}

static void a_message_with_a_byte_too_many_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_samples; i++) {
        char longer[128] = {0};
        assert_true(samples[i].len < sizeof(longer));
        memcpy(longer, samples[i].bytes, samples[i].len);
        assert_refused(longer, samples[i].len + 1);
    }
}

static void an_error_names_type_length_and_place(void **state)
{
    (void)state;
    err_t err = {0};
    assert_false(decode_copy(BYTES("I\0\0\x40\1X\0\0"), &err));
    assert_non_null(strstr(err.text, "0x49"));
    assert_non_null(strstr(err.text, "8 bytes"));
    assert_non_null(strstr(err.text, "byte 5"));
}

static void odd_bytes_are_errors(void **state)
{
    (void)state;
    assert_refused(BYTES("I\0\0\x40\1O\0\0"));                  /* an insert's old tuple */
    assert_refused(BYTES("I\0\0\x40\1\0\0\0"));                 /* no mark at all */
    assert_refused(BYTES("D\0\0\x40\1N\0\0"));                  /* a delete's new tuple */
    assert_refused(BYTES("U\0\0\x40\1O\0\0O\0\0"));             /* two old tuples */
    assert_refused(BYTES("I\0\0\x40\1N\0\1x"));                 /* no such kind of cell */
    assert_refused(BYTES("I\0\0\x40\1N\0\1t\xff\xff\xff\xff")); /* a negative length */
    assert_refused(BYTES("I\0\0\x40\1N\0\1t\x7f\xff\xff\xff"
                         "a"));                   /* a length past the end */
    assert_refused(BYTES("T\xff\xff\xff\xff\0")); /* four billion relations */
    assert_refused(BYTES("S\0\0\0\1\0"));         /* protocol 2: Stream Start */
    assert_refused(BYTES("R\0\0\x40\1public"));   /* a name without an end */
}

static void a_tuple_may_have_as_many_columns_as_a_table_and_no_more(void **state)
{
    (void)state;
    static const char *values[PGOUTPUT_COLUMNS_MAX + 1];
    buf_t bytes = {0};
    wal_insert(&bytes, 1, PGOUTPUT_COLUMNS_MAX, values);
    decode(bytes.data, bytes.len);
    assert_int_equal(message.n_columns, PGOUTPUT_COLUMNS_MAX);
    buf_clear(&bytes);
    wal_insert(&bytes, 1, PGOUTPUT_COLUMNS_MAX + 1, values);
    assert_refused(bytes.data, bytes.len);
    buf_clear(&bytes);
    static wal_column_t columns[PGOUTPUT_COLUMNS_MAX + 1];
    for (size_t i = 0; i <= PGOUTPUT_COLUMNS_MAX; i++) {
        columns[i].name = "c";
    }
    wal_relation(&bytes, 1, "s", "t", 'd', PGOUTPUT_COLUMNS_MAX + 1, columns);
    assert_refused(bytes.data, bytes.len);
    buf_free(&bytes);
}

static void nothing_of_the_message_before_is_left_behind(void **state)
{
    (void)state;
    decode(BYTES(UPDATE_OLD_MESSAGE));
    decode(BYTES(BEGIN_MESSAGE));
    assert_int_equal(message.old_kind, 0);
    assert_int_equal(message.n_old, 0);
    assert_int_equal(message.n_columns, 0);
    assert_int_equal(message.relation_id, 0);
    decode(BYTES(INSERT_MESSAGE));
    assert_int_equal(message.xid, 0);
    assert_int_equal(message.commit_us, 0);
}

/* Compares what the tests' encoder made, and empties it. */
static void assert_made(buf_t *made, const char *bytes, size_t len)
{
    assert_int_equal(made->len, len);
    assert_memory_equal(made->data, bytes, len);
    buf_clear(made);
}

static void the_tests_own_encoder_writes_the_same_bytes(void **state)
{
    (void)state;
    buf_t made = {0};
    wal_begin(&made, UINT64_C(0x100000002), ten_s_into_2000, 0x304);
    assert_made(&made, BYTES(BEGIN_MESSAGE));
    wal_commit(&made, UINT64_C(0x100000002), UINT64_C(0x100000032), ten_s_into_2000);
    assert_made(&made, BYTES(COMMIT_MESSAGE));
    static const wal_column_t columns[] = {{"id", 2950, true}, {"note", 25, false}};
    wal_relation(&made, 0x4001, "public", "t", 'f', 2, columns);
    assert_made(&made, BYTES(RELATION_MESSAGE));
    const char *const inserted[] = {"ab", NULL, WAL_UNCHANGED, ""};
    wal_insert(&made, 0x4001, 4, inserted);
    assert_made(&made, BYTES(INSERT_MESSAGE));
    const char *const old[] = {"a"}, *const new[] = {"b"};
    wal_update(&made, 0x4001, 'K', 1, old, 1, new);
    assert_made(&made, BYTES(UPDATE_KEY_MESSAGE));
    const char *const gone[] = {"key", NULL};
    wal_delete(&made, 0x4001, 'K', 2, gone);
    assert_made(&made, BYTES(DELETE_MESSAGE));
    buf_free(&made);
}

/* ---- the envelope -------------------------------------------------------------------------- */

#define DATA_FRAME      "w\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\x98\x96\x80payload"
#define KEEPALIVE_FRAME "k\0\0\0\0\0\0\1\0\0\0\0\0\0\x98\x96\x80\1"

static void xlogdata_gives_positions_time_and_payload(void **state)
{
    (void)state;
    wal_frame_t frame;
    assert_true(wal_frame_decode(BYTES(DATA_FRAME), &frame, NULL));
    assert_int_equal(frame.kind, WAL_DATA);
    assert_int_equal(frame.wal_start, 0x100);
    assert_int_equal(frame.wal_end, 0x200);
    assert_int_equal(frame.send_us, ten_s_into_2000);
    assert_int_equal(frame.payload_len, 7);
    assert_memory_equal(frame.payload, "payload", 7);
    assert_false(frame.reply_requested);
}

static void a_keepalive_gives_position_time_and_whether_to_reply(void **state)
{
    (void)state;
    wal_frame_t frame;
    assert_true(wal_frame_decode(BYTES(KEEPALIVE_FRAME), &frame, NULL));
    assert_int_equal(frame.kind, WAL_KEEPALIVE);
    assert_int_equal(frame.wal_end, 0x100);
    assert_int_equal(frame.send_us, ten_s_into_2000);
    assert_true(frame.reply_requested);
    assert_null(frame.payload);
}

static void a_short_or_odd_frame_is_an_error(void **state)
{
    (void)state;
    wal_frame_t frame;
    for (size_t len = 0; len < 25; len++) {
        err_t err = {0};
        assert_false(wal_frame_decode(DATA_FRAME, len, &frame, &err));
        assert_int_equal(err.code, ERR_RUN);
    }
    for (size_t len = 0; len < 18; len++) {
        assert_false(wal_frame_decode(KEEPALIVE_FRAME, len, &frame, NULL));
    }
    assert_false(wal_frame_decode(BYTES(KEEPALIVE_FRAME "x"), &frame, NULL));
    assert_false(
        wal_frame_decode(BYTES("x\0\0\0\0\0\0\1\0\0\0\0\0\0\x98\x96\x80\1"), &frame, NULL));
}

static void a_time_beyond_all_range_wraps_and_does_no_harm(void **state)
{
    (void)state;
    wal_frame_t frame;
    assert_true(wal_frame_decode(BYTES("k\0\0\0\0\0\0\1\0\x7f\xff\xff\xff\xff\xff\xff\xff\0"),
                                 &frame, NULL));
    assert_true(frame.send_us < 0);
}

static void a_status_update_has_its_34_bytes(void **state)
{
    (void)state;
    char status[WAL_STATUS_LEN];
    wal_status_encode(status, 3, 2, 1, ten_s_into_2000, true);
    assert_memory_equal(status,
                        "r\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\1"
                        "\0\0\0\0\0\x98\x96\x80\1",
                        WAL_STATUS_LEN);
}

static void a_stream_of_the_tests_own_encoder_decodes(void **state)
{
    (void)state;
    wal_stream_t stream = {0};
    wal_stream_open(&stream, 0x100, 0x200, ten_s_into_2000);
    wal_begin(&stream.bytes, 0x180, ten_s_into_2000, 7);
    wal_stream_close(&stream);
    wal_stream_keepalive(&stream, 0x100, ten_s_into_2000, true);
    assert_int_equal(wal_stream_count(&stream), 2);
    wal_frame_t frame;
    size_t len;
    const char *bytes = wal_stream_frame(&stream, 0, &len);
    assert_true(wal_frame_decode(bytes, len, &frame, NULL));
    decode(frame.payload, frame.payload_len);
    assert_int_equal(message.final_lsn, 0x180);
    bytes = wal_stream_frame(&stream, 1, &len);
    assert_int_equal(len, sizeof(KEEPALIVE_FRAME) - 1);
    assert_memory_equal(bytes, KEEPALIVE_FRAME, len);
    wal_stream_free(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begin_gives_final_lsn_commit_time_and_xid),
        cmocka_unit_test(commit_gives_commit_lsn_end_lsn_and_time),
        cmocka_unit_test(relation_gives_names_identity_and_columns),
        cmocka_unit_test(insert_gives_text_null_unchanged_and_empty_cells),
        cmocka_unit_test(cells_point_into_the_message),
        cmocka_unit_test(update_without_an_old_tuple_has_none),
        cmocka_unit_test(update_gives_the_whole_old_tuple_or_its_key),
        cmocka_unit_test(delete_gives_the_old_tuple_and_no_new_one),
        cmocka_unit_test(each_message_has_its_kind),
        cmocka_unit_test(a_message_cut_anywhere_is_an_error),
        cmocka_unit_test(a_message_with_a_byte_too_many_is_an_error),
        cmocka_unit_test(an_error_names_type_length_and_place),
        cmocka_unit_test(odd_bytes_are_errors),
        cmocka_unit_test(a_tuple_may_have_as_many_columns_as_a_table_and_no_more),
        cmocka_unit_test(nothing_of_the_message_before_is_left_behind),
        cmocka_unit_test(the_tests_own_encoder_writes_the_same_bytes),
        cmocka_unit_test(xlogdata_gives_positions_time_and_payload),
        cmocka_unit_test(a_keepalive_gives_position_time_and_whether_to_reply),
        cmocka_unit_test(a_short_or_odd_frame_is_an_error),
        cmocka_unit_test(a_time_beyond_all_range_wraps_and_does_no_harm),
        cmocka_unit_test(a_status_update_has_its_34_bytes),
        cmocka_unit_test(a_stream_of_the_tests_own_encoder_decodes),
    };
    return cmocka_run_group_tests_name("pgoutput", tests, NULL, NULL);
}
