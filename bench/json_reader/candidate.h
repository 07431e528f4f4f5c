/*
 * candidate: a JSON reader to be measured. A library only has to parse each message into its own
 * form, which is less than the tap needs of it; cdcbench's reader does all that the tap needs.
 */
#ifndef CDCBENCH_BENCH_CANDIDATE_H
#define CDCBENCH_BENCH_CANDIDATE_H

#include "corpus.h"

typedef struct {
    const char *name;
    const char *version;
    bool noschema_only; /* it was not taught to pass over a schema */
    /* Reads every message. How many tokens, values or columns there were: the same from run to run,
     * and above zero. 0: a message was refused. */
    size_t (*read_all)(const corpus_t *corpus);
} candidate_t;

#ifdef __cplusplus
extern "C" {
#endif
extern const candidate_t candidate_cdcbench, candidate_jsmn_envelope, candidate_jsmn,
    candidate_yajl, candidate_jansson, candidate_json_c;
#ifdef WITH_SIMDJSON
extern const candidate_t candidate_simdjson;
#endif
#ifdef __cplusplus
}
#endif

#endif
