/*
 * kafka_log_dir: a broker's log.dirs on this machine, looked at from outside: librdkafka 2.0 cannot
 * ask a broker how large a topic is (DescribeLogDirs). Pure; any thread; blocks for the file
 * system.
 */
#ifndef CDCBENCH_KAFKA_KAFKA_LOG_DIR_H
#define CDCBENCH_KAFKA_KAFKA_LOG_DIR_H

#include <stdint.h>

#include "base/err.h"

/* The size of a topic's records on disk, as compressed as they came, one replica: of the segments
 * (*.log, without indexes) of all its partitions in log_dir. A topic without folders there has 0.
 * False with *err (ERR_RUN) when log_dir cannot be read. */
bool kafka_log_dir_bytes(const char *log_dir, const char *topic, uint64_t *bytes, err_t *err);

#endif
