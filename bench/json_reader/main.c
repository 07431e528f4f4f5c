/* json_reader FOLDER ROUNDS: measures every candidate on the messages recorded in FOLDER, in turns,
 * ROUNDS times. CSV to stdout: one row a measurement. bench/json_reader.py makes sense of it. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "candidate.h"

#define MESSAGES 2000 /* some megabytes: more than the inner caches hold */
#define PASSES   10   /* over the corpus in one measurement */

static const candidate_t *const candidates[] = {
    &candidate_cdcbench, &candidate_jsmn_envelope, &candidate_jsmn,
    &candidate_yajl,     &candidate_jansson,       &candidate_json_c,
#ifdef WITH_SIMDJSON
    &candidate_simdjson,
#endif
};
enum { N_CANDIDATES = sizeof(candidates) / sizeof(candidates[0]) };

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static bool measure(const candidate_t *candidate, const corpus_t *corpus, double *out_ns)
{
    size_t expected = candidate->read_all(corpus);
    bool same = expected > 0;
    int64_t begin = now_ns();
    for (int pass = 0; pass < PASSES && same; pass++) {
        same = candidate->read_all(corpus) == expected;
    }
    *out_ns = (double)(now_ns() - begin) / ((double)corpus->n * PASSES);
    return same;
}

static size_t mean_bytes(const corpus_t *corpus)
{
    size_t bytes = 0;
    for (size_t i = 0; i < corpus->n; i++) {
        bytes += corpus->messages[i].len;
    }
    return bytes / corpus->n;
}

static bool run(const char *folder, corpus_form_t form, int round)
{
    corpus_t corpus = {0};
    bool done = corpus_load(&corpus, folder, form, MESSAGES);
    for (size_t i = 0; i < N_CANDIDATES && done; i++) {
        const candidate_t *candidate = candidates[i];
        double ns;
        if (form == CORPUS_SCHEMA && candidate->noschema_only) {
            continue;
        }
        done = measure(candidate, &corpus, &ns);
        if (done) {
            printf("%d,%s,%s,%s,%zu,%.1f\n", round, corpus_form_names[form], candidate->name,
                   candidate->version, mean_bytes(&corpus), ns);
        } else {
            fprintf(stderr, "%s does not read the messages (%s)\n", candidate->name,
                    corpus_form_names[form]);
        }
    }
    corpus_free(&corpus);
    return done;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "json_reader FOLDER ROUNDS\n");
        return EXIT_FAILURE;
    }
    int rounds = atoi(argv[2]);
    printf("round,form,reader,version,mean_bytes,ns_per_message\n");
    for (int round = 1; round <= rounds; round++) {
        for (corpus_form_t form = 0; form < CORPUS_FORMS; form++) {
            if (!run(argv[1], form, round)) {
                return EXIT_FAILURE;
            }
        }
    }
    return EXIT_SUCCESS;
}
