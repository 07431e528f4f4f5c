#include "plan/schedule/shard.h"

#include <errno.h>
#include <stdlib.h>

#include "plan/schedule/fixed.h"

/* A decimal number without sign or space; *end is what follows it. */
static bool number(const char *text, char **end, uint64_t *out)
{
    errno = 0;
    *out = strtoull(text, end, 10);
    return *text >= '0' && *text <= '9' && errno == 0;
}

bool shard_parse(const char *text, shard_t *out, err_t *err)
{
    char *end;
    *out = (shard_t){1, 1};
    if (text == NULL)
        return true;
    if (number(text, &end, &out->index) && *end == '/' && number(end + 1, &end, &out->count) &&
        *end == '\0' && out->index >= 1 && out->index <= out->count &&
        out->count <= SHARD_COUNT_MAX)
        return true;
    return err_set(err, ERR_USAGE,
                   "'%s' is no shard: I/N is, the I-th of N (at most %d), such as 1/3, 2/3, 3/3",
                   text, SHARD_COUNT_MAX);
}

void shard_narrow(const shard_t *shard, uint64_t *first, uint64_t *rows)
{
    /* 2^59 rows × 2^16 shards is more than 64 bits hold. */
    u128_t all = *rows;
    uint64_t begin = (uint64_t)(all * (shard->index - 1) / shard->count);
    uint64_t end = (uint64_t)(all * shard->index / shard->count);
    *first += begin;
    *rows = end - begin;
}
