#include "plan/options/taps.h"

#define ROW(id, name, traits, label, slot, whose) [id] = {name, label, traits},
const tap_row_t tap_rows[TAP_COUNT] = {TAP_EACH(ROW)};

tap_id_t tap_with(unsigned trait)
{
    tap_id_t tap = 0;
    while (!tap_has(tap, trait))
        tap++;
    return tap;
}
