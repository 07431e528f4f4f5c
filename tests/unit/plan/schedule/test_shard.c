#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "plan/schedule/shard.h"

static void a_shard_is_read(void **state)
{
    (void)state;
    shard_t shard;
    err_t err = {0};
    assert_true(shard_parse("2/3", &shard, &err));
    assert_int_equal(shard.index, 2);
    assert_int_equal(shard.count, 3);
    assert_true(shard_parse("65536/65536", &shard, &err));
    assert_true(shard_parse(NULL, &shard, &err));
    assert_int_equal(shard.index, 1);
    assert_int_equal(shard.count, 1);
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "1",
                                        "/",
                                        "1/",
                                        "/2",
                                        "0/3",
                                        "4/3",
                                        "1/0",
                                        "1/3 ",
                                        " 1/3",
                                        "-1/3",
                                        "1/-3",
                                        "a/b",
                                        "1//3",
                                        "1/3/4",
                                        "+1/3",
                                        "1/65537",
                                        "1.5/3",
                                        "18446744073709551617/2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        shard_t shard;
        err_t err = {0};
        assert_false(shard_parse(wrong[i], &shard, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
}

static void shards_one_after_another_are_the_whole(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 2, 99, 100, UINT64_C(1) << 59};
    static const uint64_t counts[] = {1, 2, 3, 7, SHARD_COUNT_MAX};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            uint64_t next = 1000, least = UINT64_MAX, most = 0;
            for (uint64_t index = 1; index <= counts[c]; index++) {
                shard_t shard = {index, counts[c]};
                uint64_t first = 1000, rows = sizes[s];
                shard_narrow(&shard, &first, &rows);
                assert_true(first == next);
                next = first + rows;
                least = rows < least ? rows : least;
                most = rows > most ? rows : most;
            }
            assert_true(next == 1000 + sizes[s]);
            assert_true(most - least <= 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shard_is_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(shards_one_after_another_are_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
