#include "model/generator_names.h"

#include <string.h>

#include "base/buf.h"

#define DRAWN(name, type, uses, kind_of, ...)                                                      \
    {                                                                                              \
        name, type, ROLE_GENERATED, (uses) | USES_NULLS,                                           \
        {                                                                                          \
            .kind = (kind_of), __VA_ARGS__                                                         \
        }                                                                                          \
    }

#define TIME_FROM INT64_C(1672531200) /* 2023-01-01 00:00:00 UTC */
#define TIME_TO   INT64_C(1735689599) /* 2024-12-31 23:59:59 UTC */

static const generator_name_t generators[] = {
    {"key", "uuid", ROLE_KEY, 0, {.kind = GENERATOR_NONE}},
    {"amount", "numeric", ROLE_AMOUNT, 0, {.kind = GENERATOR_NONE}},
    DRAWN("row_number", "bigint", 0, GENERATOR_ROW_NUMBER, .max = 0),
    DRAWN("uuid", "uuid", 0, GENERATOR_UUID, .max = 0),
    DRAWN("integer", "bigint", USES_RANGE, GENERATOR_INTEGER, .max = 1000000),
    DRAWN("decimal", "numeric", USES_RANGE | USES_SCALE, GENERATOR_DECIMAL, .max = 0),
    DRAWN("text", "text", USES_LENGTH, GENERATOR_TEXT, .min = 20, .max = 60),
    DRAWN("random_text", "text", USES_LENGTH, GENERATOR_RANDOM_TEXT, .min = 4096, .max = 16384),
    DRAWN("user", "varchar", 0, GENERATOR_USER, .max = 0),
    DRAWN("city", "varchar", 0, GENERATOR_CITY, .max = 0),
    DRAWN("country", "varchar", 0, GENERATOR_COUNTRY, .max = 0),
    DRAWN("merchant", "varchar", 0, GENERATOR_MERCHANT, .max = 0),
    DRAWN("first_name", "varchar", 0, GENERATOR_FIRST_NAME, .max = 0),
    DRAWN("surname", "varchar", 0, GENERATOR_SURNAME, .max = 0),
    DRAWN("choice", "varchar", USES_CHOICES, GENERATOR_CHOICE, .max = 0),
    DRAWN("timestamp", "timestamp", USES_PERIOD, GENERATOR_TIMESTAMP, .min = TIME_FROM,
          .max = TIME_TO),
    DRAWN("boolean", "boolean", 0, GENERATOR_BOOLEAN, .max = 0),
    DRAWN("ipv4", "inet", 0, GENERATOR_IPV4, .max = 0),
    DRAWN("json", "jsonb", 0, GENERATOR_JSON, .max = 0),
    DRAWN("bytes", "bytea", USES_LENGTH, GENERATOR_BYTES, .min = 16, .max = 64),
};

const generator_name_t *generator_named(const char *name, err_t *err)
{
    buf_t names = {0};
    size_t n = sizeof generators / sizeof *generators;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(generators[i].name, name) == 0) {
            buf_free(&names);
            return &generators[i];
        }
        buf_printf(&names, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", generators[i].name);
    }
    err_set(err, ERR_USAGE, "generator: read \"%.40s\", expected %s", name, buf_text(&names));
    buf_free(&names);
    return NULL;
}
