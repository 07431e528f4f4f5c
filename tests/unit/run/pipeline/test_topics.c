/* The topics' names, and what Debezium calls the tables in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/pipeline/topics.h"

static void check(const char *const *settings, size_t n, const char *topic, const char *collection)
{
    connector_needs_t needs = {.hostname = "h",
                               .port = "1",
                               .dbname = "d",
                               .user = "u",
                               .tables = "public.transactions,public.wide"};
    connector_config_t connector;
    topics_t topics;
    err_t err = {0};
    assert_true(connector_config_make(&connector, &needs, NULL, settings, n, &err));
    assert_true(topics_name(&topics, &connector, 2, &err));
    assert_string_equal(topics.at[1].name, topic);
    assert_string_equal(topics.collections[1], collection);
    topics_end(&topics);
    connector_config_end(&connector);
}

static void a_table_is_called_as_its_topic_without_the_prefix(void **state)
{
    (void)state;
    check((const char *const[]){"topic.prefix=cdc"}, 1, "cdc.public.wide", "public.wide");
    check((const char *const[]){"topic.prefix=eu.cdc",
                                "table.include.list=bench.transactions,bench.wide"},
          2, "eu.cdc.bench.wide", "bench.wide");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_called_as_its_topic_without_the_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
