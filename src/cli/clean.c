#include "cli/clean.h"

#include "postgres/schema.h"
#include "postgres/watched.h"

bool clean_all(const config_t *config, const pg_target_t *target, pg_admin_t *admin, clean_t whose,
               int *removed, err_t *err)
{
    int outside = 0;
    char noted_topics[SCHEMA_NOTE_MAX];
    *removed = 0;
    /* The connector first: while it is there its slot is in use. */
    bool done = schema_noted(admin, noted_topics, sizeof noted_topics, err) &&
                debezium_clean(config, target, admin, noted_topics, whose, &outside, err) &&
                schema_clean(admin, removed, err) &&
                (whose == CLEAN_OWN || watched_reap(admin, removed, err));
    *removed += outside;
    return done;
}
