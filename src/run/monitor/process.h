/*
 * process: CPU time and memory of processes of this host, from /proc (proc(5)). Any thread; nothing
 * is kept. A figure that cannot be read is NOT_MEASURED (result/result.h).
 */
#ifndef CDCBENCH_RUN_MONITOR_PROCESS_H
#define CDCBENCH_RUN_MONITOR_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t cpu_us;    /* user + system since the process began */
    int64_t rss_bytes; /* resident now */
} process_usage_t;

/* One process. */
process_usage_t process_usage(int pid);

/* A process and its children, added up: a postmaster and its backends. Shared memory is counted in
 * each, so the memory is that of private pages alone (VmRSS − RssShmem). A child that ended takes
 * its CPU time to its parent's "waited-for" account, which is counted in. */
process_usage_t process_tree_usage(int pid);

/* The same without `n` of its children, as long as these live. */
process_usage_t process_tree_usage_without(int pid, const int *without, size_t n);

/* The process of this host that listens behind a "host:port" or a URL of it, where the host is this
 * one's loopback: localhost, 127.0.0.0/8 or ::1, with brackets or without (the first of several,
 * parted by commas). 0 for NULL, no port, another host, or nobody to be seen. */
int process_behind(const char *address);

/* Its parent's number; 0: no such process. */
int process_parent(int pid);

/* When it began, in ticks since the host's start: with its number, what tells a process from all
 * others of this host. 0: no such process. */
uint64_t process_started_ticks(int pid);

/* This process: CPU time so far, and the most memory it ever held. */
int64_t process_self_cpu_us(void);
int64_t process_self_rss_peak_bytes(void);

#endif
