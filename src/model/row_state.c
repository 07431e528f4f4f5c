#include "model/row_state.h"
#include "base/counter.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct {
    _Atomic uint16_t rows[ROW_STATE_CHUNK];
} chunk_t;

struct row_state {
    uint64_t rows;
    uint64_t n_chunks;
    _Atomic(chunk_t *) chunks[]; /* NULL: every row of it is ROW_STATE_NEVER */
};

row_state_t *row_state_new(uint64_t rows)
{
    assert(rows >= 1);
    if (rows > ROW_STATE_ROWS_MAX)
        return NULL;
    uint64_t n_chunks = (rows - 1) / ROW_STATE_CHUNK + 1;
    row_state_t *state = calloc(1, sizeof *state + n_chunks * sizeof state->chunks[0]);
    if (state == NULL)
        return NULL;
    state->rows = rows;
    state->n_chunks = n_chunks;
    return state;
}

void row_state_free(row_state_t *state)
{
    if (state == NULL)
        return;
    for (uint64_t c = 0; c < state->n_chunks; c++)
        free(relaxed_get(&state->chunks[c]));
    free(state);
}

uint64_t row_state_rows(const row_state_t *state)
{
    return state->rows;
}

static chunk_t *chunk_get(const row_state_t *state, uint64_t row)
{
    assert(row < state->rows);
    return atomic_load_explicit(&state->chunks[row / ROW_STATE_CHUNK], memory_order_acquire);
}

/* The row's chunk, made if need be. Of two threads that make it at once, the one that publishes its
 * own second throws it away and takes the other's. */
static chunk_t *chunk_touch(row_state_t *state, uint64_t row)
{
    chunk_t *chunk = chunk_get(state, row);
    if (chunk != NULL)
        return chunk;
    chunk_t *made = malloc(sizeof *made);
    if (made == NULL)
        return NULL;
    for (size_t r = 0; r < ROW_STATE_CHUNK; r++)
        atomic_init(&made->rows[r], ROW_STATE_NEVER);
    if (!atomic_compare_exchange_strong_explicit(&state->chunks[row / ROW_STATE_CHUNK], &chunk,
                                                 made, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        free(made);
        return chunk;
    }
    return made;
}

bool row_state_touched(const row_state_t *state, uint64_t row)
{
    return chunk_get(state, row) != NULL;
}

uint16_t row_state_get(const row_state_t *state, uint64_t row)
{
    const chunk_t *chunk = chunk_get(state, row);
    if (chunk == NULL)
        return ROW_STATE_NEVER;
    return atomic_load_explicit(&chunk->rows[row % ROW_STATE_CHUNK], memory_order_acquire);
}

bool row_state_set(row_state_t *state, uint64_t row, uint16_t value)
{
    chunk_t *chunk = chunk_touch(state, row);
    if (chunk == NULL)
        return false;
    atomic_store_explicit(&chunk->rows[row % ROW_STATE_CHUNK], value, memory_order_release);
    return true;
}

bool row_state_set_range(row_state_t *state, uint64_t first, uint64_t n, uint16_t value)
{
    for (uint64_t row = first; row < first + n;) {
        chunk_t *chunk = chunk_touch(state, row);
        if (chunk == NULL)
            return false;
        do {
            atomic_store_explicit(&chunk->rows[row % ROW_STATE_CHUNK], value, memory_order_release);
            row++;
        } while (row < first + n && row % ROW_STATE_CHUNK != 0);
    }
    return true;
}
