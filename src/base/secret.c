#include "base/secret.h"

#include <ctype.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the list ----------------------------------------------------------------------------------
 */

typedef struct secret {
    struct secret *next;
    size_t len;
    char text[];
} secret_t;

/* Only ever grows at its head, until it is forgotten. */
static _Atomic(secret_t *) known;

static secret_t *first_known(void)
{
    return atomic_load_explicit(&known, memory_order_acquire);
}

static bool is_known(const char *text, size_t len)
{
    for (const secret_t *s = first_known(); s; s = s->next) {
        if (s->len == len && memcmp(s->text, text, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool add(const char *text, size_t len)
{
    if (len == 0 || is_known(text, len)) {
        return true;
    }
    secret_t *added = malloc(sizeof *added + len + 1);
    if (!added) {
        return false;
    }
    memcpy(added->text, text, len);
    added->text[len] = '\0';
    added->len = len;
    added->next = first_known();
    while (!atomic_compare_exchange_weak(&known, &added->next, added)) {
    }
    return true;
}

bool secret_add(const char *secret)
{
    return add(secret, secret ? strlen(secret) : 0);
}

void secret_forget(void)
{
    secret_t *next = atomic_exchange(&known, NULL);
    while (next) {
        secret_t *s = next;
        next = s->next;
        explicit_bzero(s->text, s->len);
        free(s);
    }
}

/* The length of the longest secret that text, of length len, starts with; 0 for none. Where the
 * text was cut, one that it breaks off counts as far as it goes. */
static size_t longest_at(const char *text, size_t len, bool cut)
{
    size_t longest = 0;
    for (const secret_t *s = first_known(); s; s = s->next) {
        size_t there = s->len <= len || !cut ? s->len : len;
        if (there > longest && there <= len && memcmp(text, s->text, there) == 0) {
            longest = there;
        }
    }
    return longest;
}

static void redact(char *text, size_t len, bool cut)
{
    /* Every position is compared before it is overwritten, and a comparison looks ahead only: so
     * secrets that overlap, or lie within one another, are all seen and blotted out whole. */
    size_t blot_end = 0;
    for (size_t at = 0; first_known() && at < len; at++) {
        size_t end = at + longest_at(text + at, len - at, cut);
        if (end > blot_end) {
            blot_end = end;
        }
        if (at < blot_end) {
            text[at] = '*';
        }
    }
}

void secret_redact(char *text, size_t len)
{
    redact(text, len, false);
}

void secret_redact_cut(char *text, size_t len)
{
    redact(text, len, true);
}

/* ---- names -------------------------------------------------------------------------------------
 */

/* Parts of names, without what parts their words. jaas.config holds `password="…"`, user.info
 * "user:password"; keystore.key and key.pem are private keys given in line. */
static const char *const secret_parts[] = {
    "password", "passwd",      "passphrase", "pwd",    "secret",     "token",         "credential",
    "jaas",     "keystorekey", "keypem",     "apikey", "privatekey", "authorization", "userinfo",
};

/* What a name may consist of. */
static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("._-", c));
}

static bool is_secret_name(const char *name, size_t len)
{
    char letters[256];
    size_t n = 0;
    for (size_t i = len > sizeof letters - 1 ? len - (sizeof letters - 1) : 0; i < len; i++) {
        if (isalnum((unsigned char)name[i])) {
            letters[n++] = (char)tolower((unsigned char)name[i]);
        }
    }
    letters[n] = '\0';
    for (size_t i = 0; i < sizeof secret_parts / sizeof *secret_parts; i++) {
        if (strstr(letters, secret_parts[i])) {
            return true;
        }
    }
    return false;
}

bool secret_is_name(const char *name)
{
    return is_secret_name(name, strlen(name));
}

/* ---- what a value holds ------------------------------------------------------------------------
 */

static bool is_one_of(const char *text, size_t len, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0) {
            return true;
        }
    }
    return false;
}

