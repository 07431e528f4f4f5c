/* A sizing as text, CSV and JSON. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/analysis/size.h"
#include "report/files/json_node.h"
#include "report/text/text.h"

/* --- the rows --------------------------------------------------------------------------------- */

typedef struct {
    char label[64], basis[160];
    bool own;
    double bytes; /* of an event */
    double results[SIZE_RESULTS];
} alternative_t;

/* The cluster for events of this weight, all else being the same. */
static void size_with(const size_run_t *run, double bytes, double results[SIZE_RESULTS])
{
    size_input_t inputs[SIZE_INPUTS];
    memcpy(inputs, run->inputs, sizeof inputs);
    inputs[SIZE_BYTES_PER_EVENT].value = bytes;
    size_compute(inputs, results);
}

/* The i-th of SIZE_CHOICES, and behind them the run without tombstones. False: there is no figure
 * for it. */
static bool alternative(const size_run_t *run, size_t i, alternative_t *out)
{
    double own = run->inputs[SIZE_BYTES_PER_EVENT].value;
    if (i == SIZE_CHOICES) {
        double each = size_tombstone_bytes(&run->choice);
        out->own = false;
        out->bytes = own - run->tombstones_share * each;
        snprintf(out->label, sizeof out->label, "no tombstones");
        snprintf(out->basis, sizeof out->basis,
                 "assumed: a tombstone weighs %.0f bytes; the run has %.3f for an event", each,
                 run->tombstones_share);
        size_with(run, out->bytes, out->results);
        return run->tombstones_share > 0;
    }
    size_choice_t choice = size_choice(i);
    if (!size_choice_bytes(run, &choice, &out->bytes)) {
        return false;
    }
    out->own = choice.schemas == run->choice.schemas && choice.full == run->choice.full &&
               strcmp(choice.compression, run->choice.compression) == 0;
    snprintf(out->label, sizeof out->label, "schemas %s, %s, replica identity %s",
             choice.schemas ? "on" : "off", choice.compression, choice.full ? "full" : "default");
    snprintf(out->basis, sizeof out->basis,
             "this run's %.0f bytes × %.3f: measured, results/reference/sizing-factors", own,
             out->bytes / own);
    size_with(run, out->bytes, out->results);
    return true;
}

/* One row of sizing.csv. */
typedef struct {
    const char *choice;   /* "this run", or what would be otherwise */
    const char *kind;     /* "input" or "result" */
    const char *quantity; /* a size_quantity_t's name */
    const char *unit;
    double value; /* NAN: absent */
    const char *origin, *basis;
} size_row_t;

typedef bool row_visit_t(void *ctx, const size_row_t *row);

static bool each_result(const char *choice, const char *basis, const double *results,
                        row_visit_t *visit, void *ctx)
{
    for (int i = 0; i < SIZE_RESULTS; i++) {
        const size_quantity_t *quantity = &size_result_quantities[i];
        size_row_t row = {.choice = choice,
                          .kind = "result",
                          .quantity = quantity->name,
                          .unit = quantity->unit,
                          .value = results[i],
                          .origin = size_origin_names[SIZE_COMPUTED],
                          .basis = basis != NULL ? basis : quantity->meaning};
        if (!visit(ctx, &row)) {
            return false;
        }
    }
    return true;
}

static bool each_own(const size_run_t *run, row_visit_t *visit, void *ctx)
{
    double results[SIZE_RESULTS];
    for (int i = 0; i < SIZE_INPUTS; i++) {
        const size_quantity_t *quantity = &size_input_quantities[i];
        size_row_t row = {.choice = "this run",
                          .kind = "input",
                          .quantity = quantity->name,
                          .unit = quantity->unit,
                          .value = run->inputs[i].value,
                          .origin = size_origin_names[run->inputs[i].origin],
                          .basis = run->inputs[i].basis};
        if (!visit(ctx, &row)) {
            return false;
        }
    }
    size_compute(run->inputs, results);
    return each_result("this run", NULL, results, visit, ctx);
}

