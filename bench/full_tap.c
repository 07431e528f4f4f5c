#include "full_tap.h"

void full_tap_prepare(full_tap_t *full, uint64_t rows, bool is_kafka, bool unverified)
{
    row_space_init(&full->space, 42, KEY_UUID4);
    full->verify =
        (verify_opts_t){.space = &full->space,
                        .tables = tables_of_one(&table_transactions, TRIGGERS_BOTH, true),
                        .rows = rows,
                        .modified_by = "postgres"};
    clock_anchor_t anchor = clock_anchor();
    clocksync_init(&full->clock, anchor);
    clocksync_add(&full->clock, anchor.mono_ns, anchor.mono_ns, anchor.wall_us);
    atomic_init(&full->phase, 0);
    full->opts = (tap_opts_t){.verify = &full->verify,
                              .unverified = unverified,
                              .connections = 1,
                              .id = is_kafka ? TAP_KAFKA : TAP_WAL,
                              .clock = &full->clock,
                              .phase = &full->phase};
}

uint64_t full_tap_faults(tap_t *tap)
{
    verify_totals_t totals;
    if (tap_verifier(tap) == NULL)
        return 0;
    verify_totals_peek(tap_verifier(tap), &totals);
    return totals.missing + totals.duplicated + totals.out_of_order + totals.mismatched +
           totals.rolled_back + totals.unknown;
}
