#include "report/terminal/summary_clock.h"

#include <inttypes.h>

#include "base/units.h"

static const char *const clock_words[CLOCK_COUNT] = {
    [CLOCK_CONNECT] = "Kafka Connect's clock",
    [CLOCK_BROKER] = "the broker's clock",
};

/* What is measured with it, and so is wrong with it. */
static const char *const clock_stages[CLOCK_COUNT] = {
    [CLOCK_CONNECT] = "the stages up to debezium and from it on are wrong by that",
    [CLOCK_BROKER] = "the stages up to append and from it on are wrong by that",
};

/* Of a minute in which the clock was set, the bounds cross: least is then above most. */
static void print_minute(FILE *out, const char *which, const clock_ahead_t *ahead)
{
    char least[32], most[32];
    units_format_us(ahead->min_us, least, sizeof least);
    units_format_us(ahead->max_us, most, sizeof most);
    fprintf(out, "         %s %s to %s\n", which, least, most);
}

static void warn_of_foreign(FILE *out, const foreign_clock_t *clock, foreign_clock_id_t id)
{
    if (foreign_clock_holds(clock))
        return;
    const clock_ahead_t *whole = &clock->whole;
    if (whole->min_us > whole->max_us) {
        char by[32];
        units_format_us(whole->min_us - whole->max_us, by, sizeof by);
        fprintf(
            out,
            "WARNING: %s was set or drifted, by at least %s: %s, and commit_to_receipt is not\n",
            clock_words[id], by, clock_stages[id]);
        print_minute(out, "ahead of the server's in the first minute by", &clock->first);
        print_minute(out, "in the last by", &clock->last);
        print_minute(out, "in the worst by", &clock->worst);
        return;
    }
    bool ahead = whole->min_us > 0;
    char least[32], most[32];
    units_format_us(ahead ? whole->min_us : -whole->max_us, least, sizeof least);
    units_format_us(ahead ? whole->max_us : -whole->min_us, most, sizeof most);
    fprintf(out, "WARNING: %s is %s to %s %s the server's: %s, and commit_to_receipt is not\n",
            clock_words[id], least, most, ahead ? "ahead of" : "behind", clock_stages[id]);
}

void summary_clock_warn(FILE *out, const result_t *result)
{
    if (result->clock_breaks > 0)
        fprintf(out,
                "WARNING: the server's clock or this host's was set, or changed its rate, %" PRIu64
                " time%s: lag from a commit before to a receipt after is wrong by as much\n",
                result->clock_breaks, result->clock_breaks == 1 ? "" : "s");
    for (foreign_clock_id_t id = 0; id < CLOCK_COUNT; id++)
        warn_of_foreign(out, &result->foreign_clocks[id], id);
}

void summary_clock_print(FILE *out, const result_t *result)
{
    if (result->clock_offset_us == NOT_MEASURED) {
        fputs("clock offset to the server not measured", out);
        return;
    }
    char offset[32], uncertainty[32];
    units_format_us(result->clock_offset_us, offset, sizeof offset);
    units_format_us(result->clock_uncertainty_us, uncertainty, sizeof uncertainty);
    fprintf(out, "clock offset to the server %s%s ± %s", result->clock_offset_us >= 0 ? "+" : "",
            offset, uncertainty);
}
