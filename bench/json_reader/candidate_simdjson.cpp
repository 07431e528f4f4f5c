// Measured to know what it would bring; cdcbench is a C program and does not use it.
#include <simdjson.h>

#include "candidate.h"

static_assert(CORPUS_PADDING >= simdjson::SIMDJSON_PADDING, "no message needs to be copied");

static size_t read_all(const corpus_t *corpus)
{
    static simdjson::dom::parser parser;
    size_t read = 0;
    for (size_t i = 0; i < corpus->n; i++) {
        simdjson::dom::object object;
        auto parsed = parser.parse(corpus->messages[i].bytes, corpus->messages[i].len, false);
        if (parsed.get_object().get(object)) {
            return 0;
        }
        read += object.size();
    }
    return read;
}

extern "C" const candidate_t candidate_simdjson = {"simdjson", SIMDJSON_STRINGIFY(SIMDJSON_VERSION),
                                                   false, read_all};
