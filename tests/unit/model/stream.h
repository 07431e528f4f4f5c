/*
 * stream: a writer and a tap for the verifier's tests: what is acknowledged to the one and what is
 * read by the other, a change at a time. Include cmocka first.
 */
#ifndef CDCBENCH_TESTS_STREAM_H
#define CDCBENCH_TESTS_STREAM_H

#include "model/synthetic.h"

#define ROWS 100000

typedef struct {
    row_space_t space;
    verify_opts_t opts;
    verifier_t *v;
    row_state_t *writer;
    uint64_t expected;
    uint64_t commit, position;
    int64_t time_us;
    synthetic_t synthetic;
    verdict_t verdict;
    verify_totals_t totals;
} stream_t;

static inline void stream_open(stream_t *s, bool full, triggers_t triggers, uint32_t gaps_max)
{
    memset(s, 0, sizeof *s);
    row_space_init(&s->space, 42, KEY_UUID4);
    s->opts = (verify_opts_t){.space = &s->space,
                              .tables = tables_of_one(&table_transactions, triggers, full),
                              .rows = ROWS,
                              .modified_by = SYNTHETIC_USER,
                              .gaps_max = gaps_max};
    s->time_us = SYNTHETIC_TIME_US;
    s->v = verifier_new(&s->opts);
    s->writer = row_state_new(ROWS);
    assert_non_null(s->v);
    assert_non_null(s->writer);
}

static inline void stream_close(stream_t *s)
{
    verifier_free(s->v);
    row_state_free(s->writer);
}

static inline void begin(stream_t *s)
{
    s->commit += 100;
    s->time_us += 12345;
    verifier_begin(s->v, s->commit);
}

static inline void make(stream_t *s, op_t op, uint64_t row, uint32_t version)
{
    s->position += 8;
    synthetic_make(&s->synthetic, &s->opts, op, row, version, s->position, s->time_us);
}

/* The writer has this change acknowledged. */
static inline void acknowledged(stream_t *s, op_t op, uint64_t row, uint32_t version)
{
    uint32_t state = op == OP_DELETE ? ROW_STATE_DELETED : version % ROW_VERSIONS;
    assert_true(row_state_set(s->writer, row, (uint16_t)state));
    s->expected++;
}

/* The tap reads the change that was made last. */
static inline void deliver(stream_t *s)
{
    verifier_change(s->v, &s->synthetic.change, &s->verdict);
}

/* A change that is written, acknowledged and read in a transaction of its own. */
static inline void pass(stream_t *s, op_t op, uint64_t row, uint32_t version)
{
    begin(s);
    make(s, op, row, version);
    acknowledged(s, op, row, version);
    deliver(s);
}

static inline void read_only(stream_t *s, op_t op, uint64_t row, uint32_t version)
{
    begin(s);
    make(s, op, row, version);
    deliver(s);
}

static inline const fault_t *only_fault(const stream_t *s, fault_kind_t kind)
{
    assert_int_equal(verify_fault_count(s->v, kind), 1);
    return verify_fault(s->v, kind, 0);
}

static inline void finish(stream_t *s)
{
    verify_finish(s->v, s->writer, s->expected, &s->totals);
}

/* The identity of verify.h, in every ordinary case. */
static inline void assert_identity(const stream_t *s)
{
    assert_int_equal(s->totals.expected + s->totals.duplicated,
                     s->totals.delivered + s->totals.missing);
}

#endif