static bool each_row(const size_run_t *run, row_visit_t *visit, void *ctx)
{
    bool ok = each_own(run, visit, ctx);
    for (size_t i = 0; ok && i <= SIZE_CHOICES; i++) {
        alternative_t other;
        if (!alternative(run, i, &other)) {
            continue;
        }
        size_row_t weight = {.choice = other.label,
                             .kind = "input",
                             .quantity = size_input_quantities[SIZE_BYTES_PER_EVENT].name,
                             .unit = size_input_quantities[SIZE_BYTES_PER_EVENT].unit,
                             .value = other.bytes,
                             .origin = size_origin_names[SIZE_COMPUTED],
                             .basis = other.basis};
        ok =
            visit(ctx, &weight) && each_result(other.label, other.basis, other.results, visit, ctx);
    }
    return ok;
}

/* --- CSV -------------------------------------------------------------------------------------- */

/* Three decimals where they say anything. */
static cell_t get_value(const void *at, double unused)
{
    double value = *(const double *)at;
    (void)unused;
    return cell_real(value, value == floor(value) || fabs(value) >= 1e6 ? 0 : 3);
}

static const csv_column_t columns[] = {
    CSV_TEXT(size_row_t, choice,
             "this run, or what would be otherwise: schemas, compression, replica identity"),
    CSV_TEXT(size_row_t, kind, "input, or result"),
    CSV_TEXT(size_row_t, quantity, "what the value is; docs/sizing.md has the formulas"),
    CSV_TEXT(size_row_t, unit, "the value's unit; empty for counts and factors"),
    CSV_COLUMN("value", "as `unit` says", "empty: not known, or never", get_value, CSV_RECORD,
               offsetof(size_row_t, value), 0),
    CSV_TEXT(size_row_t, origin, "measured (by the run), given (by an option), assumed, computed"),
    CSV_TEXT(size_row_t, basis, "what it rests on"),
};

const csv_table_t table_sizing = {
    SIZE_CSV_FILE,
    "What `cdcbench size` computed: one row for each quantity, for the run as it was and for each "
    "other choice.",
    columns,
    sizeof columns / sizeof columns[0],
};

static bool write_csv_row(void *ctx, const size_row_t *row)
{
    csv_write_record(ctx, &table_sizing, row);
    return true;
}

static bool append_row(void *ctx, const size_row_t *row)
{
    json_t **rows = ctx;
    node_add(rows, node_record(&table_sizing, row));
    return *rows != NULL;
}

void size_print_json(FILE *out, const size_run_t *run)
{
    json_t *rows = json_array();
    each_row(run, append_row, &rows);
    node_print(out, rows, JSON_INDENT(1));
}

bool size_write_files(folder_t *folder, const size_run_t *run, err_t *err)
{
    FILE *csv = folder_create(folder, SIZE_CSV_FILE, err);
    if (csv == NULL) {
        return false;
    }
    csv_write_header(csv, &table_sizing);
    each_row(run, write_csv_row, csv);
    if (!folder_commit(folder, csv, SIZE_CSV_FILE, err)) {
        return false;
    }
    FILE *json = folder_create(folder, SIZE_JSON_FILE, err);
    if (json == NULL) {
        return false;
    }
    size_print_json(json, run);
    return folder_commit(folder, json, SIZE_JSON_FILE, err);
}

/* --- text ------------------------------------------------------------------------------------- */

static void format_seconds(double s, char *out, size_t size)
{
    static const struct {
        double from, unit;
        const char *name;
    } units[] = {{86400, 86400, "d"}, {7200, 3600, "h"}, {120, 60, "min"}, {0, 1, "s"}};
    size_t i = 0;
    while (s < units[i].from) {
        i++;
    }
    snprintf(out, size, "%.3g %s", s / units[i].unit, units[i].name);
}

/* A value as people read it, by its unit. */
static void format_value(const char *unit, double value, char *out, size_t size)
{
    if (!isfinite(value)) {
        snprintf(out, size, "–");
    } else if (strcmp(unit, "bytes") == 0 || strcmp(unit, "bytes/s") == 0) {
        snprintf(out, size, "%s%s", units_bytes((uint64_t)value).text, unit + strlen("bytes"));
    } else if (strcmp(unit, "s") == 0) {
        format_seconds(value, out, size);
    } else if (value != floor(value) && value < 100) {
        snprintf(out, size, "%.2f", value);
    } else {
        snprintf(out, size, "%s%s", units_count((uint64_t)llround(value)).text,
                 strcmp(unit, "events/s") == 0 ? "/s" : "");
    }
}

