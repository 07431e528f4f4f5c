/* The encoder against the messages that were recorded from Debezium (tests/envelopes), byte for
 * byte: their row, times and positions are given to it, all else is its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/encode/envelope.h"

/* The row that was recorded: docs/connector.md and tests/envelopes/README.md. */
static const char *const recorded_columns[TX_LOADED] = {
    "0b5a1d2e-6d0c-4c0e-9d53-2f1e1f5a0002",
    "lauraperez",
    "",
    "",
    "USD",
    "South Jacqueline", /* deleted as of "Paris" */
    "United Kingdom",
    "Hernandez, Smith and Jones",
    "credit_card",
    "203.0.113.77",
    "",
    "7c9e6679-7425-40de-944b-e07fc1f90ae7"};
#define RECORDED_TIMESTAMP_US INT64_C(1795341600123456)

#define LAST_TIME_US INT64_C(253402300799999999) /* 9999-12-31 23:59:59.999999 */

static row_text_t recorded_row(const char *city)
{
    row_text_t row = {0};
    size_t at = 0;
    for (size_t column = 0; column < TX_LOADED; column++) {
        const char *value = column == TX_CITY ? city : recorded_columns[column];
        row.start[column] = (uint16_t)at;
        memcpy(row.text + at, value, strlen(value));
        at += strlen(value);
        row.text[at++] = column + 1 == TX_LOADED ? '\n' : '\t';
    }
    row.start[TX_LOADED] = (uint16_t)at;
    return row;
}

static size_t load(const char *event, const char *part, char *bytes, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/../envelopes/%s.%s.json", GOLDEN_DIR, event, part);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    size_t len = fread(bytes, 1, size - 1, file);
    fclose(file);
    bytes[len] = '\0';
    return len;
}

/* The number behind a name, from `text` on. */
static int64_t number_behind(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    assert_non_null(at);
    return strtoll(at + strlen(name), NULL, 10);
}

static op_t op_of(char letter)
{
    return letter == 'c' ? OP_INSERT : letter == 'u' ? OP_UPDATE : OP_DELETE;
}

/* Times and positions of the recorded message. */
static envelope_event_t recorded_event(const char *message, const char *event)
{
    const char *source = strstr(message, "\"source\":{\"version\"");
    assert_non_null(source);
    const char *sequence = strstr(source, "\"sequence\":\"[") + strlen("\"sequence\":\"[");
    char letter = event[strlen(event) - 1];
    envelope_event_t made = {
        .op = op_of(letter),
        .timestamp_us = RECORDED_TIMESTAMP_US,
        .commit_us = number_behind(source, "\"ts_us\":"),
        .event_ns = number_behind(strstr(source, "\"op\":"), "\"ts_ns\":"),
        .txn_id = (uint32_t)number_behind(source, "\"txId\":"),
        .lsn = (uint64_t)number_behind(source, "\"lsn\":"),
        .last_commit_lsn = *sequence == 'n' ? 0 : strtoull(sequence + 2, NULL, 10),
    };
    envelope_state_t inserted = {81207, 81207, ENVELOPE_NEVER_UPDATED};
    envelope_state_t updated = {91207, 81207, 0};
    if (made.op == OP_INSERT) {
        made.after = inserted;
    } else if (made.op == OP_UPDATE) {
        updated.modified_at_us =
            number_behind(strstr(message, "\"after\":{\"transaction_id\""), "\"modified_at\":");
        made.before = inserted;
        made.after = updated;
    } else { /* its last update changed the city and left the amount alone */
        made.before = (envelope_state_t){91207, 91207, 0};
        const char *before = strstr(message, "\"before\":{\"transaction_id\"");
        if (strstr(event, "FULL") != NULL)
            made.before.modified_at_us = number_behind(before, "\"modified_at\":");
    }
    return made;
}

