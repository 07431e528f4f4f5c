/* What a Kafka topic brings, as a change and as a transaction's metadata. The first byte says how
 * the value begins, so that a run need not find the envelope's members by chance; the rest is key
 * and value. Nothing may be read outside of them, whatever the reader says is readable must be, and
 * what it remembers of the messages before must not show. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/format/envelope.h"
#include "kafka/format/transaction_meta.h"
#include "unit/kafka/envelope_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const beginnings[] = {
    "",
    "{\"schema\":{\"name\":\"org.apache.kafka.connect.data.Decimal\",\"parameters\":{\"scale\":"
    "\"2\"}"
    ",\"field\":\"a\"},\"payload\":{\"op\":\"c\",\"source\":{},\"after\":{\"a\":",
    "{\"schema\":{",
    "{\"op\":\"u\",\"source\":{\"lsn\":1,\"sequence\":\"",
    "{\"op\":\"u\",\"source\":{},\"after\":{\"a\":1,\"b\":",
    "{\"op\":\"u\",\"source\":{},\"after\":{\"a\":{\"scale\":2,\"value\":\"",
    "{\"id\":1,\"__",
    "{\"before\":{\"a\":\"x\",\"b\":7},\"after\":{\"a\":\"x\",\"b\":7},\"source\":{\"name\":\"n\","
    "\"ts_us\":7,"
    "\"sequence\":\"[\\\"7\\\",\\\"8\\\"]\",\"lsn\":7},\"transaction\":{\"id\":\"1\"},\"op\":\"u\","
    "\"ts_ms\":7",
    "{\"before\":{\"a\":\"x\",\"b\":7},\"after\":{\"a\":\"",
    "{\"status\":\"END\",\"data_collections\":[{",
    "{\"status\":\"END\",\"id\":\"7",
};
enum { N_BEGINNINGS = sizeof beginnings / sizeof beginnings[0] };

static envelope_reader_t *remembering;
static transaction_reader_t *transactions;
static volatile unsigned char sink;

static void touch(slice_t slice)
{
    for (uint32_t i = 0; i < slice.len; i++) {
        sink ^= (unsigned char)slice.bytes[i];
    }
}

static void touch_row(const envelope_row_t *row)
{
    for (uint32_t i = 0; i < row->n; i++) {
        touch(row->fields[i].name);
        touch(row->fields[i].value);
    }
}

static void touch_change(const envelope_t *envelope)
{
    const envelope_source_t *source = &envelope->source;
    const slice_t texts[] = {source->version,  source->connector,       source->name,
                             source->db,       source->schema,          source->table,
                             source->snapshot, envelope->transaction.id};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        touch(texts[i]);
    }
    touch_row(&envelope->key);
    touch_row(&envelope->before);
    touch_row(&envelope->after);
}

static void check_same(bool same)
{
    if (!same) {
        abort();
    }
}

static void read_change(const char *key, size_t key_len, const char *value, size_t value_len)
{
    envelope_t with, without;
    envelope_reader_t *fresh = envelope_reader_new(NULL);
    check_same(fresh != NULL);
    bool read = envelope_read(fresh, key, key_len, value, value_len, &without, NULL);
    for (int again = 0; again < 2; again++) {
        check_same(read == envelope_read(remembering, key, key_len, value, value_len, &with, NULL));
        if (read) {
            touch_change(&with);
            check_same(envelope_same(&with, &without));
        }
    }
    envelope_reader_free(fresh);
}

static void read_transaction(const char *value, size_t len)
{
    transaction_meta_t meta;
    uint64_t txid, lsn;
    if (transaction_meta_read(transactions, value, len, &meta, NULL)) {
        touch(meta.id);
        check_same(!transaction_id_read(&meta.id, &txid, &lsn) || txid != 0);
        for (size_t i = 0; i < meta.n_collections; i++) {
            touch(meta.collections[i].name);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!remembering) {
        remembering = envelope_reader_new(NULL);
        transactions = transaction_reader_new();
        check_same(remembering && transactions);
    }
    if (size < 2) {
        return 0;
    }
    const char *beginning = beginnings[data[0] % N_BEGINNINGS];
    size_t begun = strlen(beginning), key_len = data[1] % 32;
    key_len = key_len < size - 2 ? key_len : 0;
    const uint8_t *rest = data + 2 + key_len;
    size_t rest_len = size - 2 - key_len, len = begun + rest_len;
    char *value = malloc(len + 1), *key = malloc(key_len + 1);
    check_same(value && key);
    memcpy(key, data + 2, key_len);
    memcpy(value, beginning, begun);
    memcpy(value + begun, rest, rest_len);
    /* Exactly as long as they are said to be: the sanitizer guards their ends. */
    char *exact = realloc(value, len > 0 ? len : 1),
         *exact_key = realloc(key, key_len ? key_len : 1);
    read_change(exact_key, key_len, exact, len);
    read_transaction(exact, len);
    free(exact);
    free(exact_key);
    return 0;
}