/* "broker_nic_bytes_per_s" as "broker nic": the unit stands with the value. */
static void format_name(const size_quantity_t *quantity, char *out, size_t size)
{
    static const char *const units[] = {"_bytes_per_s", "_bytes", "_per_s", "_s"};
    snprintf(out, size, "%s", quantity->name);
    size_t len = strlen(out);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t unit_len = strlen(units[i]);
        if (len > unit_len && strcmp(out + len - unit_len, units[i]) == 0) {
            out[len - unit_len] = '\0';
            break;
        }
    }
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == '_' ? ' ' : *at;
    }
}

static void print_line(FILE *out, const size_quantity_t *quantity, double value, const char *origin,
                       const char *basis)
{
    char text[48], name[64];
    format_name(quantity, name, sizeof name);
    format_value(quantity->unit, value, text, sizeof text);
    fprintf(out, "  %-24s", name);
    text_print_padded(out, text, 14);
    fprintf(out, "  %s%s%s\n", origin, *origin != '\0' ? ": " : "", basis);
}

static void print_answer(FILE *out, const size_run_t *run, const double *results)
{
    char disk[32], time[48];
    format_value("bytes", results[SIZE_DISK], disk, sizeof disk);
    format_value("s", results[SIZE_CATCH_UP_S], time, sizeof time);
    fprintf(out, "%.0f brokers, %.0f partitions, %s of disk in all; ", results[SIZE_BROKERS],
            results[SIZE_PARTITIONS], disk);
    if (isfinite(results[SIZE_CATCH_UP_S])) {
        fprintf(out, "an outage is caught up with in %s\n", time);
    } else if (isfinite(run->inputs[SIZE_DRAIN_PER_S].value)) {
        fprintf(out, "an outage is never caught up with: no more is drained than comes\n");
    } else {
        fprintf(out, "how fast an outage is caught up with is not known (--drain)\n");
    }
}

static void print_alternatives(FILE *out, const size_run_t *run)
{
    fprintf(out, "\n  %-44s %10s %12s %10s %8s\n", "what other choices would cost", "an event",
            "at peak", "disk", "brokers");
    for (size_t i = 0; i <= SIZE_CHOICES; i++) {
        alternative_t other;
        char bytes[32], peak[32], disk[32];
        if (!alternative(run, i, &other)) {
            continue;
        }
        format_value("bytes", other.bytes, bytes, sizeof bytes);
        format_value("bytes/s", other.results[SIZE_INGRESS_PEAK], peak, sizeof peak);
        format_value("bytes", other.results[SIZE_DISK], disk, sizeof disk);
        fprintf(out, "%s %-44s %10s %12s %10s %8.0f\n", other.own ? "*" : " ", other.label, bytes,
                peak, disk, other.results[SIZE_BROKERS]);
    }
    fprintf(out,
            "  * as this run was%s. The others: its bytes times the ratio of measured ones\n"
            "  (results/reference/sizing-factors: full batches; a trickle compresses less).\n",
            run->compression_known ? "" : " (its compression is not known, and taken for none)");
}

void size_print(FILE *out, const size_run_t *run)
{
    double results[SIZE_RESULTS];
    size_compute(run->inputs, results);
    print_answer(out, run, results);
    fputs("\n", out);
    for (int i = 0; i < SIZE_INPUTS; i++) {
        print_line(out, &size_input_quantities[i], run->inputs[i].value,
                   size_origin_names[run->inputs[i].origin], run->inputs[i].basis);
    }
    fputs("\n", out);
    for (int i = 0; i < SIZE_RESULTS; i++) {
        print_line(out, &size_result_quantities[i], results[i], "",
                   size_result_quantities[i].meaning);
    }
    print_alternatives(out, run);
}
