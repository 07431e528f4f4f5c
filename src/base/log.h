/*
 * log: lines for people on stderr: "cdcbench: error: …", "cdcbench: warning: …", "cdcbench: …"
 * (info), "cdcbench: debug: …". Any thread: a line is one write, and errno is left as it was. Every
 * line passes the list of secrets (base/secret.h), so that no password can be printed.
 */
#ifndef CDCBENCH_BASE_LOG_H
#define CDCBENCH_BASE_LOG_H

typedef enum { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG } log_level_t;

/* Lines above this level are dropped. Default LOG_INFO. Set before threads are started. */
void log_set_level(log_level_t level);

/* While a block is redrawn on the terminal, whoever draws it wants to know: called before and after
 * a line is written, from the thread that writes it, by one thread at a time. NULL, NULL takes it
 * back; once that returns, no hook runs. A hook must not log, and whoever sets hooks must not hold
 * a lock that a hook takes. */
void log_set_hooks(void (*before)(void), void (*after)(void));

/* Writes one line of any length; a newline at its end is added, not needed in the format. */
void log_line(log_level_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)

#endif
