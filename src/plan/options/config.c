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

bool config_tap_kafka(const config_t *config)
{
    return config->taps.given ? config->taps.kafka : config->kafka.brokers != NULL;
}
