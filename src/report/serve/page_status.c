#include "report/serve/page_status.h"

#include <jansson.h>

#include "report/files/run_json_parts.h"

static bool add_partitions(json_t *object, const metrics_state_t *state)
{
    bool complete = true;
    for (int p = 0; complete && p < state->now.partitions; p++) {
        char name[320];
        int64_t unread = state->ends[p] - state->positions[p];
        snprintf(name, sizeof name, "%s, partition %d", state->now.topic, p);
        json_t *partition = run_json_object((const run_json_field_t[]){
            {"end offset", json_integer(state->ends[p])},
            {"read up to", json_integer(state->positions[p])},
            {"unread records", json_integer(unread > 0 ? unread : 0)},
            {NULL, NULL},
        });
        complete = json_object_set_new(object, name, partition) == 0;
    }
    return complete;
}

char *page_status(const metrics_state_t *state)
{
    const run_now_t *now = &state->now;
    json_t *object = json_object();
    bool complete = object != NULL;
    if (now->connector != NULL) {
        complete = complete &&
                   json_object_set_new(object, "connector", run_json_text(now->connector)) == 0 &&
                   json_object_set_new(object, "connector's state",
                                       run_json_text(now->connector_state)) == 0 &&
                   json_object_set_new(object, "task's state", run_json_text(now->task_state)) == 0;
    }
    complete = complete && add_partitions(object, state);
    char *text = complete ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    return text;
}
