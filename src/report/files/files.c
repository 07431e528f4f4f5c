#include "report/files/files.h"

#include "report/files/run_json.h"
#include "report/files/tables.h"

typedef struct {
    const manifest_t *manifest;
    const result_t *result;
} content_t;

/* Writes the whole of a file's content. False, with *err, for what the FILE does not know of. */
typedef bool write_t(FILE *out, const content_t *content, err_t *err);

static bool write_summary(FILE *out, const content_t *content, err_t *err)
{
    (void)err;
    csv_write_header(out, &table_summary);
    for (uint32_t phase = 0; phase < content->result->scenario->n_phases; phase++) {
        for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
            summary_record_t record;
            if (summary_record(content->result, phase, stream, &record)) {
                csv_write_record(out, &table_summary, &record);
            }
        }
    }
    return true;
}

static bool write_lag_record(void *context, const lag_record_t *record)
{
    csv_write_record(context, &table_lag, record);
    return true;
}

static bool write_lag(FILE *out, const content_t *content, err_t *err)
{
    csv_write_header(out, &table_lag);
    return lag_records_each(content->result, write_lag_record, out) ||
           err_set(err, ERR_RUN, "cannot write lag.csv: out of memory");
}

static bool write_transaction_record(void *context, const lag_record_t *record)
{
    csv_write_record(context, &table_lag_transactions, record);
    return true;
}

static bool write_lag_transactions(FILE *out, const content_t *content, err_t *err)
{
    csv_write_header(out, &table_lag_transactions);
    return lag_transactions_each(content->result, write_transaction_record, out) ||
           err_set(err, ERR_RUN, "cannot write lag_transactions.csv: out of memory");
}

static bool write_verify(FILE *out, const content_t *content, err_t *err)
{
    (void)err;
    csv_write_header(out, &table_verify);
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (content->result->taps[tap].on && !content->result->taps[tap].unverified) {
            csv_write_record(out, &table_verify,
                             &(verify_record_t){.tap = tap_names[tap],
                                                .totals = &content->result->taps[tap].verify,
                                                .ends = &content->result->taps[tap].ends});
        }
    }
    return true;
}

static bool write_run_json(FILE *out, const content_t *content, err_t *err)
{
    return run_json_write(out, content->manifest, content->result, err);
}

static bool write_file(folder_t *folder, const char *name, write_t *write, const content_t *content,
                       err_t *err)
{
    FILE *file = folder_create(folder, name, err);
    if (file == NULL) {
        return false;
    }
    if (!write(file, content, err)) {
        folder_discard(folder, file, name);
        return false;
    }
    return folder_commit(folder, file, name, err);
}

bool files_write(folder_t *folder, const manifest_t *manifest, const result_t *result, err_t *err)
{
    /* run.json last: whoever finds it finds the others. */
    static const struct {
        const char *name;
        write_t *write;
    } files[] = {
        {"summary.csv", write_summary},
        {"lag.csv", write_lag},
        {"lag_transactions.csv", write_lag_transactions},
        {"verify.csv", write_verify},
        {"run.json", write_run_json},
    };
    content_t content = {.manifest = manifest, .result = result};
    bool ok = true;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        /* Only the first error is kept; the others most likely say the same. */
        ok = write_file(folder, files[i].name, files[i].write, &content, ok ? err : NULL) && ok;
    }
    return ok;
}