/* A secret found, unless everybody knows it. */
static bool found(const char *text, size_t len)
{
    static const char *const no_secrets[] = {"postgres", "true", "false", "null"};
    return is_one_of(text, len, no_secrets, sizeof no_secrets / sizeof *no_secrets) ||
           add(text, len);
}

static int hex_value(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

/* Decodes text in place: %XX, and \X where escapes are asked for. Returns the length then. */
static size_t decode(char *text, size_t len, bool percent, bool escapes)
{
    size_t to = 0;
    for (size_t at = 0; at < len; at++) {
        if (percent && text[at] == '%' && at + 2 < len && hex_value(text[at + 1]) >= 0 &&
            hex_value(text[at + 2]) >= 0) {
            text[to++] = (char)(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
            at += 2;
        } else {
            at += escapes && text[at] == '\\' && at + 1 < len;
            text[to++] = text[at];
        }
    }
    return to;
}

/* A secret as it is written, and as it is meant. */
static bool found_written(const char *text, size_t len, bool percent, bool escapes)
{
    char *meant = strndup(text, len);
    if (!meant) {
        return false;
    }
    size_t meant_len = decode(meant, len, percent, escapes);
    bool ok = found(text, len) && found(meant, meant_len);
    explicit_bzero(meant, len);
    free(meant);
    return ok;
}

/* The last '@' in text; NULL when there is none. */
static const char *last_at_sign(const char *text, size_t len)
{
    return len > 0 ? memrchr(text, '@', len) : NULL;
}

/* "8083" and "5432,host:5433", up to the end of the authority. */
static bool is_port(const char *text)
{
    return isdigit((unsigned char)*text) && strchr(",/?#", text[strspn(text, "0123456789")]);
}

/* The user information of what stands behind "://". A password may have been written without
 * encoding its '/': then the '@' is looked for behind it. */
static bool learn_authority(const char *at, bool is_http)
{
    size_t len = strcspn(at, "/?#\r\n");
    const char *sign = last_at_sign(at, len);
    const char *colon = memchr(at, ':', len);
    if (!sign && at[0] != '[' && colon && !is_port(colon + 1)) {
        sign = last_at_sign(at, strcspn(at, " \t\r\n\"'"));
    }
    if (!sign) {
        return true;
    }
    colon = memchr(at, ':', (size_t)(sign - at));
    if (colon && colon + 1 < sign) {
        return found_written(colon + 1, (size_t)(sign - colon - 1), true, false);
    }
    /* With the sign behind it: the word alone may stand anywhere. */
    return !is_http || sign == at || colon == at || add(at, (size_t)(sign + 1 - at));
}

static bool is_scheme_http(const char *text, const char *scheme_end)
{
    return (scheme_end - text >= 4 && strncasecmp(scheme_end - 4, "http", 4) == 0) ||
           (scheme_end - text >= 5 && strncasecmp(scheme_end - 5, "https", 5) == 0);
}

/* "user:password@host" at the beginning of a word, where somebody left out the scheme. */
static bool learn_bare_authority(const char *word)
{
    size_t len = strcspn(word, "/?#= \t\r\n\"'");
    const char *sign = last_at_sign(word, len);
    const char *colon = sign ? memchr(word, ':', (size_t)(sign - word)) : NULL;
    return !colon || found_written(colon + 1, (size_t)(sign - colon - 1), true, false);
}

/* The length of a value in quotes, without them. */
static size_t quoted_len(const char *text, char quote)
{
    size_t len = 0;
    while (text[len] != '\0' && text[len] != quote) {
        len += text[len] == '\\' && text[len + 1] != '\0' ? 2 : 1;
    }
    return len;
}

/* The length of a value without quotes, up to one of `ends`. */
static size_t bare_len(const char *text, const char *ends)
{
    size_t len = 0;
    while (text[len] != '\0' && !strchr(ends, text[len])) {
        len += text[len] == '\\' && text[len + 1] != '\0' ? 2 : 1;
    }
    return len;
}

/* A secret setting's value that more may stand behind: as libpq, a URI's query or JAAS end it. */
static bool learn_value(const char *value, bool in_uri)
{
    value += strspn(value, " \t\r\n");
    if (*value == '\'' || *value == '"') {
        return found_written(value + 1, quoted_len(value + 1, *value), false, true);
    }
    size_t len = bare_len(value, in_uri ? " \t\r\n&;#\"'" : " \t\r\n");
    while (len > 0 && strchr(";,", value[len - 1])) {
        len--;
    }
    return found_written(value, len, in_uri, !in_uri);
}

/* A secret setting's value as a whole. */
static bool learn_whole(const char *value)
{
    const char *colon = strchr(value, ':'); /* user:password */
    return found(value, strlen(value)) && (!colon || strchr(value, '=') || strstr(colon, "//") ||
                                           found(colon + 1, strlen(colon + 1)));
}

/* At a '=': what stands behind it, if its name says that it is secret. */
static bool learn_assignment(const char *text, const char *equals)
{
    const char *end = equals, *name;
    while (end > text && isspace((unsigned char)end[-1])) {
        end--;
    }
    for (name = end; name > text && is_name_char(name[-1]);) {
        name--;
    }
    if (!is_secret_name(name, (size_t)(end - name))) {
        return true;
    }
    /* KEY=VALUE, perhaps behind --option=: all behind it is the value. */
    bool whole = name == text || (strncmp(text, "--", 2) == 0 && name[-1] == '=' &&
                                  strcspn(text, "= \t") == (size_t)(name - 1 - text));
    /* Where no other setting may follow. libpq's names have no dots. */
    bool alone = whole && memchr(name, '.', (size_t)(end - name));
    const char *scheme = strstr(text, "://");
    return (!whole || learn_whole(equals + 1)) &&
           (alone || learn_value(equals + 1, scheme && scheme < equals));
}

bool secret_learn(const char *value)
{
    bool ok = learn_bare_authority(value);
    for (const char *at = value; ok && (at = strpbrk(at, ":=")); at++) {
        if (*at == '=') {
            ok = learn_assignment(value, at) && learn_bare_authority(at + 1);
        } else if (strncmp(at, "://", 3) == 0) {
            ok = learn_authority(at + 3, is_scheme_http(value, at));
        }
    }
    return ok;
}

bool secret_learn_setting(const char *name, const char *value)
{
    return (!secret_is_name(name) || learn_whole(value)) && secret_learn(value);
}

/* ---- JSON --------------------------------------------------------------------------------------
 */

static json_t *redact_object(const json_t *object)
{
    json_t *copy = json_object();
    const char *name;
    json_t *value;
    /* The iterator takes a json_t that is not const, and changes nothing. */
    json_object_foreach((json_t *)object, name, value)
    {
        json_t *shown = secret_is_name(name) && !json_is_null(value) ? json_string(SECRET_MASK)
                                                                     : secret_redact_json(value);
        if (json_object_set_new(copy, name, shown) != 0) { /* also for a NULL */
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
        if (json_array_append_new(copy, secret_redact_json(json_array_get(array, i))) != 0) {
            json_decref(copy);
            return NULL;
        }
    }
    return copy;
}

static json_t *redact_string(const json_t *string)
{
    size_t len = json_string_length(string);
    char *text = strndup(json_string_value(string), len);
    if (!text) {
        return NULL;
    }
    secret_redact(text, len);
    json_t *copy = json_stringn(text, len);
    free(text);
    return copy ? copy : json_string(SECRET_MASK); /* a secret was half a character */
}

json_t *secret_redact_json(const json_t *value)
{
    if (json_is_object(value)) {
        return redact_object(value);
    }
    if (json_is_array(value)) {
        return redact_array(value);
    }
    return json_is_string(value) ? redact_string(value) : json_deep_copy(value);
}
