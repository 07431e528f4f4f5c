#include "model/change.h"

const char *const op_names[OP_COUNT] = {
    [OP_INSERT] = "insert",
    [OP_UPDATE] = "update",
    [OP_DELETE] = "delete",
};
