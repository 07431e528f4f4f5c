/*
 * kafka_world: a kafka_reader over a tap, with a ledger and a clock, that is fed a topic's
 * messages. Included after cmocka.
 */
#ifndef CDCBENCH_TESTS_KAFKA_WORLD_H
#define CDCBENCH_TESTS_KAFKA_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "kafka_bytes.h"
#include "run/tap/kafka_reader.h"

enum { ROWS = 1000, TXID = 700 };

#define FLOOR_LSN 1000
#define COMMIT_US (INT64_C(1795351584) * 1000000)
/* The client's clock is at COMMIT_US when CLOCK_MONOTONIC is 0; the server's is so much ahead. */
#define AHEAD_US   2000
#define RECEIPT_NS (10 * NS_PER_MS)

typedef struct {
    row_space_t space;
    verify_opts_t verify;
    clocksync_t clock;
    _Atomic uint32_t phase;
    ledger_t *ledger;
    tap_t *tap;
    kafka_reader_t *reader;
    kafka_reader_opts_t opts;
    foreign_clock_t clocks[CLOCK_COUNT];
    uint64_t lsn; /* of the event before */
    int64_t offset;
    buf_t key, value;
    kafka_time_t timestamp_kind;
    int64_t timestamp_ms;
} world_t;

static inline void make_reader(world_t *w)
{
    kafka_reader_free(w->reader);
    w->reader = kafka_reader_new(&w->opts);
    assert_non_null(w->reader);
}

static inline void make_tap(world_t *w, bool unverified)
{
    tap_opts_t opts = {.verify = &w->verify,
                       .unverified = unverified,
                       .ledger = w->ledger,
                       .connections = 1,
                       .id = TAP_KAFKA,
                       .clock = &w->clock,
                       .phase = &w->phase};
    tap_free(w->tap);
    w->tap = tap_new(&opts);
    assert_non_null(w->tap);
    w->opts.tap = w->tap;
}

static inline int world_make(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    row_space_init(&w->space, 42, KEY_UUID4);
    clocksync_init(&w->clock, (clock_anchor_t){.mono_ns = 0, .wall_us = COMMIT_US});
    clocksync_add(&w->clock, 0, 0, COMMIT_US + AHEAD_US);
    w->verify = (verify_opts_t){.space = &w->space,
                                .tables = tables_of_one(&table_transactions, TRIGGERS_NONE, true),
                                .rows = ROWS,
                                .modified_by = "loader"};
    w->ledger = ledger_new(1, 1, 100000);
    make_tap(w, false);
    w->opts.use = &w->verify.tables.use[0];
    w->opts.floor_lsn = FLOOR_LSN;
    w->opts.partitions = 1;
    w->opts.clocks = w->clocks;
    w->lsn = FLOOR_LSN;
    w->timestamp_kind = KAFKA_TIME_NONE;
    make_reader(w);
    *state = w;
    return 0;
}

static inline int world_drop(void **state)
{
    world_t *w = *state;
    kafka_reader_free(w->reader);
    tap_free(w->tap);
    ledger_free(w->ledger);
    buf_free(&w->key);
    buf_free(&w->value);
    free(w);
    return 0;
}

/* ---- feeding ----------------------------------------------------------------------------------
 */

/* The key and the value as they are, from memory of exactly their size. */
static inline void feed(world_t *w, bool has_value, bool below_floor)
{
    char *key = malloc(w->key.len), *value = malloc(w->value.len);
    assert_true(key != NULL && value != NULL);
    memcpy(key, w->key.data, w->key.len);
    if (w->value.len > 0)
        memcpy(value, w->value.data, w->value.len);
    kafka_message_t message = {.key = key,
                               .key_len = w->key.len,
                               .value = has_value ? value : NULL,
                               .value_len = w->value.len,
                               .offset = w->offset++,
                               .timestamp_ms = w->timestamp_ms,
                               .timestamp_kind = w->timestamp_kind};
    kafka_reader_feed(w->reader, &message, RECEIPT_NS, below_floor);
    free(key);
    free(value);
}

static inline void feed_text(world_t *w, uint64_t row, const char *value)
{
    buf_clear(&w->key);
    buf_clear(&w->value);
    kafka_key(&w->key, &w->space, row);
    buf_puts(&w->value, value);
    feed(w, true, false);
}

static inline void compose(world_t *w, const kafka_event_t *event)
{
    buf_clear(&w->key);
    buf_clear(&w->value);
    kafka_key(&w->key, &w->space, event->row);
    kafka_envelope(&w->value, &w->space, event);
}

static inline void feed_event(world_t *w, const kafka_event_t *event)
{
    compose(w, event);
    feed(w, true, false);
}

/* An event of a transaction that is known by its number; the one before it ended at LSN 10·txid. */
static inline kafka_event_t event_of(world_t *w, char op, uint64_t row, uint32_t version,
                                     uint64_t txid)
{
    w->lsn += 8;
    return (kafka_event_t){.op = op,
                           .row = row,
                           .from = op == 'u' ? version - 1 : version,
                           .to = version,
                           .txid = txid,
                           .lsn = w->lsn,
                           .last_commit = 10 * txid,
                           .commit_us = COMMIT_US,
                           .event_us = COMMIT_US + 1500};
}

static inline void say(world_t *w, char op, uint64_t row, uint32_t version, uint64_t txid)
{
    kafka_event_t event = event_of(w, op, row, version, txid);
    feed_event(w, &event);
}

static inline void flat(world_t *w, uint64_t row, uint32_t version, const char *metadata)
{
    buf_clear(&w->key);
    buf_clear(&w->value);
    kafka_key(&w->key, &w->space, row);
    kafka_flattened(&w->value, &w->space, row, version, metadata);
    feed(w, true, false);
}

/* Writes a part of what was composed otherwise. */
static inline void change(world_t *w, const char *part, const char *instead)
{
    buf_t changed = {0};
    const char *text = buf_text(&w->value), *at = strstr(text, part);
    assert_non_null(at);
    buf_printf(&changed, "%.*s%s%s", (int)(at - text), text, instead, at + strlen(part));
    buf_free(&w->value);
    w->value = changed;
}

static inline void feed_with(world_t *w, const char *part, const char *instead)
{
    change(w, part, instead);
    feed(w, true, false);
}

static inline verify_totals_t totals(const world_t *w)
{
    verify_totals_t totals;
    verify_totals_peek(tap_verifier(w->tap), &totals);
    return totals;
}

static inline void assert_proven(const world_t *w, uint64_t delivered)
{
    verify_totals_t t = totals(w);
    assert_int_equal(t.delivered, delivered);
    assert_int_equal(t.missing + t.duplicated + t.out_of_order + t.mismatched + t.unknown, 0);
    assert_int_equal(tap_seen(w->tap), delivered);
}

static inline void assert_lag_us(const world_t *w, stage_t stage, int64_t us)
{
    const lag_t *lag = tap_lag(w->tap, SCOPE_EVENT, 0, OP_INSERT, stage);
    assert_non_null(lag);
    assert_int_equal(lag_count(lag), 1);
    assert_int_equal(lag_min_us(lag), us);
}

static inline void assert_no_lag(const world_t *w, stage_t stage)
{
    assert_null(tap_lag(w->tap, SCOPE_EVENT, 0, OP_INSERT, stage));
}

#endif
