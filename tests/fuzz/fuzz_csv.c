/* A CSV file that anybody may have edited: what is read has as many cells as it says, each a
 * string. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/files/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    csv_data_t csv;
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    if (!csv_read_text(text, size, "fuzz.csv", &csv, NULL)) {
        return 0;
    }
    for (size_t row = 0; row < csv.n_rows; row++) {
        for (size_t column = 0; column < csv.n_columns; column++) {
            sink += strlen(csv_cell(&csv, row, column));
        }
    }
    csv_data_free(&csv);
    return 0;
}
