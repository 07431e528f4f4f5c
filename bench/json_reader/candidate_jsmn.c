#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS /* without them a closing bracket walks back over all tokens: slower */
#include <jsmn.h>

#include "candidate.h"

#define TOKENS_MAX 2048

static size_t read_all(const corpus_t *corpus)
{
    static jsmntok_t tokens[TOKENS_MAX];
    size_t read = 0;
    for (size_t i = 0; i < corpus->n; i++) {
        jsmn_parser parser;
        jsmn_init(&parser);
        int n = jsmn_parse(&parser, corpus->messages[i].bytes, corpus->messages[i].len, tokens,
                           TOKENS_MAX);
        if (n <= 0) {
            return 0;
        }
        read += (size_t)n;
    }
    return read;
}

const candidate_t candidate_jsmn = {"jsmn", "1.1.0", false, read_all};
