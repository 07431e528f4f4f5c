/* What other choices would weigh: the measured factors, and which are compared. */
#include <stdlib.h>
#include <string.h>

#include "report/analysis/size_factors.h"
#include "report/analysis/size_run.h"
#include "report/files/csv_read.h"

size_choice_t size_choice(size_t i)
{
    static const char *const compressions[] = {"none", "lz4", "zstd"};
    return (size_choice_t){
        .schemas = i < 6, .compression = compressions[i / 2 % 3], .full = i % 2 == 0};
}

static bool is_choice(const csv_data_t *data, size_t row, const size_choice_t *choice)
{
    const char *schemas = csv_cell(data, row, csv_column(data, "schemas"));
    const char *compression = csv_cell(data, row, csv_column(data, "compression"));
    const char *identity = csv_cell(data, row, csv_column(data, "replica_identity"));
    return strcmp(schemas, choice->schemas ? "on" : "off") == 0 &&
           strcmp(compression, choice->compression) == 0 &&
           strcmp(identity, choice->full ? "full" : "default") == 0;
}

/* Bytes of an event under a choice, as measured; 0: it was not. */
static double factor_of(const csv_data_t *data, const size_choice_t *choice)
{
    for (size_t row = 0; row < data->n_rows; row++) {
        if (is_choice(data, row, choice)) {
            return csv_number(data, row, csv_column(data, "wire_bytes_per_event"));
        }
    }
    return 0;
}

bool size_choice_bytes(const size_run_t *run, const size_choice_t *other, double *bytes)
{
    csv_data_t data;
    char *text = strdup(size_factors);
    if (text == NULL || !csv_read_text(text, strlen(size_factors), "factors.csv", &data, NULL)) {
        return false;
    }
    double own = factor_of(&data, &run->choice), others = factor_of(&data, other);
    csv_data_free(&data);
    *bytes = run->inputs[SIZE_BYTES_PER_EVENT].value * others / own;
    return own > 0 && others > 0;
}

/* The keys of the recorded envelopes (tests/envelopes) and about ten bytes of a record's own. */
double size_tombstone_bytes(const size_choice_t *choice)
{
    return choice->schemas ? 231 : 67;
}
