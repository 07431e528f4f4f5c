#include "report/summary_clock.h"

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

static void warn_of_foreign(FILE *out, const foreign_clock_t *clock, foreign_clock_id_t id)
{
    if (foreign_clock_holds(clock))
        return;
    if (clock->ahead_min_us > clock->ahead_max_us) {
        char by[32];
        units_format_us(clock->ahead_min_us - clock->ahead_max_us, by, sizeof by);
        fprintf(
            out,
            "WARNING: %s was set or drifted, by at least %s: %s, and commit_to_receipt is not\n",
            clock_words[id], by, clock_stages[id]);
        return;
    }
    bool ahead = clock->ahead_min_us > 0;
    char least[32], most[32];
    units_format_us(ahead ? clock->ahead_min_us : -clock->ahead_max_us, least, sizeof least);
    units_format_us(ahead ? clock->ahead_max_us : -clock->ahead_min_us, most, sizeof most);
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
