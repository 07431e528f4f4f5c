#include "plan/schedule/shape.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/units.h"

static uint64_t share_rate(const stream_t *stream, double share)
{
    return fixed_rate(stream->rate_per_s * share);
}

/* The first time at which a constant rate has brought so many rows. */
static uint64_t even_time(u128_t rows, uint64_t rate)
{
    return rows == 0 ? 0 : rate == 0 ? TIME_NEVER : (uint64_t)ceil_div(rows, rate);
}

static uint64_t plus(uint64_t start_ns, uint64_t t_ns)
{
    return t_ns == TIME_NEVER ? TIME_NEVER : start_ns + t_ns;
}

/* --- ramp: Λ(t) = from × t + (to − from) × t² / 2T, then on at `to` --------------------------- */

typedef struct {
    uint64_t from, to; /* rates */
    uint64_t over_ns;
} ramp_t;

static ramp_t ramp_of(const stream_t *stream)
{
    return (ramp_t){share_rate(stream, stream->shape.from), share_rate(stream, stream->shape.to),
                    (uint64_t)stream->shape.over_ns};
}

/* t² / 2T is rounded down for a rise and up for a fall: a step of t moves it by at most 1 ns either
 * way, so the sum never falls. */
static u128_t ramp_rows(const ramp_t *ramp, uint64_t t_ns)
{
    u128_t t = least(t_ns, ramp->over_ns), after = t_ns - (uint64_t)t;
    u128_t square = t * t, twice = (u128_t)2 * ramp->over_ns;
    u128_t rows = ramp->to >= ramp->from
                      ? ramp->from * t + (ramp->to - ramp->from) * (square / twice)
                      : ramp->to * t + (ramp->from - ramp->to) * (t - ceil_div(square, twice));
    return rows + ramp->to * after;
}

/* Where the parabola has the value, in floating point: near enough to begin a search. */
static uint64_t ramp_guess(const ramp_t *ramp, u128_t rows)
{
    double from = (double)ramp->from, over = (double)ramp->over_ns;
    double bend = ((double)ramp->to - from) / (2 * over);
    double root = from * from + 4 * bend * (double)rows;
    double below = from + sqrt(root > 0 ? root : 0);
    double t = below > 0 ? 2 * (double)rows / below : over;
    return t < over ? (uint64_t)t : ramp->over_ns;
}

/* Brackets the time from the guess on in growing steps, then halves. */
static uint64_t ramp_search(const ramp_t *ramp, u128_t rows)
{
    uint64_t low = ramp_guess(ramp, rows), high = low, step = 1;
    while (low > 0 && ramp_rows(ramp, low) >= rows) { /* low: not yet there */
        high = low;
        low -= least(low, step);
        step *= 2;
    }
    for (step = 1; ramp_rows(ramp, high) < rows; step *= 2) {
        low = high;
        high += step;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        *(ramp_rows(ramp, middle) >= rows ? &high : &low) = middle;
    }
    return ramp_rows(ramp, low) >= rows ? low : high;
}

static uint64_t ramp_time(const ramp_t *ramp, u128_t rows)
{
    u128_t whole = ramp_rows(ramp, ramp->over_ns);
    return rows > whole ? plus(ramp->over_ns, even_time(rows - whole, ramp->to))
                        : ramp_search(ramp, rows);
}

/* --- steps ------------------------------------------------------------------------------------ */

static u128_t steps_rows(const stream_t *stream, uint64_t t_ns)
{
    const share_list_t *shares = &stream->shape.shares;
    uint64_t each = (uint64_t)stream->shape.each_ns, left = t_ns;
    u128_t rows = 0;
    for (uint32_t i = 0; i < shares->n && left > 0; i++) {
        uint64_t part = i + 1 < shares->n ? least(left, each) : left;
        rows += (u128_t)share_rate(stream, shares->items[i]) * part;
        left -= part;
    }
    return rows;
}

