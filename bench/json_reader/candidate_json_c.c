#include <json-c/json.h>

#include "candidate.h"

static size_t read_all(const corpus_t *corpus)
{
    size_t read = 0;
    json_tokener *tokener = json_tokener_new();
    for (size_t i = 0; tokener && i < corpus->n; i++) {
        json_tokener_reset(tokener);
        json_object *json =
            json_tokener_parse_ex(tokener, corpus->messages[i].bytes, (int)corpus->messages[i].len);
        if (!json) {
            read = 0;
            break;
        }
        read += (size_t)json_object_object_length(json);
        json_object_put(json);
    }
    json_tokener_free(tokener);
    return read;
}

const candidate_t candidate_json_c = {"json-c", JSON_C_VERSION, false, read_all};
