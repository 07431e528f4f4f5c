#include "kafka/format/format.h"

#include <stdlib.h>

/* --- a schema registry's: read by nobody yet, and told by name -------------------------------- */

/* The header of Confluent's serializers (their documentation, "Wire format"), which Apicurio's
 * write as well: a 0, and the schema's number, big end first. No JSON begins with a 0 byte. */
enum { REGISTRY_MAGIC = 0, REGISTRY_HEADER_BYTES = 5 };

static bool is_registered(const format_record_t *record)
{
    return record->value_len >= REGISTRY_HEADER_BYTES && record->value[0] == REGISTRY_MAGIC;
}

static bool refuse_registered(void *state, const format_record_t *record, envelope_t *out,
                              err_t *err)
{
    (void)state;
    (void)record;
    (void)out;
    return err_set(err, ERR_RUN,
                   "the record was written with a schema registry (Avro, Protobuf or JSON Schema), "
                   "which cannot be read: use org.apache.kafka.connect.json.JsonConverter");
}

/* --- JSON, as Kafka Connect's JsonConverter writes it ------------------------------------------
 */

static bool is_json(const format_record_t *record)
{
    (void)record;
    return true; /* what is none, its reader says where and why */
}

static void *open_json(void)
{
    return envelope_reader_new(NULL);
}

static void close_json(void *state)
{
    envelope_reader_free(state);
}

static bool read_json(void *state, const format_record_t *record, envelope_t *out, err_t *err)
{
    return envelope_read(state, record->key, record->key_len, record->value, record->value_len, out,
                         err);
}

/* --- the table ---------------------------------------------------------------------------------
 */

static const format_t formats[] = {
    {.name = "registry", .is_one = is_registered, .read = refuse_registered},
    {.name = "json", .is_one = is_json, .open = open_json, .close = close_json, .read = read_json},
};
#define N_FORMATS (sizeof formats / sizeof *formats)

struct format_reader {
    void *states[N_FORMATS];
};

format_reader_t *format_reader_new(void)
{
    format_reader_t *reader = calloc(1, sizeof *reader);
    for (size_t i = 0; reader != NULL && i < N_FORMATS; i++) {
        if (formats[i].open != NULL && (reader->states[i] = formats[i].open()) == NULL) {
            format_reader_free(reader);
            return NULL;
        }
    }
    return reader;
}

void format_reader_free(format_reader_t *reader)
{
    for (size_t i = 0; reader != NULL && i < N_FORMATS; i++) {
        if (formats[i].close != NULL) {
            formats[i].close(reader->states[i]);
        }
    }
    free(reader);
}

bool format_read(format_reader_t *reader, const format_record_t *record, envelope_t *out,
                 err_t *err)
{
    size_t i = 0;
    while (!formats[i].is_one(record)) {
        i++; /* the last row takes all */
    }
    return formats[i].read(reader->states[i], record, out, err);
}
