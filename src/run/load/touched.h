/*
 * touched: the older rows that the transaction under way has updated or deleted, in the order in
 * which they were sent, and what the writer knew of each before: so that their states go back when
 * it is undone, and that a statement which found no row can name it. Belongs to its session; 16
 * bytes a row, kept from transaction to transaction.
 */
#ifndef CDCBENCH_RUN_LOAD_TOUCHED_H
#define CDCBENCH_RUN_LOAD_TOUCHED_H

#include <stddef.h>

#include "model/row_state.h"

typedef struct {
    struct {
        uint64_t row;
        uint16_t before;
    } * items;
    size_t n, cap;
    size_t first_live; /* the states of those before it have gone back */
} touched_t;

void touched_free(touched_t *touched);

/* Empties it, with room for so many; false when memory is out. */
bool touched_begin(touched_t *touched, size_t rows);

/* Sets the row's state, and notes what it was. There is room. */
void touched_set(touched_t *touched, row_state_t *states, uint64_t row, uint16_t state);

/* Gives all their states back; they stay listed. */
void touched_undo(touched_t *touched, row_state_t *states);

#endif
