#include "report/files/run_json_parts.h"
#include "report/files/tables.h"
#include "report/text/text.h"

static json_t *operations_json(const result_t *result, uint32_t phase)
{
    json_t *operations = json_array();
    bool complete = operations != NULL;
    for (uint32_t stream = 0; complete && stream < STREAM_COUNT; stream++) {
        summary_record_t record;
        if (summary_record(result, phase, stream, &record)) {
            complete = run_json_append(operations, run_json_record(&table_summary, &record));
        }
    }
    return run_json_whole(operations, complete);
}

/* How late an idle connection sent what was due. */
static json_t *schedule_lag_json(const hist_t *lag)
{
    if (lag == NULL || hist_count(lag) == 0) {
        return json_null();
    }
    return run_json_object((const run_json_field_t[]){
        {"count", json_integer((json_int_t)hist_count(lag))},
        {"p50_us", json_integer((json_int_t)hist_percentile_us(lag, 50))},
        {"p90_us", json_integer((json_int_t)hist_percentile_us(lag, 90))},
        {"p99_us", json_integer((json_int_t)hist_percentile_us(lag, 99))},
        {"p999_us", json_integer((json_int_t)hist_percentile_us(lag, 99.9))},
        {"max_us", json_integer((json_int_t)hist_max_us(lag))},
        {NULL, NULL},
    });
}

static json_t *phase_json(const result_t *result, uint32_t i)
{
    const phase_result_t *phase = &result->phases[i];
    return run_json_object((const run_json_field_t[]){
        {"name", run_json_text(result->scenario->phases[i].name)},
        {"start_s", run_json_seconds(phase->start_ns)},
        {"end_s", run_json_seconds(phase->end_ns)},
        {"warm_up", json_boolean(result->scenario->phases[i].warm_up)},
        {"schedule_lag", schedule_lag_json(phase->schedule_lag)},
        {"backlog", run_json_backlog(phase)},
        {"pace", run_json_pace(phase)},
        {"drain", run_json_drains(phase)},
        {"operations", operations_json(result, i)},
        {NULL, NULL},
    });
}

json_t *run_json_phases(const result_t *result)
{
    json_t *phases = json_array();
    bool complete = phases != NULL;
    for (uint32_t i = 0; complete && i < result->scenario->n_phases; i++) {
        complete = run_json_append(phases, phase_json(result, i));
    }
    return run_json_whole(phases, complete);
}

static json_t *fault_json(const fault_t *fault)
{
    return run_json_object((const run_json_field_t[]){
        {"kind", json_string(fault_names[fault->kind])},
        {"operation", run_json_text(text_fault_has_change(fault) ? op_names[fault->op] : NULL)},
        {"row", run_json_integer(fault->has_row ? (int64_t)fault->row : NOT_MEASURED)},
        {"version", run_json_integer(fault->has_row ? fault->version : NOT_MEASURED)},
        {"key", run_json_text(fault->key)},
        {"column", run_json_text(fault->column)},
        {"side", run_json_text(fault->side)},
        {"trigger", run_json_text(fault->trigger)},
        {"expected", run_json_text(fault->expected)},
        {"found", run_json_text(fault->found)},
        {"lsn", run_json_lsn(fault->position)},
        {NULL, NULL},
    });
}

static json_t *faults_json(const verifier_t *verifier)
{
    json_t *faults = json_array();
    bool complete = faults != NULL;
    for (fault_kind_t kind = 0; verifier != NULL && kind < FAULT_KINDS; kind++) {
        size_t count = verify_fault_count(verifier, kind);
        for (size_t i = 0; complete && i < count; i++) {
            complete = run_json_append(faults, fault_json(verify_fault(verifier, kind, i)));
        }
    }
    return run_json_whole(faults, complete);
}

static json_t *verify_json(const tap_result_t *tap, const char *name)
{
    json_t *verify = run_json_record(
        &table_verify, &(verify_record_t){.tap = name, .totals = &tap->verify, .ends = &tap->ends});
    bool complete = verify != NULL &&
                    json_object_set_new(verify, "gaps_overflowed",
                                        json_boolean(tap->verify.gaps_overflowed)) == 0 &&
                    json_object_set_new(verify, "faults", faults_json(tap->verifier)) == 0;
    return run_json_whole(verify, complete);
}

