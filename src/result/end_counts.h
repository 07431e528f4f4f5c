/*
 * end_counts: what came of holding Debezium's own count of each transaction's events, which the END
 * records of its transaction topic carry, against the events that the kafka tap saw. Plain data,
 * for result.h; made by run/tap/transaction_ends.h.
 */
#ifndef CDCBENCH_RESULT_END_COUNTS_H
#define CDCBENCH_RESULT_END_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    END_DIFFERS, /* its END counts other events than were seen */
    END_MISSING, /* events were seen, and no END */
    END_UNSEEN,  /* an END counts events, and none was seen */
    END_FAULT_KINDS
} end_fault_kind_t;
extern const char *const end_fault_names[END_FAULT_KINDS]; /* as verify.csv's columns */

/* One count of one transaction that is not what was seen. */
typedef struct {
    end_fault_kind_t kind;
    uint64_t txid;
    char collection[2 * 64 + 1]; /* "public.transactions"; "": all of the run's tables */
    uint64_t told;               /* by the END; 0 with END_MISSING, which has none */
    uint64_t seen;
} end_fault_t;

#define END_FAULTS_KEPT 10

/* Transactions are those with events in the run's tables. */
typedef struct {
    bool measured;     /* there was a transaction topic, and every event named its transaction; else
                          all that follows means nothing */
    uint64_t nameless; /* events that did not: flattened rows without their source */
    uint64_t ends;     /* END records read, that count events of the run's tables */
    uint64_t agree;    /* transactions in which every count is what was seen */
    uint64_t faults[END_FAULT_KINDS]; /* transactions in which it is not */
    uint64_t undecided;  /* transactions that were not over when the tap stopped reading early */
    uint64_t repeated;   /* ENDs of a transaction that had one already */
    uint64_t unreadable; /* records that tell of no transaction */
    bool overflowed;     /* more were open at once than are kept: the rest was not held */
    size_t n_kept;       /* of the lowest transaction numbers */
    end_fault_t kept[END_FAULTS_KEPT];
} end_counts_t;

/* Transactions in which a count is not what was seen. */
uint64_t end_counts_faulty(const end_counts_t *counts);

/* Everything agrees, and nothing was left out. */
bool end_counts_clean(const end_counts_t *counts);

#endif
