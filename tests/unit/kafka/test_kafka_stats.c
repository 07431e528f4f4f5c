/* kafka_stats: what is read of librdkafka's statistics, and what is passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "kafka/kafka_stats.h"

static int firsts;
static char first_topic[32];
static int32_t first_partition;
static int64_t first_offset;

static void note(void *ctx, const char *topic, int32_t partition, int64_t first)
{
    (void)ctx;
    firsts++;
    strncpy(first_topic, topic, sizeof first_topic - 1);
    first_partition = partition;
    first_offset = first;
}

static bool read_stats(const char *json, kafka_stats_t *out)
{
    firsts = 0;
    return kafka_stats_read(json, strlen(json), out, note, NULL);
}

static void the_wire_bytes_of_all_brokers_are_added(void **state)
{
    (void)state;
    kafka_stats_t stats;
    assert_true(read_stats("{\"brokers\":{\"h:1/bootstrap\":{\"state\":\"DOWN\",\"rxbytes\":5},"
                           "\"h:1/1\":{\"state\":\"UP\",\"rxbytes\":4000000000},"
                           "\"h:2/2\":{\"state\":\"CONNECT\",\"rxbytes\":600}}}",
                           &stats));
    assert_int_equal(stats.wire_bytes, 4000000605);
    assert_int_equal(stats.brokers_up, 1);
}

static void the_first_offset_of_a_partition_is_told_where_it_is_known(void **state)
{
    (void)state;
    kafka_stats_t stats;
    assert_true(read_stats("{\"topics\":{\"t\":{\"partitions\":{"
                           "\"0\":{\"partition\":0,\"fetchq_size\":7,\"lo_offset\":-1001},"
                           "\"1\":{\"partition\":1,\"fetchq_size\":7,\"lo_offset\":42},"
                           "\"-1\":{\"partition\":-1,\"fetchq_size\":0,\"lo_offset\":3}}}}}",
                           &stats));
    assert_int_equal(firsts, 1);
    assert_string_equal(first_topic, "t");
    assert_int_equal(first_partition, 1);
    assert_int_equal(first_offset, 42);
    assert_int_equal(stats.queued_bytes, 7); /* of the one queue that both feed */
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    kafka_stats_t stats;
    assert_false(read_stats("[]", &stats));
    assert_false(read_stats("{\"brokers\":", &stats));
    assert_false(read_stats("", &stats));
    assert_true(read_stats("{}", &stats));
    assert_int_equal(stats.wire_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wire_bytes_of_all_brokers_are_added),
        cmocka_unit_test(the_first_offset_of_a_partition_is_told_where_it_is_known),
        cmocka_unit_test(what_is_no_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
