#include "cli/libraries.h"

#include <stdio.h>

#include "base/hash.h"
#include "postgres/admin.h"
#include "run/load/loop.h"

void libraries_describe(libraries_t *libraries, manifest_t *manifest)
{
    pg_library_version(libraries->text[0], sizeof libraries->text[0]);
    unsigned number = XXH_versionNumber();
    snprintf(libraries->text[1], sizeof libraries->text[1], "%u.%u.%u", number / 10000,
             number / 100 % 100, number % 100);
    libraries->pairs[0] = (manifest_pair_t){"libpq", libraries->text[0]};
    libraries->pairs[1] = (manifest_pair_t){"libuv", loop_library_version()};
    libraries->pairs[2] = (manifest_pair_t){"xxHash", libraries->text[1]};
    manifest->libraries = libraries->pairs;
    manifest->n_libraries = sizeof libraries->pairs / sizeof *libraries->pairs;
}
