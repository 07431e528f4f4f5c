/* run.json: the scenario as it was resolved. */
#include "report/files/json_node.h"
#include "report/files/run_json.h"

/* By stream_kind_t, phase_kind_t, key_kind_t and triggers_t, as scenario files spell them. */
static const char *const stream_kinds[] = {
    [STREAM_OFF] = "off", [STREAM_CLOSED] = "closed", [STREAM_OPEN] = "open"};
static const char *const phase_kinds[] = {
    [PHASE_WORK] = "work", [PHASE_DRAIN] = "drain", [PHASE_WATCH] = "watch"};
static const char *const key_kinds[] = {[KEY_UUID4] = "uuid4", [KEY_UUID7] = "uuid7"};
static const char *const trigger_sets[] = {[TRIGGERS_NONE] = "none",
                                           [TRIGGERS_USER] = "user",
                                           [TRIGGERS_COLUMNS] = "columns",
                                           [TRIGGERS_BOTH] = "both"};

/* A duration that 0 stands for the lack of. */
static json_t *duration_json(int64_t ns)
{
    return node_seconds(ns == 0 ? NOT_MEASURED : ns);
}

static json_t *amount_json(uint64_t amount)
{
    return amount == SCHEDULE_UNBOUNDED ? json_null() : node_count(amount);
}

static json_t *stream_json(const stream_t *stream, int64_t duration_ns)
{
    bool open = stream->kind == STREAM_OPEN;
    bool bursts = stream->burst_rows > 0;
    return NODE({"kind", json_string(stream_kinds[stream->kind])},
                {"rows", amount_json(schedule_rows(stream, duration_ns))},
                {"transactions", amount_json(schedule_txns(stream, duration_ns))},
                {"rows_per_txn", node_count(stream->rows_per_txn)},
                {"rate_per_s", open ? json_real(stream->rate_per_s) : json_null()},
                {"burst_rows", bursts ? node_count(stream->burst_rows) : json_null()},
                {"burst_every_s", duration_json(bursts ? stream->burst_every_ns : 0)});
}

/* The streams that do something, by name. */
static json_t *streams_json(const phase_t *phase)
{
    json_t *streams = json_object();
    for (uint32_t number = 0; number < STREAM_COUNT; number++) {
        if (phase->streams[number].kind != STREAM_OFF) {
            json_t *stream = stream_json(&phase->streams[number], phase->duration_ns);
            node_set(&streams, stream_names[number], stream);
        }
    }
    return streams;
}

static json_t *phase_json(const phase_t *phase)
{
    return NODE({"name", node_text(phase->name)}, {"kind", json_string(phase_kinds[phase->kind])},
                {"duration_s", duration_json(phase->duration_ns)},
                {"at_most_s", duration_json(phase->at_most_ns)},
                {"first_row", node_count(phase->first_row)},
                {"rows_before", node_count(phase->rows_before)}, {"streams", streams_json(phase)});
}

static json_t *phases_json(const scenario_t *scenario)
{
    json_t *phases = json_array();
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        node_add(&phases, phase_json(&scenario->phases[i]));
    }
    return phases;
}

static json_t *table_json(const table_use_t *use)
{
    return NODE({"name", json_string(use->table->name)},
                {"columns", node_count(use->table->n_columns)},
                {"replica_identity", json_string(use->replica_identity_full ? "full" : "default")},
                {"triggers", json_string(trigger_sets[use->triggers])});
}

static json_t *tables_json(const tables_t *tables)
{
    json_t *all = json_array();
    for (uint32_t t = 0; t < tables->n; t++) {
        node_add(&all, table_json(&tables->use[t]));
    }
    return all;
}

json_t *run_json_scenario(const scenario_t *scenario)
{
    /* The seed as text: readers of JSON that have doubles alone would round its 64 bits. */
    return NODE({"name", node_text(scenario->name)},
                {"seed", json_sprintf("%llu", (unsigned long long)scenario->seed)},
                {"table", NODE({"key", json_string(key_kinds[scenario->key_kind])},
                               {"replica_identity",
                                json_string(scenario->replica_identity_full ? "full" : "default")},
                               {"triggers", json_string(trigger_sets[scenario->triggers])})},
                {"tables", tables_json(&scenario->tables)},
                {"connections", node_count(scenario->connections)},
                {"rows", node_count(scenario->rows)}, {"phases", phases_json(scenario)});
}
