/* A scenario's text, from its YAML to the resolved scenario: nothing may be read or written
 * outside, and what is accepted has a schedule that can be walked. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "plan/scenario/scenario_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static scenario_t scenario;

static void walk(const phase_t *phase)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        const stream_t *stream = &phase->streams[i];
        uint64_t txns = schedule_txns(stream, phase->duration_ns);
        if (stream->kind != STREAM_OPEN || txns == 0) {
            continue;
        }
        int64_t last_ns = schedule_txn_time_ns(stream, txns - 1);
        if (schedule_due_txns(stream, phase->duration_ns, last_ns) < txns) {
            abort();
        }
    }
}

/* What was accepted is written so that it is accepted again. */
static void write_and_read(const config_t *config)
{
    config_t again;
    buf_t text = {0};
    if (!scenario_write(config, &text) || !config_defaults(&again)) {
        abort();
    }
    if (!scenario_read("again", text.data, text.len, &again, NULL)) {
        abort();
    }
    config_free(&again);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    config_t config;
    err_t err;
    if (!config_defaults(&config)) {
        abort();
    }
    if (scenario_read("fuzz", (const char *)data, size, &config, &err) &&
        config_scenario(&config, &scenario, &err)) {
        for (uint32_t i = 0; i < scenario.n_phases; i++) {
            walk(&scenario.phases[i]);
        }
        write_and_read(&config);
    }
    config_free(&config);
    return 0;
}
