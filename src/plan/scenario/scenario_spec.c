#include "plan/scenario/scenario_spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/table_builder.h"
#include "plan/schedule/shape.h"

void phase_spec_defaults(phase_spec_t *phase)
{
    *phase = (phase_spec_t){.at_most_ns = 60 * NS_PER_S};
    for (int i = 0; i < STREAM_COUNT; i++) {
        phase->streams[i] = (stream_spec_t){
            .shape =
                {.to = 1, .amplitude = 0.5, .high = 2, .duty = 0.5, .period_ns = 10 * NS_PER_S},
            .burst_every_ns = NS_PER_S,
            .keys = {.theta = 0.99, .share = 0.01, .probability = 0.9},
        };
    }
}

void phase_spec_free(phase_spec_t *phase)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        free(phase->streams[i].replay_file);
        replay_free(phase->streams[i].shape.replay);
    }
    free(phase->name);
}

scenario_spec_t *scenario_spec_new(const char *source)
{
    scenario_spec_t *spec = calloc(1, sizeof *spec);
    if (spec != NULL && (spec->source = strdup(source)) == NULL) {
        free(spec);
        return NULL;
    }
    return spec;
}

void scenario_spec_free(scenario_spec_t *spec)
{
    if (spec == NULL) {
        return;
    }
    for (uint32_t i = 0; i < spec->n_phases; i++) {
        phase_spec_free(&spec->phases[i]);
    }
    for (uint32_t i = 0; i < spec->n_tables; i++) {
        table_free(spec->tables[i].table);
        free(spec->tables[i].name);
    }
    free(spec->tables_text);
    free(spec->source);
    free(spec);
}

phase_spec_t *scenario_spec_phase(scenario_spec_t *spec, const char *name, size_t len)
{
    for (uint32_t i = 0; i < spec->n_phases; i++) {
        const char *found = spec->phases[i].name;
        if (found != NULL && strlen(found) == len && memcmp(found, name, len) == 0) {
            return &spec->phases[i];
        }
    }
    return NULL;
}