static uint64_t steps_time(const stream_t *stream, u128_t rows)
{
    const share_list_t *shares = &stream->shape.shares;
    uint64_t each = (uint64_t)stream->shape.each_ns, start = 0;
    for (uint32_t i = 0;; i++) {
        uint64_t rate = share_rate(stream, shares->items[i]);
        u128_t whole = (u128_t)rate * each;
        if (rows <= whole || i + 1 == shares->n) {
            return plus(start, even_time(rows, rate));
        }
        rows -= whole;
        start += each;
    }
}

/* --- square ----------------------------------------------------------------------------------- */

typedef struct {
    uint64_t high, low; /* rates */
    uint64_t high_ns, period_ns;
    u128_t rows; /* of a period */
} square_t;

static square_t square_of(const stream_t *stream)
{
    const shape_t *shape = &stream->shape;
    square_t square = {
        .high = share_rate(stream, shape->high),
        .low = share_rate(stream, shape->low),
        .high_ns = (uint64_t)llround(shape->duty * (double)shape->period_ns),
        .period_ns = (uint64_t)shape->period_ns,
    };
    square.rows = (u128_t)square.high * square.high_ns +
                  (u128_t)square.low * (square.period_ns - square.high_ns);
    return square;
}

static u128_t square_rows(const square_t *square, uint64_t t_ns)
{
    uint64_t within = t_ns % square->period_ns;
    uint64_t high_ns = least(within, square->high_ns);
    return t_ns / square->period_ns * square->rows + (u128_t)square->high * high_ns +
           (u128_t)square->low * (within - high_ns);
}

static uint64_t square_time(const square_t *square, u128_t rows)
{
    if (rows == 0 || square->rows == 0) {
        return rows == 0 ? 0 : TIME_NEVER;
    }
    uint64_t periods = (uint64_t)((rows - 1) / square->rows);
    u128_t rest = rows - periods * square->rows; /* 1 … square->rows */
    u128_t of_high = (u128_t)square->high * square->high_ns;
    uint64_t within = rest <= of_high ? even_time(rest, square->high)
                                      : square->high_ns + even_time(rest - of_high, square->low);
    return periods * square->period_ns + within;
}

/* --- sine ------------------------------------------------------------------------------------- */

/* Time as the stream's rows see it: w(t) = t + amplitude × P/2π × (1 − cos 2πt/P), so that
 * Λ(t) = rate × w(t). Kept in 1/16 ns. Worked out at the edges of 2^17 cells a period, and straight
 * between them: at most 5 × 10^-11 of a period off, and whole numbers that never fall. */
#define SINE_CELLS 131072u
#define SINE_UNIT  16u

/* w at the edge of a cell, within a period. 1 − cos x = 2 sin² x/2, which loses nothing near 0. */
static uint64_t sine_edge(const shape_t *shape, uint64_t cell)
{
    u128_t straight = (u128_t)SINE_UNIT * cell * (uint64_t)shape->period_ns;
    double s = sin(M_PI * (double)cell / SINE_CELLS);
    double bent = SINE_UNIT * shape->amplitude * (double)shape->period_ns / M_PI * s * s;
    return (uint64_t)(straight / SINE_CELLS) +
           (uint64_t)llround(bent + (double)(uint64_t)(straight % SINE_CELLS) / SINE_CELLS);
}

static u128_t sine_warp(const shape_t *shape, uint64_t t_ns)
{
    uint64_t period = (uint64_t)shape->period_ns, within = t_ns % period;
    uint64_t cell = (uint64_t)((u128_t)within * SINE_CELLS / period);
    uint64_t inside = (uint64_t)((u128_t)within * SINE_CELLS - (u128_t)cell * period);
    uint64_t left = sine_edge(shape, cell), right = sine_edge(shape, cell + 1);
    return (u128_t)(t_ns / period) * SINE_UNIT * period + left +
           (u128_t)(right - left) * inside / period;
}

