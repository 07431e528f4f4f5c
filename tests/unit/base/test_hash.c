#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

/* The published outputs of SplitMix64 from state 0: its k-th output is the mix of k × 2^64/φ. */
static void words_are_the_outputs_of_splitmix64(void **state)
{
    (void)state;
    assert_int_equal(hash_word(0, 1), UINT64_C(0xE220A8397B1DCDAF));
    assert_int_equal(hash_word(0, 2), UINT64_C(0x6E789E6AA1B965F4));
    assert_int_equal(hash_word(0, 3), UINT64_C(0x06C45D188009454F));
}

/* The bytes are written out, so that the test holds on a machine of either byte order. */
static void a_number_is_hashed_as_its_eight_little_endian_bytes(void **state)
{
    (void)state;
    const unsigned char bytes[8] = {0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01};
    assert_int_equal(hash_u64(42, UINT64_C(0x0102030405060708)),
                     XXH3_64bits_withSeed(bytes, sizeof bytes, 42));
    assert_int_not_equal(hash_u64(42, 1), hash_u64(43, 1));
}

static void a_draw_is_mapped_below_its_bound_and_reaches_both_ends(void **state)
{
    (void)state;
    assert_int_equal(hash_below(0, 10), 0);
    assert_int_equal(hash_below(UINT32_MAX, 10), 9);
    assert_int_equal(hash_below(UINT32_MAX, 1), 0);
    assert_int_equal(hash_below(UINT32_MAX, UINT32_MAX), UINT32_MAX - 1);
    assert_int_equal(hash_below(UINT32_C(1) << 31, 10), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_the_outputs_of_splitmix64),
        cmocka_unit_test(a_number_is_hashed_as_its_eight_little_endian_bytes),
        cmocka_unit_test(a_draw_is_mapped_below_its_bound_and_reaches_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