/* What only a consumer of Kafka can tell; null for the other. */
static json_t *kafka_json(const tap_result_t *tap, tap_id_t id)
{
    if (id != TAP_KAFKA)
        return json_null();
    return run_json_object((const run_json_field_t[]){
        {"wire_bytes",
         run_json_integer(tap->wire_bytes > 0 ? (int64_t)tap->wire_bytes : NOT_MEASURED)},
        {"unreadable", json_integer((json_int_t)tap->unreadable)},
        {"tombstones", json_integer((json_int_t)tap->tombstones)},
        {"removed_offsets", json_integer((json_int_t)tap->removed_offsets)},
        {"skipped_offsets", json_integer((json_int_t)tap->skipped_offsets)},
        {"outages", json_integer((json_int_t)tap->outages)},
        {NULL, NULL},
    });
}

static json_t *end_fault_json(const end_fault_t *fault)
{
    bool has_end = fault->kind != END_MISSING;
    return run_json_object((const run_json_field_t[]){
        {"kind", json_string(end_fault_names[fault->kind])},
        {"transaction", json_integer((json_int_t)fault->txid)},
        {"collection", run_json_text(fault->collection[0] != '\0' ? fault->collection : NULL)},
        {"told", run_json_integer(has_end ? (int64_t)fault->told : NOT_MEASURED)},
        {"seen", json_integer((json_int_t)fault->seen)},
        {NULL, NULL},
    });
}

/* The counts of the transactions' ENDs; null where they were not held. */
static json_t *ends_json(const end_counts_t *ends)
{
    if (!ends->measured)
        return json_null();
    json_t *faults = json_array();
    bool complete = faults != NULL;
    for (size_t i = 0; complete && i < ends->n_kept; i++)
        complete = run_json_append(faults, end_fault_json(&ends->kept[i]));
    return run_json_object((const run_json_field_t[]){
        {"ends", json_integer((json_int_t)ends->ends)},
        {"agree", json_integer((json_int_t)ends->agree)},
        {"differ", json_integer((json_int_t)ends->faults[END_DIFFERS])},
        {"missing", json_integer((json_int_t)ends->faults[END_MISSING])},
        {"unseen", json_integer((json_int_t)ends->faults[END_UNSEEN])},
        {"undecided", json_integer((json_int_t)ends->undecided)},
        {"repeated", json_integer((json_int_t)ends->repeated)},
        {"unreadable", json_integer((json_int_t)ends->unreadable)},
        {"overflowed", json_boolean(ends->overflowed)},
        {"faults", run_json_whole(faults, complete)},
        {NULL, NULL},
    });
}

/* Distinct events, by operation. */
static json_t *seen_json(const tap_result_t *tap)
{
    json_t *seen = json_object();
    bool complete = seen != NULL;
    for (op_t op = 0; complete && op < OP_COUNT; op++)
        complete =
            json_object_set_new(seen, op_names[op], json_integer((json_int_t)tap->seen[op])) == 0;
    return run_json_whole(seen, complete);
}

static json_t *tap_json(const tap_result_t *tap, tap_id_t id)
{
    const char *name = tap_names[id];
    return run_json_object((const run_json_field_t[]){
        {"tap", json_string(name)},
        {"complete", json_boolean(tap->complete)},
        {"error", run_json_outside(tap->error[0] != '\0' ? tap->error : NULL)},
        {"events", json_integer((json_int_t)tap->events)},
        {"transactions", json_integer((json_int_t)tap->transactions)},
        {"unmatched_transactions", json_integer((json_int_t)tap->unmatched_transactions)},
        {"bytes", json_integer((json_int_t)tap->bytes)},
        {"start_lsn", run_json_lsn(tap->start_lsn)},
        {"last_lsn", run_json_lsn(tap->last_lsn)},
        {"seen", seen_json(tap)},
        {"kafka", kafka_json(tap, id)},
        {"verify", tap->unverified ? json_null() : verify_json(tap, name)},
        {"transaction_ends", ends_json(&tap->ends)},
        {NULL, NULL},
    });
}

json_t *run_json_taps(const result_t *result)
{
    json_t *taps = json_array();
    bool complete = taps != NULL;
    for (tap_id_t tap = 0; complete && tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on) {
            complete = run_json_append(taps, tap_json(&result->taps[tap], tap));
        }
    }
    return run_json_whole(taps, complete);
}

static bool append_lag(void *context, const lag_record_t *record)
{
    return run_json_append(context, run_json_record(&table_lag, record));
}

static bool append_transaction_lag(void *context, const lag_record_t *record)
{
    return run_json_append(context, run_json_record(&table_lag_transactions, record));
}

json_t *run_json_lag_transactions(const result_t *result)
{
    json_t *lag = json_array();
    return run_json_whole(lag, lag != NULL &&
                                   lag_transactions_each(result, append_transaction_lag, lag));
}

json_t *run_json_lag(const result_t *result)
{
    json_t *lag = json_array();
    return run_json_whole(lag, lag != NULL && lag_records_each(result, append_lag, lag));
}
