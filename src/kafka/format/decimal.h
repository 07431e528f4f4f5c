/*
 * decimal: the two binary forms in which Kafka Connect's JsonConverter writes a decimal
 * (decimal.handling.mode=precise), as text. Both are a BigDecimal's unscaled value, a big-endian
 * two's complement number, in base64 (RFC 4648, with padding), with the scale in the schema
 * (org.apache.kafka.connect.data.Decimal, Javadoc) or beside it (io.debezium.data.
 * VariableScaleDecimal). Pure; any thread.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_DECIMAL_H
#define CDCBENCH_KAFKA_FORMAT_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest precision and scale that PostgreSQL lets numeric(p, s) declare are 1000. */
#define DECIMAL_BYTES_MAX 416  /* of the unscaled value: 1,000 digits and a sign */
#define DECIMAL_SCALE_MAX 1000 /* and its negative the least */
#define DECIMAL_TEXT_MAX  2048 /* bytes of the longest text */

/* Writes unscaled × 10^−scale as BigDecimal.toPlainString does, so that the scale shows: "663.05",
 * "1000.00", "-0.5". At most DECIMAL_TEXT_MAX bytes, no NUL; the length, or 0 when `base64` is not
 * base64, holds no byte or more than DECIMAL_BYTES_MAX, or the scale is out of range. */
size_t decimal_text(const char *base64, size_t len, int64_t scale, char out[DECIMAL_TEXT_MAX]);

#endif