static void assert_recorded(bool schemas, bool full, const char *op)
{
    char event[64], expected[8192], made[16384];
    envelope_form_t form = {.server = "cdc",
                            .database = "financial_db",
                            .version = ENVELOPE_VERSION,
                            .user = "postgres",
                            .schemas = schemas,
                            .replica_identity_full = full};
    envelope_encoder_t *encoder = envelope_encoder_new(&form);
    assert_non_null(encoder);
    assert_in_range(envelope_key_max(encoder), 1, sizeof made);
    assert_in_range(envelope_value_max(encoder), 1, sizeof made);
    snprintf(event, sizeof event, "%s_%s_%s", schemas ? "schema" : "noschema",
             full ? "FULL" : "DEFAULT", op);
    row_text_t row = recorded_row(*op == 'd' ? "Paris" : recorded_columns[TX_CITY]);

    size_t len = load(event, "key", expected, sizeof expected);
    size_t made_len = envelope_key_write(encoder, &row, made);
    made[made_len] = '\0';
    assert_string_equal(made, expected);
    assert_int_equal(made_len, len);

    len = load(event, "value", expected, sizeof expected);
    envelope_event_t change = recorded_event(expected, event);
    change.row = &row;
    made_len = envelope_value_write(encoder, &change, made);
    made[made_len] = '\0';
    assert_string_equal(made, expected);
    assert_int_equal(made_len, len);
    envelope_encoder_free(encoder);
}

static void messages_are_those_that_debezium_wrote(void **state)
{
    (void)state;
    static const char *const ops[] = {"c", "u", "d"};
    for (int form = 0; form < 4; form++) {
        for (size_t op = 0; op < sizeof ops / sizeof *ops; op++)
            assert_recorded(form & 1, form & 2, ops[op]);
    }
}

/* No buffer is written past its announced end, whatever the row; names are escaped. */
static void a_message_stays_within_the_announced_size(void **state)
{
    (void)state;
    envelope_form_t form = {.server = "a \"quoted\" server",
                            .database = "back\\slash",
                            .version = ENVELOPE_VERSION,
                            .user = "line\nbreak \"quoted\" \001",
                            .schemas = true,
                            .replica_identity_full = true};
    envelope_encoder_t *encoder = envelope_encoder_new(&form);
    assert_non_null(encoder);
    char *key = malloc(envelope_key_max(encoder)), *value = malloc(envelope_value_max(encoder));
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    row_text_t row;
    for (uint64_t i = 0; i < 5000; i++) {
        row_text(&space, i, &row);
        envelope_event_t event = {.op = OP_UPDATE,
                                  .row = &row,
                                  .timestamp_us = row_timestamp_us(&space, i),
                                  .before = envelope_state(&space, i, 65520, 1),
                                  .after = envelope_state(&space, i, 65521, LAST_TIME_US),
                                  .commit_us = INT64_MAX / 1000,
                                  .event_ns = INT64_MAX,
                                  .txn_id = UINT32_MAX,
                                  .lsn = UINT64_MAX,
                                  .last_commit_lsn = UINT64_MAX};
        assert_in_range(envelope_key_write(encoder, &row, key), 1, envelope_key_max(encoder));
        assert_in_range(envelope_value_write(encoder, &event, value), 1,
                        envelope_value_max(encoder));
    }
    assert_non_null(strstr(value, "\"name\":\"a \\\"quoted\\\" server\""));
    assert_non_null(strstr(value, "\"db\":\"back\\\\slash\""));
    assert_non_null(strstr(value, "\"modified_by\":\"line\\nbreak \\\"quoted\\\" \\u0001\""));
    assert_non_null(strstr(value, "\\\"modified_by\\\": \\\"line\\\\nbreak \\\\\\\"quoted"));
    free(key);
    free(value);
    envelope_encoder_free(encoder);
}

static void versions_wrap(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    envelope_state_t after = envelope_state(&space, 3, ROW_VERSIONS, 5);
    assert_int_equal(after.cents, row_amount_cents(&space, 3, 0));
    assert_int_equal(after.old_cents, row_amount_cents(&space, 3, ROW_VERSIONS - 1));
    assert_int_equal(after.modified_at_us, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_those_that_debezium_wrote),
        cmocka_unit_test(a_message_stays_within_the_announced_size),
        cmocka_unit_test(versions_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
