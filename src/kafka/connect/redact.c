#include "kafka/connect/redact.h"

#include <string.h>
#include <strings.h>

/* Parts of names. jaas.config holds `password="…"`, user.info "user:password"; keystore.key and
 * key.pem are private keys given in line. */
static const char *const secret_parts[] = {
    "password",    "passwd",         "passphrase",   "secret",  "token",   "credential",
    "jaas.config", "auth.user.info", "keystore.key", "key.pem", "api.key", "private.key",
};

bool redact_is_secret(const char *name)
{
    for (size_t i = 0; i < sizeof secret_parts / sizeof *secret_parts; i++) {
        if (strcasestr(name, secret_parts[i])) {
            return true;
        }
    }
    return false;
}

static json_t *redact_object(const json_t *object)
{
    json_t *copy = json_object();
    const char *name;
    json_t *value;
    /* The iterator takes a json_t that is not const, and changes nothing. */
    json_object_foreach((json_t *)object, name, value)
    {
        json_t *shown = redact_is_secret(name) && !json_is_null(value) ? json_string(REDACT_MASK)
                                                                       : redact_json(value);
        if (!copy || !shown || json_object_set_new(copy, name, shown) != 0) {
            json_decref(copy);
            return NULL;
        }
    }
    return copy;
}

static json_t *redact_array(const json_t *array)
{
    json_t *copy = json_array();
    for (size_t i = 0; copy && i < json_array_size(array); i++) {
        json_t *shown = redact_json(json_array_get(array, i));
        if (!shown || json_array_append_new(copy, shown) != 0) {
            json_decref(copy);
            return NULL;
        }
    }
    return copy;
}

json_t *redact_json(const json_t *value)
{
    if (json_is_object(value)) {
        return redact_object(value);
    }
    return json_is_array(value) ? redact_array(value) : json_deep_copy(value);
}
