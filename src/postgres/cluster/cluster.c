#include "postgres/cluster/cluster.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "postgres/admin.h"
#include "postgres/cluster/cluster_dir.h"
#include "postgres/cluster/installation.h"
#include "postgres/cluster/process.h"

#define PASSWORD_BYTES 16 /* 128 bits; twice as many hexadecimal digits */
#define READY_WAIT_NS  (60 * NS_PER_S)
#define PORT_TRIES     5
#define PASSFILE       "pgpass"

struct pg_cluster {
    installation_t installation;
    process_user_t user;
    cluster_dir_t dir;
    char password[2 * PASSWORD_BYTES + 1];
    pid_t pid; /* of the postmaster that we started; 0: none */
    int port;
    int log_fd;
    bool keep;
    char passfile[CLUSTER_PATH_MAX + 16]; /* "": none */
    buf_t dsn;
};

/* What a measurement should not be at the mercy of; the rest is the server's default. Durability
 * stays as in production: without the fsync at commit, no latency or lag means anything. */
static const char *const settings[] = {
    "wal_level=logical",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "max_wal_senders=10",
    "max_replication_slots=10",
    /* The most that a forgotten slot may fill the disk with. */
    "max_slot_wal_keep_size=16GB",
    "shared_buffers=256MB",
    /* So that a checkpoint comes from time (5 min), not from volume, in a run of usual length; and
     * so that its segments are used again, not made anew. */
    "max_wal_size=4GB",
    "min_wal_size=1GB",
    "logging_collector=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "datestyle=ISO, YMD",
    NULL,
};

const char *const *pg_cluster_settings(void)
{
    return settings;
}

const char *pg_cluster_dsn(const pg_cluster_t *cluster)
{
    return cluster->dsn.data; /* NUL-terminated by set_dsn */
}

int pg_cluster_tcp_port(const pg_cluster_t *cluster)
{
    return cluster->port;
}

const char *pg_cluster_version(const pg_cluster_t *cluster)
{
    return cluster->installation.version;
}

const char *pg_cluster_dir(const pg_cluster_t *cluster)
{
    return cluster->dir.path;
}

int pg_cluster_pid(const pg_cluster_t *cluster)
{
    return process_postmaster(cluster->dir.data);
}

/* The end of the log, in which the reason stands, as one line. */
static const char *log_tail(const pg_cluster_t *cluster, char *out, size_t size)
{
    off_t end = lseek(cluster->log_fd, 0, SEEK_END);
    off_t from = end > (off_t)size - 1 ? end - (off_t)size + 1 : 0;
    ssize_t len = pread(cluster->log_fd, out, size - 1, from);
    out[len > 0 ? len : 0] = '\0';
    if (from > 0 && strchr(out, '\n')) { /* a whole line first */
        memmove(out, strchr(out, '\n') + 1, strlen(strchr(out, '\n')));
    }
    for (char *c = out; *c; c++) {
        if (*c == '\n' || *c == '\t') {
            *c = ' ';
        }
    }
    return out;
}

static bool make_password(pg_cluster_t *cluster, err_t *err)
{
    unsigned char bytes[PASSWORD_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return err_set(err, ERR_RUN, "cannot make a password: %s", strerror(errno));
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(cluster->password + 2 * i, 3, "%02x", bytes[i]);
    }
    return secret_add(cluster->password) ||
           err_set(err, ERR_RUN, "cannot keep the password: out of memory");
}

