/*
 * pace_watch: takes the readings from which result/pace.h judges whether each tap kept up in a
 * phase: each 100 ms in a phase of less than 30 s, or in the first 30 s of one whose length is not
 * known, else once a second. Controller's thread.
 */
#ifndef CDCBENCH_RUN_CONTROL_PACE_WATCH_H
#define CDCBENCH_RUN_CONTROL_PACE_WATCH_H

#include "result/result.h"
#include "run/tap/tap.h"

typedef struct {
    int64_t start_ns, next_ns; /* CLOCK_MONOTONIC */
    int64_t every_ns;          /* between two readings */
    size_t n[TAP_COUNT], cap[TAP_COUNT];
    pace_reading_t *readings[TAP_COUNT];
    bool lost; /* a reading, for want of memory: then nothing is judged */
} pace_watch_t;

/* A phase begins; what is known of the one before is forgotten. */
void pace_watch_begin(pace_watch_t *watch, const phase_t *phase, int64_t now_ns);

/* A reading of every tap that is on, when the next is due; nothing before. `acknowledged` in all.
 */
void pace_watch_look(pace_watch_t *watch, tap_t *const taps[TAP_COUNT], uint64_t acknowledged,
                     int64_t now_ns);
bool pace_watch_due(const pace_watch_t *watch, int64_t now_ns);

/* What the phase's readings say; PACE_UNKNOWN of a phase in which nothing is due by the clock, and
 * where memory is out. poll_ns: how often the pipeline behind a tap looks for changes; 0: always.
 */
void pace_watch_judge(const pace_watch_t *watch, const phase_t *phase, uint32_t connections,
                      const int64_t poll_ns[TAP_COUNT], pace_t out[TAP_COUNT]);

void pace_watch_free(pace_watch_t *watch); /* what it holds, not itself */

#endif
