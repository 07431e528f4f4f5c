/*
 * Whether a trigger has run on an update, of which one of its columns was found to be wrong: it has
 * not when its column is as it was before. Where the event does not carry the row before (REPLICA
 * IDENTITY DEFAULT), change_info tells by the amount that it names as new; modified_at does only
 * while it is NULL. Only for events that are mismatched already.
 */
#include <string.h>

#include "model/verify/verify_side.h"

static bool same_field(const field_t *a, const field_t *b)
{
    return a->kind == b->kind && a->len == b->len &&
           (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static bool is_as_before(const event_t *event, int column)
{
    const change_t *change = event->change;
    const field_t *after = &change->after[column];
    return after->kind == FIELD_NULL ||
           (change->before_kind == BEFORE_FULL && same_field(&change->before[column], after));
}

/* change_info names the amount of the version before as the new one. */
static bool names_the_amount_before(const event_t *event, const field_t *info)
{
    uint32_t cents, version = event->version + ROW_VERSIONS - 1;
    return info->kind == FIELD_TEXT && change_info_new_cents(info->bytes, info->len, &cents) &&
           cents == row_amount_cents_from(event->v->opts.space, event->amount_base, version);
}

const char *verify_silent_trigger(const side_t *side, int column)
{
    const event_t *event = side->event;
    const int *column_of = side->use->column_of;
    if (event->change->op != OP_UPDATE || side->fields != event->change->after)
        return NULL;
    switch (side->use->table->columns[column].role) {
    case ROLE_MODIFIED_BY:
    case ROLE_MODIFIED_AT:
        return is_as_before(event, column_of[ROLE_MODIFIED_AT]) ? "trigger_record_user_update"
                                                                : NULL;
    case ROLE_CHANGE_INFO:
        return is_as_before(event, column) || names_the_amount_before(event, &side->fields[column])
                   ? "trigger_record_change_info"
                   : NULL;
    case ROLE_KEY:
    case ROLE_GENERATED:
    case ROLE_AMOUNT:
        break;
    }
    return NULL;
}
