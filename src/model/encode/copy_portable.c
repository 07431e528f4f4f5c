/* The encoders for any machine: the compiler's own vectors, no others. */
#define ENCODE_VARIANT encode_portable
#include "model/encode/copy_rows.h"
