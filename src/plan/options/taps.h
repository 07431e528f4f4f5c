/*
 * taps: the places where changes are read back, a row of one table each: what everybody but the
 * tap's own source knows of it. What opens and feeds a tap is run/tap/sources.h. Constant.
 */
#ifndef CDCBENCH_PLAN_OPTIONS_TAPS_H
#define CDCBENCH_PLAN_OPTIONS_TAPS_H

#include <stdbool.h>

typedef enum { TAP_WAL, TAP_KAFKA, TAP_COUNT } tap_id_t;

/* The rows, in the order of every output, as X(id, name, traits, label, slot, whose), so that
 * tables whose offsets the compiler makes have them too. Of the replication slot that a tap's
 * changes come from: its label in the metrics, how its columns begin in timeline.csv, and whose it
 * is. */
#define TAP_EACH(X)                                                                                \
    X(TAP_WAL, "wal", TAP_READS_LOG, "wal", "slot", "the wal tap's slot")                          \
    X(TAP_KAFKA, "kafka", TAP_BEHIND_PIPELINE | TAP_READS_TOPIC, "debezium", "debezium_slot",      \
      "Debezium's slot")

enum {
    /* Its position is the log's: what lies below has been read. Of another tap its order alone says
     * that nothing more can come. */
    TAP_READS_LOG = 1,
    /* It reads what the pipeline brings: it ends with the connector, waits for its polls, and may
     * be brought again what a restart repeats; its slot is the pipeline's. */
    TAP_BEHIND_PIPELINE = 2,
    /* Records with offsets: wire bytes, tombstones, what was removed. */
    TAP_READS_TOPIC = 4,
};

typedef struct {
    const char *name;       /* in files, tables and options */
    const char *slot_label; /* in the metrics */
    unsigned traits;
} tap_row_t;
extern const tap_row_t tap_rows[TAP_COUNT];

static inline bool tap_has(tap_id_t tap, unsigned trait)
{
    return (tap_rows[tap].traits & trait) != 0;
}

/* The first one with it; there is one. */
tap_id_t tap_with(unsigned trait);

#endif
