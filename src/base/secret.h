/*
 * secret: the process's list of passwords, so that whatever prints or stores text can blot them
 * out. Registered at start-up, before threads; read by any thread after that.
 */
#ifndef CDCBENCH_BASE_SECRET_H
#define CDCBENCH_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Remembers a copy. NULL and "" are ignored; false when memory is out. Not thread-safe. */
bool secret_add(const char *secret);

/* Overwrites every known secret in text (length len) in place, with '*', length unchanged.
 * Secrets that overlap or lie within one another are overwritten whole. */
void secret_redact(char *text, size_t len);

/* Overwrites and forgets the list. At exit, after the threads are gone. */
void secret_forget(void);

#endif
