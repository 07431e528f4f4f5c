#include "result/taps.h"

#define ROW(id, name, traits, label, slot, whose) [id] = {name, label, traits},
const tap_row_t tap_rows[TAP_COUNT] = {TAP_EACH(ROW)};

tap_id_t tap_with(unsigned trait)
{
    tap_id_t tap = 0;
    while (!tap_has(tap, trait))
        tap++;
    return tap;
}

bool tap_is_asked(const config_t *config, tap_id_t tap)
{
    const bool asked[TAP_COUNT] = {
        [TAP_WAL] = config->taps.wal,
        [TAP_KAFKA] = config_tap_kafka(config),
    };
    return asked[tap];
}
