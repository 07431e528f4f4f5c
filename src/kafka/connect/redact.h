/*
 * redact: which settings hold secrets, by their names, for librdkafka's properties and for a
 * connector's configuration. Pure; any thread.
 */
#ifndef CDCBENCH_KAFKA_CONNECT_REDACT_H
#define CDCBENCH_KAFKA_CONNECT_REDACT_H

#include <jansson.h>
#include <stdbool.h>

/* What stands in the place of a secret. */
#define REDACT_MASK "****"

/* True for database.password, ssl.key.password, sasl.jaas.config, basic.auth.user.info and their
 * like, in any case and behind any prefix. Errs on the side of hiding. */
bool redact_is_secret(const char *name);

/* A copy, the caller's, with REDACT_MASK for the value of each secret, at any depth. NULL when
 * memory is out. */
json_t *redact_json(const json_t *value);

#endif
