/* cdcbench gen: the rows themselves, to stdout or a file. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/emit.h"
#include "plan/schedule/shard.h"

typedef struct {
    int64_t began_ns, told_ns;
    int64_t every_ns;
} progress_t;

static void tell(const progress_t *progress, uint64_t rows, uint64_t bytes)
{
    int64_t took_ns = clock_now_ns() - progress->began_ns;
    double seconds = (double)(took_ns > 0 ? took_ns : 1) / 1e9;
    log_info("%s rows, %s in %s: %s rows/s, %s/s", units_count(rows).text, units_bytes(bytes).text,
             units_us(took_ns / 1000).text, units_count((uint64_t)((double)rows / seconds)).text,
             units_bytes((uint64_t)((double)bytes / seconds)).text);
}

static void on_progress(void *ctx, uint64_t rows, uint64_t bytes)
{
    progress_t *progress = ctx;
    int64_t now_ns = clock_now_ns();
    if (now_ns - progress->told_ns < progress->every_ns)
        return;
    progress->told_ns = now_ns;
    tell(progress, rows, bytes);
}

static bool is_stdout(const config_t *config)
{
    return config->output.file == NULL || strcmp(config->output.file, "-") == 0;
}

static int open_output(const config_t *config, err_t *err)
{
    if (is_stdout(config)) {
        /* A reader that has had enough (head) ends this as it ends any filter, without a word. */
        signal(SIGPIPE, SIG_DFL);
        return STDOUT_FILENO;
    }
    int fd = open(config->output.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        err_set(err, ERR_RUN, "--output: could not open %s for writing: %s", config->output.file,
                strerror(errno));
    return fd;
}

/* A disk's last word may come at the end (quotas over a network). */
static bool close_output(const config_t *config, int fd, err_t *err)
{
    if (fd != STDOUT_FILENO && close(fd) != 0 && err->code == ERR_NONE)
        return err_set(err, ERR_RUN, "could not write to %s: %s", config->output.file,
                       strerror(errno));
    return err->code == ERR_NONE;
}

static bool take_range(const config_t *config, uint64_t *first, uint64_t *rows, err_t *err)
{
    shard_t shard;
    *first = config->gen.first;
    *rows = config->quick.rows;
    if (!shard_parse(config->gen.shard, &shard, err))
        return err_wrap(err, "--shard");
    if (*rows > ROW_NUMBER_MAX + 1 - *first)
        return err_set(err, ERR_USAGE,
                       "--rows: %" PRIu64 " rows from row %" PRIu64
                       " on go past the last row number, %" PRIu64,
                       *rows, *first, (uint64_t)ROW_NUMBER_MAX);
    shard_narrow(&shard, first, rows);
    return true;
}

/* NULL where the format is not Debezium's; false when memory is out. */
static bool make_envelope(const config_t *config, envelope_encoder_t **out, err_t *err)
{
    envelope_form_t form = {.server = "cdc",
                            .database = "financial_db",
                            .version = ENVELOPE_VERSION,
                            .user = "postgres",
                            .schemas = config->gen.schemas,
                            .replica_identity_full = true};
    *out = NULL;
    if (config->gen.format != GEN_DEBEZIUM)
        return true;
    *out = envelope_encoder_new(&form);
    return *out != NULL || err_set(err, ERR_RUN, "messages: out of memory");
}

static bool run_generator(const config_t *config, int fd, const envelope_encoder_t *envelope,
                          uint64_t first, uint64_t rows, err_t *err)
{
    row_space_t space;
    row_space_init(&space, config->table.seed, config->table.key_kind);
    int64_t now_ns = clock_now_ns();
    progress_t progress = {now_ns, now_ns, config->output.progress_ns};
    emit_opts_t opts = {.space = &space,
                        .format = (encode_format_t)config->gen.format,
                        .envelope = envelope,
                        .first = first,
                        .rows = rows,
                        .threads = (unsigned)config->load.threads,
                        .fd = fd,
                        .destination = is_stdout(config) ? "stdout" : config->output.file,
                        .interrupts = &command_interrupts,
                        .on_progress = on_progress,
                        .ctx = &progress};
    emitted_t done;
    if (emit_rows(&opts, &done, err)) {
        tell(&progress, done.rows, done.bytes);
        return true;
    }
    char text[sizeof err->text];
    snprintf(text, sizeof text, "%s", err->text);
    return err_set(err, err->code,
                   "%.800s; of %" PRIu64 " rows %" PRIu64 " (%" PRIu64
                   " bytes) were written, and the last may be cut",
                   text, rows, done.rows, done.bytes);
}

int command_gen(const line_t *line, const config_t *config)
{
    (void)line;
    err_t err = {0};
    uint64_t first, rows;
    envelope_encoder_t *envelope = NULL;
    if (!take_range(config, &first, &rows, &err) || !make_envelope(config, &envelope, &err))
        return command_fail(&err);
    command_hear_signals();
    int fd = open_output(config, &err);
    if (fd >= 0) {
        (void)run_generator(config, fd, envelope, first, rows, &err);
        (void)close_output(config, fd, &err);
    }
    envelope_encoder_free(envelope);
    return err.code == ERR_NONE ? 0 : command_fail(&err);
}
