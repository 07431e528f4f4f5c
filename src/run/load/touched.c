#include "run/load/touched.h"

#include <assert.h>
#include <stdlib.h>

void touched_free(touched_t *touched)
{
    free(touched->items);
    *touched = (touched_t){0};
}

bool touched_begin(touched_t *touched, size_t rows)
{
    touched->n = touched->first_live = 0;
    if (rows <= touched->cap)
        return true;
    free(touched->items);
    touched->items = malloc(rows * sizeof *touched->items);
    touched->cap = touched->items == NULL ? 0 : rows;
    return touched->items != NULL;
}

void touched_set(touched_t *touched, row_state_t *states, uint64_t row, uint16_t state)
{
    assert(touched->n < touched->cap);
    touched->items[touched->n].row = row;
    touched->items[touched->n].before = row_state_get(states, row);
    touched->n++;
    row_state_set(states, row, state); /* its chunk is there: the row was inserted */
}

void touched_undo(touched_t *touched, row_state_t *states)
{
    /* The last first: a row that was touched twice gets back what it was at the very start. */
    for (size_t i = touched->n; i > touched->first_live; i--)
        row_state_set(states, touched->items[i - 1].row, touched->items[i - 1].before);
    touched->first_live = touched->n;
}
