/*
 * backlog: what is due by the clock and not done, and since when: read from the schedule and the
 * loaders' counters. Controller's thread.
 */
#ifndef CDCBENCH_RUN_LOAD_BACKLOG_H
#define CDCBENCH_RUN_LOAD_BACKLOG_H

#include "run/load/loader.h"

typedef struct {
    uint64_t rows;  /* of all streams that are due by the clock */
    int64_t age_ns; /* since the oldest of them was due, taken in the order of the schedule */
} backlog_t;

/* Rows of an open stream due at elapsed_ns after the phase's start. */
uint64_t backlog_due_rows(const phase_t *phase, uint32_t stream, int64_t elapsed_ns);

/* Of a phase that has begun, at now_ns. */
backlog_t backlog_read(const work_t *work, loader_t *const *loaders, uint32_t n_loaders,
                       uint32_t phase, int64_t now_ns);

/* The user's bound, and how often it was passed in one phase. */
typedef struct {
    uint64_t max_rows; /* 0: no bound */
    int64_t max_age_ns;
} backlog_bound_t;

typedef struct {
    uint64_t peak_rows;
    int64_t peak_age_ns;
    int64_t first_ns; /* when the bound was passed first, CLOCK_MONOTONIC; 0: never */
    int64_t over_ns;  /* for how long it was, in all */
    bool over;        /* at the last look */
    int64_t looked_ns;
} backlog_watch_t;

/* A look at the backlog. True when the bound is passed now and was not at the last look. */
bool backlog_look(backlog_watch_t *watch, const backlog_bound_t *bound, const backlog_t *backlog,
                  int64_t now_ns);

#endif
