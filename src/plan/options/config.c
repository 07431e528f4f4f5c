#include "plan/options/config.h"

#include <stdlib.h>

#include "plan/options/options.h"

bool config_defaults(config_t *config)
{
    *config = (config_t){0};
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (!option_default(option, config)) {
            return false;
        }
    }
    return true;
}

void config_free(config_t *config)
{
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        option_free(option, config);
    }
    if (config->scenario.spec_free != NULL) {
        config->scenario.spec_free(config->scenario.spec);
    }
    free(config->scenario.word);
    *config = (config_t){0};
}

bool config_tap_on(const config_t *config, tap_id_t tap)
{
    if (!config->taps.given && tap_has(tap, TAP_READS_TOPIC)) {
        return config->kafka.brokers != NULL;
    }
    return config->taps.on[tap];
}

bool config_has_tap(const config_t *config, unsigned trait)
{
    bool has = false;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        has = has || (tap_has(tap, trait) && config_tap_on(config, tap));
    }
    return has;
}

uint32_t config_taps(const config_t *config)
{
    uint32_t n = 0;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        n += config_tap_on(config, tap);
    }
    return n;
}