static bool open_log(pg_cluster_t *cluster, err_t *err)
{
    char path[CLUSTER_PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/log", cluster->dir.path);
    cluster->log_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    return cluster->log_fd >= 0 ||
           err_set(err, ERR_RUN, "cannot make %s: %s", path, strerror(errno));
}

static bool run_initdb(pg_cluster_t *cluster, err_t *err)
{
    char program[PATH_MAX + 8], password_file[CLUSTER_PATH_MAX + 16], pwfile[CLUSTER_PATH_MAX + 32];
    snprintf(program, sizeof program, "%s/initdb", cluster->installation.bin_dir);
    snprintf(password_file, sizeof password_file, "%s/password", cluster->dir.path);
    snprintf(pwfile, sizeof pwfile, "--pwfile=%s", password_file);
    if (!cluster_dir_put(&cluster->dir, "password", cluster->password, &cluster->user, err)) {
        return false;
    }
    /* --no-sync: nobody needs this cluster after a crash of the machine. The server itself syncs.
     */
    const char *const argv[] = {program,
                                "-D",
                                cluster->dir.data,
                                "--username=postgres",
                                "--auth=scram-sha-256",
                                pwfile,
                                "--encoding=UTF8",
                                "--locale=C",
                                "--no-sync",
                                NULL};
    process_t initdb = {
        .argv = argv,
        .user = &cluster->user,
        .dir = cluster->dir.data,
        .out_fd = cluster->log_fd,
        .death_signal = SIGTERM, /* then it removes what it made */
    };
    pid_t pid = process_start(&initdb, err);
    int status = pid > 0 ? process_wait(pid) : -1;
    unlink(password_file);
    if (status > 0) {
        char tail[600];
        return err_set(err, ERR_RUN, "%s failed with status %d: %s", program, status,
                       log_tail(cluster, tail, sizeof tail));
    }
    return status == 0;
}

static bool put_settings(buf_t *text, const char *const *list)
{
    for (; *list; list++) {
        int name = (int)strcspn(*list, "=");
        if (!buf_printf(text, "%.*s = '%s'\n", name, *list, *list + name + 1)) {
            return false;
        }
    }
    return true;
}

/* Into postgresql.conf, whose last word on a setting counts, and not on the command line: so ALTER
 * SYSTEM and a restart by hand work as on any server. */
static bool append_to_conf(const pg_cluster_t *cluster, const buf_t *text, err_t *err)
{
    char path[CLUSTER_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/postgresql.conf", cluster->dir.data);
    int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text->data, text->len) == (ssize_t)text->len;
    if (!done) {
        err_set(err, ERR_RUN, "cannot write %s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

static bool configure(const pg_cluster_t *cluster, const char *const *extra, err_t *err)
{
    buf_t text = {0};
    bool done =
        buf_printf(&text, "\n# cdcbench\nunix_socket_directories = '%s'\n", cluster->dir.run) &&
                put_settings(&text, settings) && (!extra || put_settings(&text, extra))
            ? append_to_conf(cluster, &text, err)
            : err_set(err, ERR_RUN, "cannot configure the server: out of memory");
    buf_free(&text);
    return done;
}

/* A port that is free now; another process may take it before the server does. 0: none. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int port = 0;
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        port = ntohs(address.sin_port);
    }
    if (fd >= 0) {
        close(fd);
    }
    return port;
}

static bool set_port(pg_cluster_t *cluster, err_t *err)
{
    buf_t text = {0};
    cluster->port = free_port();
    bool done = buf_printf(&text, "port = %d\n", cluster->port)
                    ? append_to_conf(cluster, &text, err)
                    : err_set(err, ERR_RUN, "cannot configure the server: out of memory");
    buf_free(&text);
    return done;
}

static bool launch(pg_cluster_t *cluster, err_t *err)
{
    char program[PATH_MAX + 16];
    snprintf(program, sizeof program, "%s/postgres", cluster->installation.bin_dir);
    const char *const argv[] = {program, "-D", cluster->dir.data, NULL};
    process_t server = {
        .argv = argv,
        .user = &cluster->user,
        .dir = cluster->dir.data,
        .out_fd = cluster->log_fd,
        .death_signal = cluster->keep ? 0 : SIGQUIT,
    };
    cluster->pid = process_start(&server, err);
    return cluster->pid > 0;
}

typedef enum { READY, EXITED, TOO_SLOW } ready_t;

static ready_t wait_until_ready(pg_cluster_t *cluster)
{
    char port[32];
    snprintf(port, sizeof port, "%d", cluster->port);
    const char *const keywords[] = {"host", "port", "dbname", "user", "connect_timeout", NULL};
    const char *const values[] = {cluster->dir.run, port, "postgres", "postgres", "2", NULL};
    int64_t deadline_ns = clock_now_ns() + READY_WAIT_NS;
    while (PQpingParams(keywords, values, 0) != PQPING_OK) {
        if (waitpid(cluster->pid, NULL, WNOHANG) == cluster->pid) {
            cluster->pid = 0;
            return EXITED;
        }
        if (clock_now_ns() > deadline_ns) {
            return TOO_SLOW;
        }
        clock_sleep_until_ns(clock_now_ns() + 20 * NS_PER_MS);
    }
    return READY;
}

static bool run_server(pg_cluster_t *cluster, err_t *err)
{
    for (int i = 0;; i++) {
        char tail[700];
        if (!set_port(cluster, err) || !launch(cluster, err)) {
            return false;
        }
        ready_t ready = wait_until_ready(cluster);
        if (ready == READY) {
            return true;
        }
        log_tail(cluster, tail, sizeof tail);
        bool port_taken = ready == EXITED && strstr(tail, "Address already in use");
        if (!port_taken || i + 1 == PORT_TRIES) {
            return err_set(err, ERR_RUN, "the embedded server (%s) %s: %s",
                           cluster->installation.bin_dir,
                           ready == EXITED ? "ended at once" : "did not answer within 60 s", tail);
        }
    }
}

/* In a connection string a value in quotes has \' and \\ for ' and \. */
static bool set_dsn(pg_cluster_t *cluster, const char *database)
{
    buf_t *dsn = &cluster->dsn;
    buf_clear(dsn);
    bool done = buf_printf(dsn, "host=%s port=%d user=postgres password=%s dbname='",
                           cluster->dir.run, cluster->port, cluster->password);
    for (const char *c = database; done && *c; c++) {
        done = buf_printf(dsn, *c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
    }
    return done && buf_puts(dsn, "'") && *buf_text(dsn);
}

static bool create_database(pg_admin_t *admin, const char *name, err_t *err)
{
    buf_t sql = {0};
    char *quoted = pg_admin_quote_identifier(admin, name);
    bool done = quoted && buf_printf(&sql, "CREATE DATABASE %s", quoted)
                    ? pg_admin_exec(admin, buf_text(&sql), err)
                    : err_set(err, ERR_RUN, "cannot create database %s: out of memory", name);
    free(quoted);
    buf_free(&sql);
    return done;
}

static bool open_database(pg_cluster_t *cluster, const char *name, err_t *err)
{
    if (!set_dsn(cluster, "postgres")) {
        return err_set(err, ERR_RUN, "cannot connect to the embedded server: out of memory");
    }
    if (!name) {
        return true;
    }
    pg_target_t *target = pg_target_new(pg_cluster_dsn(cluster), err);
    pg_admin_t *admin = target ? pg_admin_connect(target, err) : NULL;
    bool done = admin && create_database(admin, name, err);
    pg_admin_free(admin);
    pg_target_free(target);
    return done && (set_dsn(cluster, name) ||
                    err_set(err, ERR_RUN, "cannot connect to %s: out of memory", name));
}

/* The fields of a password file are parted by colons; ours hold none. */
static bool write_passfile(pg_cluster_t *cluster, err_t *err)
{
    if (!cluster->keep) {
        return true;
    }
    buf_t text = {0};
    snprintf(cluster->passfile, sizeof cluster->passfile, "%s/%s", cluster->dir.path, PASSFILE);
    bool done = buf_printf(&text, "*:%d:*:postgres:%s\n", cluster->port, cluster->password)
                    ? cluster_dir_put(&cluster->dir, PASSFILE, buf_text(&text), &cluster->user, err)
                    : err_set(err, ERR_RUN, "cannot write a password file: out of memory");
    buf_free(&text);
    return done;
}

const char *pg_cluster_passfile(const pg_cluster_t *cluster)
{
    return cluster->passfile;
}

const char *pg_cluster_socket_dir(const pg_cluster_t *cluster)
{
    return cluster->dir.run;
}

static void release(pg_cluster_t *cluster)
{
    if (cluster->log_fd >= 0) {
        close(cluster->log_fd);
    }
    explicit_bzero(cluster->password, sizeof cluster->password);
    buf_free(&cluster->dsn);
    free(cluster);
}

/* Whatever state it is in. A postmaster that was restarted by hand is no child of ours; the one
 * that we started may be a zombie then. */
static bool destroy(pg_cluster_t *cluster, err_t *err)
{
    process_stop_server(cluster->dir.data, true);
    if (cluster->pid > 0 && waitpid(cluster->pid, NULL, WNOHANG) == 0) {
        kill(cluster->pid, SIGKILL);
        process_wait(cluster->pid);
    }
    bool done = cluster_dir_remove(&cluster->dir, err);
    release(cluster);
    return done;
}

pg_cluster_t *pg_cluster_start(const pg_cluster_opts_t *opts, err_t *err)
{
    pg_cluster_t *cluster = calloc(1, sizeof *cluster);
    if (!cluster) {
        err_set(err, ERR_RUN, "cannot start an embedded server: out of memory");
        return NULL;
    }
    cluster->log_fd = -1;
    cluster->keep = opts->keep;
    if (!installation_find(opts->bin_dir, &cluster->installation, err) ||
        !process_user_find(&cluster->user, err) ||
        !cluster_dir_make(&cluster->dir, &cluster->user, err)) {
        release(cluster);
        return NULL;
    }
    if (!make_password(cluster, err) || !open_log(cluster, err) || !run_initdb(cluster, err) ||
        !configure(cluster, opts->extra_settings, err) || !run_server(cluster, err) ||
        !open_database(cluster, opts->database, err) || !write_passfile(cluster, err)) {
        destroy(cluster, NULL);
        return NULL;
    }
    return cluster;
}

bool pg_cluster_stop(pg_cluster_t *cluster, err_t *err)
{
    if (!cluster) {
        return true;
    }
    if (!cluster->keep) {
        return destroy(cluster, err);
    }
    bool done = cluster_dir_keep(&cluster->dir, err);
    release(cluster);
    return done;
}

static void stop_fast(const char *data_dir)
{
    process_stop_server(data_dir, true);
}

bool pg_cluster_stop_kept(const char *dir, err_t *err)
{
    return cluster_dir_remove_kept(dir, stop_fast, err);
}

static void stop_at_once(const char *data_dir)
{
    process_stop_server(data_dir, false);
}

int pg_cluster_reap(err_t *err)
{
    return cluster_dir_reap(stop_at_once, err);
}
