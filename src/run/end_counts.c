#include "run/end_counts.h"

const char *const end_fault_names[END_FAULT_KINDS] = {
    [END_DIFFERS] = "end_differs",
    [END_MISSING] = "end_missing",
    [END_UNSEEN] = "end_unseen",
};

bool end_counts_clean(const end_counts_t *counts)
{
    uint64_t faults = counts->repeated + counts->unreadable;
    for (end_fault_kind_t kind = 0; kind < END_FAULT_KINDS; kind++)
        faults += counts->faults[kind];
    return faults == 0 && !counts->overflowed;
}