/* The first time whose w is at least `warp`. */
static uint64_t sine_unwarp(const shape_t *shape, u128_t warp)
{
    if (warp == 0) {
        return 0;
    }
    uint64_t period = (uint64_t)shape->period_ns;
    uint64_t periods = (uint64_t)((warp - 1) / ((u128_t)SINE_UNIT * period));
    uint64_t rest = (uint64_t)(warp - (u128_t)periods * SINE_UNIT * period);
    uint64_t low = 0, high = SINE_CELLS; /* edge(low) < rest ≤ edge(high) */
    while (high - low > 1) {
        uint64_t middle = (low + high) / 2;
        *(sine_edge(shape, middle) >= rest ? &high : &low) = middle;
    }
    uint64_t left = sine_edge(shape, low), right = sine_edge(shape, high);
    u128_t inside = ceil_div((u128_t)(rest - left) * period, right - left);
    return periods * period + (uint64_t)ceil_div(inside + (u128_t)low * period, SINE_CELLS);
}

/* --- replay ----------------------------------------------------------------------------------- */

typedef struct {
    uint64_t start_ns;
    uint64_t rate; /* fixed_rate; from start_ns until the next piece */
    u128_t before; /* rows by start_ns */
} piece_t;

struct replay {
    piece_t *pieces; /* the first begins at 0 */
    size_t n, cap;
};

static u128_t replay_rows(const replay_t *replay, uint64_t t_ns)
{
    size_t low = 0, high = replay->n; /* the last piece that begins at t or before is in between */
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(replay->pieces[middle].start_ns <= t_ns ? &low : &high) = middle;
    }
    const piece_t *piece = &replay->pieces[low];
    return piece->before + (u128_t)piece->rate * (t_ns - piece->start_ns);
}

static uint64_t replay_time_ns(const replay_t *replay, u128_t rows)
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

/* --- all -------------------------------------------------------------------------------------- */

u128_t shape_rows(const stream_t *stream, uint64_t t_ns)
{
    const shape_t *shape = &stream->shape;
    ramp_t ramp;
    square_t square;
    switch (shape->kind) {
    case SHAPE_CONSTANT:
        return (u128_t)fixed_rate(stream->rate_per_s) * t_ns;
    case SHAPE_RAMP:
        ramp = ramp_of(stream);
        return ramp_rows(&ramp, t_ns);
    case SHAPE_STEPS:
        return steps_rows(stream, t_ns);
    case SHAPE_SINE:
        return fixed_rate(stream->rate_per_s) * sine_warp(shape, t_ns) / SINE_UNIT;
    case SHAPE_SQUARE:
        square = square_of(stream);
        return square_rows(&square, t_ns);
    case SHAPE_REPLAY:
        return replay_rows(shape->replay, t_ns);
    case SHAPE_COUNT:
        break;
    }
    __builtin_unreachable();
}

uint64_t shape_time_ns(const stream_t *stream, u128_t rows)
{
    const shape_t *shape = &stream->shape;
    ramp_t ramp;
    square_t square;
    switch (shape->kind) {
    case SHAPE_CONSTANT:
        return even_time(rows, fixed_rate(stream->rate_per_s));
    case SHAPE_RAMP:
        ramp = ramp_of(stream);
        return ramp_time(&ramp, rows);
    case SHAPE_STEPS:
        return steps_time(stream, rows);
    case SHAPE_SINE:
        /* floor(rate × w / 16) ≥ rows  ⇔  w ≥ 16 × rows / rate */
        return sine_unwarp(shape, ceil_div(rows * SINE_UNIT, fixed_rate(stream->rate_per_s)));
    case SHAPE_SQUARE:
        square = square_of(stream);
        return square_time(&square, rows);
    case SHAPE_REPLAY:
        return replay_time_ns(shape->replay, rows);
    case SHAPE_COUNT:
        break;
    }
    __builtin_unreachable();
}

static bool needs_duration(const char *what, int64_t ns, int64_t duration_ns, err_t *err)
{
    return ns > 0 || duration_ns > 0 ||
           err_set(err, ERR_USAGE,
                   "shape.%s takes its time from the phase's duration, and there is none: give the "
                   "phase a duration and the stream no number of rows, or give shape.%s",
                   what, what);
}

