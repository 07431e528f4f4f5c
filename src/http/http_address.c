#include "http/http_address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOPBACK "127.0.0.1"

static bool refuse(const char *text, const char *why, err_t *err)
{
    return err_set(err, ERR_USAGE,
                   "'%s' is no address to listen at: %s; allowed: PORT (on " LOOPBACK
                   "), HOST:PORT, [IPV6]:PORT",
                   text, why);
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 5 && text[digits] == '\0' && strtol(text, NULL, 10) <= 65535;
}

/* Splits at the last colon, which an IPv6 address in brackets has outside of them. */
static bool split(const char *text, const char **host, size_t *host_len, const char **port)
{
    const char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']');
    if (colon == NULL) {
        *host_len = 0;
        *port = text;
        return bracket == NULL;
    }
    *host = text;
    *host_len = (size_t)(colon - text);
    *port = colon + 1;
    if (text[0] == '[') {
        *host = text + 1;
        *host_len = *host_len >= 2 ? *host_len - 2 : 0;
        return bracket != NULL && bracket + 1 == colon && *host_len > 0;
    }
    return memchr(text, ':', *host_len) == NULL; /* IPv6 without brackets */
}

bool http_address_parse(const char *text, http_address_t *out, err_t *err)
{
    const char *host = LOOPBACK, *port = "";
    size_t host_len = 0;
    if (!split(text, &host, &host_len, &port)) {
        return refuse(text, "an IPv6 address stands in brackets", err);
    }
    if (!is_port(port)) {
        return refuse(text, "the port is a number from 0 (any free one) to 65535", err);
    }
    if (host_len == 0) {
        host = LOOPBACK;
        host_len = strlen(LOOPBACK);
    }
    if (host_len >= sizeof out->host) {
        return refuse(text, "the host is too long", err);
    }
    snprintf(out->host, sizeof out->host, "%.*s", (int)host_len, host);
    snprintf(out->port, sizeof out->port, "%s", port);
    return true;
}
