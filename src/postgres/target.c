#include "postgres/target.h"

#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/secret.h"

/* Every keyword that libpq knows (some 45, and a few more with each version), and the end. */
#define WORDS_MAX 128

typedef struct {
    const char *keywords[WORDS_MAX];
    const char *values[WORDS_MAX];
    int count;
} words_t;

struct pg_target {
    PQconninfoOption *given;    /* what the DSN says */
    PQconninfoOption *defaults; /* the environment, the default service, libpq's own */
    buf_t options;              /* the session's settings, as the server's command line has them */
    buf_t display;
    words_t ordinary, replication;
};

typedef struct {
    const char *keyword, *value;
} word_t;

/* Set whatever the DSN says. */
static const word_t ours[] = {
    {"application_name", "cdcbench"},
    {"client_encoding", "UTF8"},
};

/* Set where neither the DSN nor the environment says else. A host that vanished is noticed on an
 * idle connection after 4 + 3 × 2 s. tcp_user_timeout (ms) does the same while data is under way,
 * but Linux counts a receive window that stays closed too: a server that is merely busy for a while
 * (a checkpoint, a lock) must not be cut off, so it is far longer. */
static const word_t preset[] = {
    {"connect_timeout", "10"}, {"keepalives_idle", "4"},      {"keepalives_interval", "2"},
    {"keepalives_count", "3"}, {"tcp_user_timeout", "60000"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The options are the last to be read by the server: they win over the role's and the database's.
 */
static const char session_settings[] =
    "-c TimeZone=UTC -c DateStyle=ISO,YMD -c IntervalStyle=postgres";

/* To libpq an empty value is no value. */
static const char *find(const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *o = options; o && o->keyword; o++) {
        if (strcmp(o->keyword, keyword) == 0) {
            return o->val && o->val[0] ? o->val : NULL;
        }
    }
    return NULL;
}

/* libpq quotes what it could not parse, and that may be the password or a part of it: where the DSN
 * may hold one, all between the first quote and the last is blotted out. */
static void tidy_message(const char *dsn, char *message)
{
    message[strcspn(message, "\n")] = '\0';
    char *first = strchr(message, '"');
    char *last = strrchr(message, '"');
    if (first && last > first + 1 && (strchr(dsn, '@') || strcasestr(dsn, "pass"))) {
        memset(first + 1, '*', (size_t)(last - first - 1));
    }
}

/* Those that the environment or a service has, and those that the string has in libpq's reading. */
static bool learn_secrets(const pg_target_t *target)
{
    const PQconninfoOption *const all[] = {target->given, target->defaults};
    bool ok = true;
    for (size_t i = 0; i < COUNT(all); i++) {
        for (const PQconninfoOption *o = all[i]; ok && o && o->keyword; o++) {
            ok = !o->val || secret_learn_setting(o->keyword, o->val);
        }
    }
    return ok;
}

static bool parse(pg_target_t *target, const char *dsn, err_t *err)
{
    char *message = NULL;
    target->given = PQconninfoParse(dsn, &message);
    target->defaults = PQconndefaults();
    if (!target->given && message) {
        tidy_message(dsn, message);
        err_set(
            err, ERR_USAGE,
            "cannot read the connection string: %s (allowed: postgresql://user@host:port/dbname, "
            "or host=… port=… dbname=… user=…)",
            message);
    } else if (!target->given || !target->defaults) {
        err_set(err, ERR_RUN, "cannot read the connection string: out of memory");
    }
    PQfreemem(message);
    return target->given && target->defaults;
}

/* An '@' that is neither a path's nor an abstract socket's. */
static bool is_split_by_at(const char *hosts)
{
    for (size_t len; *hosts; hosts += len + (hosts[len] == ',')) {
        len = strcspn(hosts, ",");
        if (hosts[0] != '/' && hosts[0] != '@' && memchr(hosts, '@', len)) {
            return true;
        }
    }
    return false;
}

/* libpq takes the first '@' for the end of a URI's password and a '/' for that of its port: what is
 * not encoded would come up as a host, a port or a database. */
static bool check_encoding(const pg_target_t *target, err_t *err)
{
    const char *host = find(target->given, "host"), *port = find(target->given, "port");
    bool host_ok = !host || !is_split_by_at(host);
    return (host_ok && (!port || port[strspn(port, "0123456789, ")] == '\0')) ||
           err_set(err, ERR_USAGE,
                   "cannot read the connection string: its %s; in a URI's password an '@' is "
                   "written %%40, a '/' %%2F and a ':' %%3A",
                   host_ok ? "port is no number" : "host has an '@' in it");
}

static void put(words_t *words, const char *keyword, const char *value)
{
    if (words->count < WORDS_MAX - 1) {
        words->keywords[words->count] = keyword;
        words->values[words->count] = value;
        words->count++;
    }
}

/* libpq takes the last value of a keyword that comes twice: ours follow the DSN's. */
static void fill(words_t *words, pg_target_t *target, bool replication)
{
    for (const PQconninfoOption *o = target->given; o->keyword; o++) {
        if (o->val && o->val[0] && strcmp(o->keyword, "replication") != 0) {
            put(words, o->keyword, o->val);
        }
    }
    for (size_t i = 0; i < COUNT(ours); i++) {
        put(words, ours[i].keyword, ours[i].value);
    }
    for (size_t i = 0; i < COUNT(preset); i++) {
        if (!pg_target_get(target, preset[i].keyword)) {
            put(words, preset[i].keyword, preset[i].value);
        }
    }
    put(words, "options", buf_text(&target->options));
    if (replication) {
        put(words, "replication", "database");
    }
}

static const char *or_unknown(const char *value)
{
    return value ? value : "?";
}

static bool show(pg_target_t *target)
{
    const char *host = pg_target_get(target, "host");
    const char *address = pg_target_get(target, "hostaddr");
    const char *service = find(target->given, "service");
    if (service && !buf_printf(&target->display, "service=%s ", service)) {
        return false;
    }
    if (!host) {
        host = address ? address : "[local]"; /* as psql's %M shows the default socket */
    }
    return buf_printf(&target->display, "host=%s port=%s dbname=%s user=%s", host,
                      or_unknown(pg_target_get(target, "port")),
                      or_unknown(pg_target_get(target, "dbname")),
                      or_unknown(pg_target_get(target, "user"))) &&
           *buf_text(&target->display);
}

static bool build(pg_target_t *target)
{
    const char *options = pg_target_get(target, "options");
    if (!learn_secrets(target) || !buf_printf(&target->options, "%s%s%s", options ? options : "",
                                              options ? " " : "", session_settings)) {
        return false;
    }
    fill(&target->ordinary, target, false);
    fill(&target->replication, target, true);
    return show(target);
}

pg_target_t *pg_target_new(const char *dsn, err_t *err)
{
    dsn = dsn ? dsn : "";
    pg_target_t *target = calloc(1, sizeof *target);
    if (!target) {
        err_set(err, ERR_RUN, "cannot read the connection string: out of memory");
        return NULL;
    }
    if (!secret_learn(dsn)) {
        err_set(err, ERR_RUN, "cannot read the connection string: out of memory");
        goto fail;
    }
    if (!parse(target, dsn, err) || !check_encoding(target, err)) {
        goto fail;
    }
    if (!build(target)) {
        err_set(err, ERR_RUN, "cannot read the connection string: out of memory");
        goto fail;
    }
    return target;

fail:
    pg_target_free(target);
    return NULL;
}

void pg_target_free(pg_target_t *target)
{
    if (target) {
        PQconninfoFree(target->given);
        PQconninfoFree(target->defaults);
        buf_free(&target->options);
        buf_free(&target->display);
        free(target);
    }
}

const char *pg_target_display(const pg_target_t *target)
{
    return target->display.data; /* NUL-terminated by pg_target_new */
}

const char *pg_target_get(const pg_target_t *target, const char *keyword)
{
    const char *value = find(target->given, keyword);
    if (!value) {
        value = find(target->defaults, keyword);
    }
    if (!value && strcmp(keyword, "dbname") == 0) {
        value = pg_target_get(target, "user"); /* as libpq does */
    }
    return value;
}

const char *const *pg_target_keywords(const pg_target_t *target, bool replication)
{
    return replication ? target->replication.keywords : target->ordinary.keywords;
}

const char *const *pg_target_values(const pg_target_t *target, bool replication)
{
    return replication ? target->replication.values : target->ordinary.values;
}