/* The highest share of the rate that the shape reaches. */
static double peak_share(const shape_t *shape)
{
    double peak = 1;
    if (shape->kind == SHAPE_RAMP) {
        peak = fmax(shape->from, shape->to);
    } else if (shape->kind == SHAPE_SQUARE) {
        peak = fmax(shape->low, shape->high);
    } else if (shape->kind == SHAPE_SINE) {
        peak = 1 + shape->amplitude;
    } else if (shape->kind == SHAPE_STEPS) {
        peak = 0;
        for (uint32_t i = 0; i < shape->shares.n; i++) {
            peak = fmax(peak, shape->shares.items[i]);
        }
    }
    return peak;
}

bool shape_check(const stream_t *stream, int64_t duration_ns, err_t *err)
{
    const shape_t *shape = &stream->shape;
    if (shape->kind == SHAPE_STEPS && shape->shares.n == 0) {
        return err_set(err, ERR_USAGE, "shape.steps needs shares: shares: [50%%, 100%%, 200%%]");
    }
    if (shape->kind == SHAPE_RAMP &&
        !needs_duration("ramp.over", shape->over_ns, duration_ns, err)) {
        return false;
    }
    if (shape->kind == SHAPE_STEPS &&
        !needs_duration("steps.each", shape->each_ns, duration_ns, err)) {
        return false;
    }
    double peak = stream->rate_per_s * peak_share(shape);
    if (!(peak >= SCHEDULE_RATE_MIN && peak <= SCHEDULE_RATE_MAX)) {
        return err_set(err, ERR_USAGE,
                       "at its highest the shape makes %.9g rows/s of the rate, which is out of "
                       "range: %g to %g",
                       peak, SCHEDULE_RATE_MIN, SCHEDULE_RATE_MAX);
    }
    return true;
}

/* --- reading a recording ---------------------------------------------------------------------- */

#define REPLAY_BYTES_MAX (64 << 20)

typedef struct {
    const char *name;
    size_t line;
    replay_t *replay;
    err_t *err;
} parser_t;

static const piece_t *last_piece(const replay_t *replay)
{
    return replay->n > 0 ? &replay->pieces[replay->n - 1] : NULL;
}

static bool add_piece(parser_t *p, uint64_t start_ns, uint64_t rate)
{
    replay_t *replay = p->replay;
    piece_t *pieces = array_room(replay->pieces, replay->n, &replay->cap, sizeof *pieces);
    if (pieces == NULL) {
        return err_set(p->err, ERR_RUN, "%s: out of memory", p->name);
    }
    replay->pieces = pieces;
    u128_t before = 0;
    const piece_t *last = last_piece(replay);
    if (last != NULL) {
        before = last->before + (u128_t)last->rate * (start_ns - last->start_ns);
    }
    pieces[replay->n++] = (piece_t){start_ns, rate, before};
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
    if (p->replay->n == 0 && start_ns > 0 && !add_piece(p, 0, 0)) {
        return false;
    }
    const piece_t *last = last_piece(p->replay);
    if (last != NULL && (uint64_t)start_ns <= last->start_ns) {
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
        bool heading = p->replay->n == 0 && strspn(line, "0123456789") == 0;
        if (line[0] != '\0' && line[0] != '#' && !heading && !parse_line(p, line)) {
            return false;
        }
    }
    return true;
}

static bool check(const parser_t *p)
{
    const piece_t *last = last_piece(p->replay);
    if (last == NULL) {
        return err_set(p->err, ERR_USAGE, "%s: no line of it is second,rate", p->name);
    }
    return last->before > 0 || last->rate > 0 ||
           err_set(p->err, ERR_USAGE, "%s: all of its rates are 0", p->name);
}

replay_t *replay_parse(const char *name, const char *text, size_t len, err_t *err)
{
    parser_t p = {.name = name, .replay = calloc(1, sizeof *p.replay), .err = err};
    char *copy = strndup(text, len);
    bool done = copy != NULL && p.replay != NULL ? parse_lines(&p, copy) && check(&p)
                                                 : err_set(err, ERR_RUN, "%s: out of memory", name);
    free(copy);
    if (!done) {
        replay_free(p.replay);
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
    if (replay != NULL) {
        free(replay->pieces);
    }
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): only the const goes */
    free((void *)(uintptr_t)replay);
}
