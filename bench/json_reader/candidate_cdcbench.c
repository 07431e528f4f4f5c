#include "candidate.h"
#include "kafka/format/envelope.h"

static size_t read_all(const corpus_t *corpus)
{
    envelope_reader_t *reader = envelope_reader_new(NULL);
    envelope_t envelope;
    size_t columns = 0;
    for (size_t i = 0; reader && i < corpus->n; i++) {
        const corpus_message_t *message = &corpus->messages[i];
        if (!envelope_read(reader, NULL, 0, message->bytes, message->len, &envelope, NULL)) {
            columns = 0;
            break;
        }
        columns += envelope.before.n + envelope.after.n;
    }
    envelope_reader_free(reader);
    return columns;
}

const candidate_t candidate_cdcbench = {"cdcbench", CDCBENCH_VERSION, false, read_all};
