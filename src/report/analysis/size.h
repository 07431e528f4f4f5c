/*
 * size: how large a Kafka cluster must be for a stream of changes: the formulas of docs/sizing.md,
 * each over inputs that say where they come from: what a run measured, and what nobody has said
 * anything of; what other choices would weigh, by the factors that the project measured
 * (results/reference/sizing-factors, embedded when the program is built); and all of it as text,
 * sizing.csv and sizing.json. One thread.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_SIZE_H
#define CDCBENCH_REPORT_ANALYSIS_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/files/csv.h"
#include "report/files/folder.h"

typedef enum {
    SIZE_ASSUMED,  /* nobody said: a default of this tool */
    SIZE_GIVEN,    /* by an option */
    SIZE_MEASURED, /* by the run */
    SIZE_COMPUTED, /* from the others */
} size_origin_t;
extern const char *const size_origin_names[4]; /* "assumed", … */

typedef enum {
    SIZE_EVENTS_PER_S,      /* mean */
    SIZE_BYTES_PER_EVENT,   /* on the wire, compressed */
    SIZE_PEAK,              /* the 95th percentile minute over the mean */
    SIZE_RETENTION_S,       /* how long records are kept */
    SIZE_REPLICATION,       /* replicas of each partition */
    SIZE_CONSUMERS,         /* groups that read everything */
    SIZE_GROWTH,            /* room for more, in partitions */
    SIZE_OUTAGE_S,          /* how long nothing is read from the log */
    SIZE_DRAIN_PER_S,       /* events a second, as fast as the connector goes */
    SIZE_WAL_PER_EVENT,     /* bytes of WAL */
    SIZE_PARTITION_PRODUCE, /* bytes per second that one partition takes … */
    SIZE_PARTITION_CONSUME, /* … and gives */
    SIZE_BROKER_NIC,        /* bytes per second, either way */
    SIZE_BROKER_DISK,       /* bytes */
    SIZE_BROKER_WRITE,      /* bytes per second */
    SIZE_BROKER_REPLICAS,   /* partitions' replicas on one broker */
    SIZE_INPUTS
} size_input_id_t;

typedef struct {
    double value; /* NAN: not known */
    size_origin_t origin;
    char basis[160]; /* what it rests on, in words */
} size_input_t;

typedef enum {
    SIZE_INGRESS_MEAN, /* bytes per second, from the producer */
    SIZE_INGRESS_PEAK,
    SIZE_EGRESS_PEAK,     /* bytes per second, to consumers and between brokers */
    SIZE_DISK_WRITE_PEAK, /* bytes per second, all brokers */
    SIZE_DISK,            /* bytes, all brokers */
    SIZE_PARTITIONS,
    SIZE_FOR_NIC_IN, /* brokers that each limit asks for */
    SIZE_FOR_NIC_OUT,
    SIZE_FOR_DISK_WRITE,
    SIZE_FOR_DISK,
    SIZE_FOR_REPLICATION,
    SIZE_FOR_REPLICAS,
    SIZE_BROKERS, /* the largest of these */
    SIZE_BACKLOG_EVENTS,
    SIZE_BACKLOG_WAL, /* bytes that the slot keeps by the end of the outage */
    SIZE_CATCH_UP_S,  /* NAN: never, since more comes than is drained; or not known */
    SIZE_RESULTS
} size_result_id_t;

/* What stands for a quantity in files and on the screen. */
typedef struct {
    const char *name, *unit, *meaning;
} size_quantity_t;
extern const size_quantity_t size_input_quantities[SIZE_INPUTS];
extern const size_quantity_t size_result_quantities[SIZE_RESULTS];

void size_compute(const size_input_t inputs[SIZE_INPUTS], double results[SIZE_RESULTS]);

/* The inputs that nobody has said anything of. */
void size_defaults(size_input_t inputs[SIZE_INPUTS]);

void size_set(size_input_t *input, double value, size_origin_t origin, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What decides how much an event weighs. */
typedef struct {
    bool schemas;            /* in every message: schemas.enable */
    const char *compression; /* "none", "lz4", "zstd" */
    bool full;               /* REPLICA IDENTITY FULL */
} size_choice_t;

typedef struct {
    size_choice_t choice;
    bool compression_known;  /* false: the run does not say; taken for none */
    double tombstones_share; /* tombstones for an event */
    size_input_t inputs[SIZE_INPUTS];
} size_run_t;

/* Reads the folder of a run over size_defaults. ERR_USAGE when it is none, or has no changes. */
bool size_run_read(const char *folder, size_run_t *out, err_t *err);

/* The choices compared, SIZE_CHOICES of them. */
#define SIZE_CHOICES 12
size_choice_t size_choice(size_t i);

/* What an event would weigh under another choice: the run's own weight times the ratio of the
 * factors. False when this project has no factor for one of them. */
bool size_choice_bytes(const size_run_t *run, const size_choice_t *other, double *bytes);

/* What a tombstone weighs, uncompressed: its key and a record's own fields. */
double size_tombstone_bytes(const size_choice_t *choice);

#define SIZE_CSV_FILE  "sizing.csv"
#define SIZE_JSON_FILE "sizing.json"

/* A row for each quantity, of the run as it was and of each other choice. */
extern const csv_table_t table_sizing;

/* The sizing of the run with its inputs as they stand, the answer first. */
void size_print(FILE *out, const size_run_t *run);
void size_print_json(FILE *out, const size_run_t *run);

/* sizing.csv and sizing.json into the run's folder. False with ERR_RUN, naming the file. */
bool size_write_files(folder_t *folder, const size_run_t *run, err_t *err);

#endif
