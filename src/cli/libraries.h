/* libraries: what the tool is built on, for the manifest. Main thread. */
#ifndef CDCBENCH_CLI_LIBRARIES_H
#define CDCBENCH_CLI_LIBRARIES_H

#include "report/files/manifest.h"

/* Outlives the manifest. */
typedef struct {
    manifest_pair_t pairs[3];
    char text[2][32]; /* what has to be made; the rest is constant */
} libraries_t;

void libraries_describe(libraries_t *libraries, manifest_t *manifest);

#endif
