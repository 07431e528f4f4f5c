#include "result/end_counts.h"

const char *const end_fault_names[END_FAULT_KINDS] = {
    [END_DIFFERS] = "end_differs",
    [END_MISSING] = "end_missing",
    [END_UNSEEN] = "end_unseen",
};

uint64_t end_counts_faulty(const end_counts_t *counts)
{
    uint64_t faulty = 0;
    for (end_fault_kind_t kind = 0; kind < END_FAULT_KINDS; kind++)
        faulty += counts->faults[kind];
    return faulty;
}

bool end_counts_clean(const end_counts_t *counts)
{
    return end_counts_faulty(counts) + counts->repeated + counts->unreadable == 0 &&
           !counts->overflowed;
}
