#include "plan/schedule/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "plan/schedule/schedule.h"

#define REPLAY_BYTES_MAX (64 << 20)

typedef struct {
    uint64_t start_ns;
    uint64_t rate; /* fixed_rate; from start_ns until the next piece */
    u128_t before; /* rows by start_ns */
} piece_t;

struct replay {
    size_t n;
    piece_t pieces[]; /* the first begins at 0 */
};

typedef struct {
    const char *name;
    size_t line;
    replay_t *replay;
    size_t room;
    err_t *err;
} parser_t;

static bool add_piece(parser_t *p, uint64_t start_ns, uint64_t rate)
{
    replay_t *replay = p->replay;
    size_t n = replay != NULL ? replay->n : 0;
    if (n == p->room) {
        size_t room = n > 0 ? 2 * n : 1024;
        replay_t *grown = realloc(replay, sizeof *replay + room * sizeof *replay->pieces);
        if (grown == NULL) {
            return err_set(p->err, ERR_RUN, "%s: out of memory", p->name);
        }
        p->replay = replay = grown;
        p->room = room;
    }
    u128_t before = 0;
    if (n > 0) {
        const piece_t *last = &replay->pieces[n - 1];
        before = last->before + (u128_t)last->rate * (start_ns - last->start_ns);
    }
    replay->pieces[n] = (piece_t){start_ns, rate, before};
    replay->n = n + 1;
    return true;
}

static bool refuse(const parser_t *p, const char *text, const char *allowed)
{
    return err_set(p->err, ERR_USAGE, "%s:%zu: cannot read '%s': %s", p->name, p->line, text,
                   allowed);
}

/* "120, 3500", or a rate of 0. */
static bool parse_fields(parser_t *p, char *line, int64_t *start_ns, double *rate)
{
    char *comma = strchr(line, ',');
    if (comma == NULL) {
        return refuse(p, line, "each line is second,rate, such as 120,3500");
    }
    *comma = '\0';
    char *second = line, *per_s = comma + 1;
    second[strcspn(second, " \t")] = '\0';
    per_s += strspn(per_s, " \t");
    if (!units_parse_duration(second, start_ns, NULL) || *start_ns > SCHEDULE_SPAN_MAX_NS) {
        return refuse(p, second, "the first column is in seconds from the phase's start");
    }
    if (!units_parse_number(per_s, rate, NULL) || *rate > SCHEDULE_RATE_MAX) {
        return refuse(p, per_s, "the second column is a rate in rows per second, 0 or more");
    }
    return true;
}

static bool parse_line(parser_t *p, char *line)
{
    int64_t start_ns = 0;
    double rate = 0;
    if (!parse_fields(p, line, &start_ns, &rate)) {
        return false;
    }
    if (p->replay == NULL && start_ns > 0 && !add_piece(p, 0, 0)) {
        return false;
    }
    const replay_t *replay = p->replay;
    if (replay != NULL && (uint64_t)start_ns <= replay->pieces[replay->n - 1].start_ns) {
        return err_set(p->err, ERR_USAGE, "%s:%zu: its second is not after that of the line before",
                       p->name, p->line);
    }
    return add_piece(p, (uint64_t)start_ns, fixed_rate(rate));
}

static bool parse_lines(parser_t *p, char *text)
{
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        p->line++;
        size_t len = strlen(line);
        while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL) {
            line[--len] = '\0';
        }
        line += strspn(line, " \t");
        bool heading = p->replay == NULL && strspn(line, "0123456789") == 0;
        if (line[0] != '\0' && line[0] != '#' && !heading && !parse_line(p, line)) {
            return false;
        }
    }
    return true;
}

static bool check(const parser_t *p)
{
    const replay_t *replay = p->replay;
    if (replay == NULL) {
        return err_set(p->err, ERR_USAGE, "%s: no line of it is second,rate", p->name);
    }
    const piece_t *last = &replay->pieces[replay->n - 1];
    return last->before > 0 || last->rate > 0 ||
           err_set(p->err, ERR_USAGE, "%s: all of its rates are 0", p->name);
}

replay_t *replay_parse(const char *name, const char *text, size_t len, err_t *err)
{
    parser_t p = {.name = name, .err = err};
    char *copy = strndup(text, len);
    bool done = copy != NULL ? parse_lines(&p, copy) && check(&p)
                             : err_set(err, ERR_RUN, "%s: out of memory", name);
    free(copy);
    if (!done) {
        free(p.replay);
        return NULL;
    }
    return p.replay;
}

replay_t *replay_read(const char *path, err_t *err)
{
    buf_t text = {0};
    replay_t *replay = NULL;
    FILE *in = fopen(path, "re");
    char *room = in != NULL ? buf_room(&text, REPLAY_BYTES_MAX) : NULL;
    size_t len = room != NULL ? fread(room, 1, REPLAY_BYTES_MAX, in) : 0;
    if (room == NULL || ferror(in)) {
        err_set(err, ERR_USAGE, "%s: the recording cannot be read: %s", path, strerror(errno));
    } else if (len == REPLAY_BYTES_MAX) {
        err_set(err, ERR_USAGE, "%s: the recording is larger than 64 MiB", path);
    } else {
        replay = replay_parse(path, room, len, err);
    }
    if (in != NULL) {
        fclose(in);
    }
    buf_free(&text);
    return replay;
}

void replay_free(const replay_t *replay)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): only the const goes */
    free((void *)(uintptr_t)replay);
}

u128_t replay_rows(const replay_t *replay, uint64_t t_ns)
{
    size_t low = 0, high = replay->n; /* the last piece that begins at t or before is in between */
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(replay->pieces[middle].start_ns <= t_ns ? &low : &high) = middle;
    }
    const piece_t *piece = &replay->pieces[low];
    return piece->before + (u128_t)piece->rate * (t_ns - piece->start_ns);
}

uint64_t replay_time_ns(const replay_t *replay, u128_t rows)
{
    if (rows == 0) {
        return 0;
    }
    size_t low = 0, high = replay->n; /* the last piece with fewer rows before it is in between */
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(replay->pieces[middle].before < rows ? &low : &high) = middle;
    }
    const piece_t *piece = &replay->pieces[low];
    if (piece->rate == 0) {
        return TIME_NEVER;
    }
    return piece->start_ns + (uint64_t)ceil_div(rows - piece->before, piece->rate);
}
