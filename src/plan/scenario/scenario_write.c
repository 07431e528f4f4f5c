/* A scenario as YAML. */
#include <string.h>

#include "plan/scenario/scenario_file.h"
#include "plan/scenario/scenario_spec.h"

/* A text from outside in double quotes (YAML 1.2, 7.3.1). */
static void put_quoted(buf_t *out, const char *text)
{
    buf_puts(out, "\"");
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            buf_printf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(out, "\\x%02x", c);
        } else {
            buf_put(out, text, 1);
        }
    }
    buf_puts(out, "\"");
}

/* A row's value, as it stands in a flow map too. */
static void put_value(const option_t *row, const char *text, buf_t *out)
{
    if (row->kind == OPTION_SHARES || row->kind == OPTION_SET) {
        buf_printf(out, "[%s]", text);
    } else if (row->kind == OPTION_TEXT) {
        put_quoted(out, text);
    } else {
        buf_puts(out, text);
    }
}

static void put_lines(const text_list_t *lines, const char *indent, buf_t *out)
{
    for (size_t i = 0; i < lines->n; i++) {
        buf_printf(out, "\n%s- ", indent);
        put_quoted(out, lines->items[i]);
    }
}

/* Whether the row's value is what it is when nothing is said. */
static bool is_default(const option_t *row, const void *base, const void *fresh)
{
    buf_t now = {0}, then = {0};
    if (row->kind == OPTION_ONE_OF) {
        return *(const int *)((const char *)base + row->offset) ==
               *(const int *)((const char *)fresh + row->offset);
    }
    option_write(row, base, &now);
    option_write(row, fresh, &then);
    bool given = row->given != 0 && *(const bool *)((const char *)base + row->given);
    bool same = !given && strcmp(buf_text(&now), buf_text(&then)) == 0;
    buf_free(&now);
    buf_free(&then);
    return same;
}

static void put_flow_map(const key_table_t *table, unsigned streams, const void *base,
                         const void *fresh, buf_t *out);

/* "sine", or {sine: {period: 10s}} */
static void put_one_of(const option_t *row, const void *base, const void *fresh, buf_t *out)
{
    const option_t *chosen = &row->inner->rows[*(const int *)((const char *)base + row->offset)];
    if (chosen->inner->n == 0) {
        buf_puts(out, chosen->name);
        return;
    }
    buf_printf(out, "{%s: ", chosen->name);
    put_flow_map(chosen->inner, 0, base, fresh, out);
    buf_puts(out, "}");
}

/* A map none of whose rows is said is left out: false. */
static bool has_any(const key_table_t *table, const void *base, const void *fresh)
{
    for (size_t i = 0; i < table->n; i++) {
        if (!is_default(&table->rows[i], base, fresh)) {
            return true;
        }
    }
    return false;
}

static void put_flow_map(const key_table_t *table, unsigned streams, const void *base,
                         const void *fresh, buf_t *out)
{
    size_t n = 0;
    buf_puts(out, "{");
    for (size_t i = 0; i < table->n; i++) {
        const option_t *row = &table->rows[i];
        bool elsewhere = row->streams != 0 && (row->streams & streams) == 0;
        if (elsewhere || (row->kind == OPTION_MAP ? !has_any(row->inner, base, fresh)
                                                  : is_default(row, base, fresh))) {
            continue;
        }
        buf_printf(out, "%s%s: ", n++ > 0 ? ", " : "", row->name);
        if (row->kind == OPTION_MAP) {
            put_flow_map(row->inner, streams, base, fresh, out);
        } else if (row->kind == OPTION_ONE_OF) {
            put_one_of(row, base, fresh, out);
        } else {
            buf_t text = {0};
            option_write(row, base, &text);
            put_value(row, buf_text(&text), out);
            buf_free(&text);
        }
    }
    buf_puts(out, "}");
}

static void put_phase(const phase_spec_t *phase, buf_t *out)
{
    phase_spec_t fresh;
    phase_spec_defaults(&fresh);
    const char *lead = "  - ";
    for (size_t i = 0; i < phase_keys.n; i++) {
        const option_t *row = &phase_keys.rows[i];
        size_t at = row->offset;
        if (row->kind == OPTION_MAP) {
            const stream_spec_t *stream = (const void *)((const char *)phase + at);
            if (stream->given) {
                buf_printf(out, "%s%s: ", lead, row->name);
                put_flow_map(row->inner, (unsigned)row->enters, stream, (const char *)&fresh + at,
                             out);
                buf_puts(out, "\n");
            }
        } else if (!is_default(row, phase, &fresh)) {
            buf_t text = {0};
            option_write(row, phase, &text);
            buf_printf(out, "%s%s: ", lead, row->name);
            put_value(row, buf_text(&text), out);
            buf_puts(out, "\n");
            buf_free(&text);
        } else {
            continue;
        }
        lead = "    ";
    }
}

/* "table.key" stands as key below table, once for all of its kind that follow. */
static const char *open_group(const char *key, buf_t *group, buf_t *out)
{
    const char *dot = strchr(key, '.');
    if (dot == NULL) {
        return key;
    }
    size_t len = (size_t)(dot - key);
    if (group->len != len || strncmp(buf_text(group), key, len) != 0) {
        buf_clear(group);
        buf_put(group, key, len);
        buf_printf(out, "%.*s:\n", (int)len, key);
    }
    return dot + 1;
}

static void put_setting(const config_t *config, const option_t *option, buf_t *group, buf_t *out)
{
    buf_t text = {0};
    option_write(option, config, &text);
    if (text.len > 0) {
        const char *key = open_group(option->key, group, out);
        buf_printf(out, "%s%s:", key != option->key ? "  " : "", key);
        if (option->kind == OPTION_LINES) {
            put_lines((const text_list_t *)(const void *)((const char *)config + option->offset),
                      "  ", out);
        } else {
            buf_puts(out, " ");
            put_value(option, buf_text(&text), out);
        }
        buf_puts(out, "\n");
    }
    buf_free(&text);
}

/* As the scenario described them; else the names of --table. */
static void put_tables(const config_t *config, buf_t *out)
{
    const text_list_t *names = &config->table.names;
    bool described = config->scenario.spec->tables_text != NULL;
    if (described) {
        buf_printf(out, "tables: %s\n", config->scenario.spec->tables_text);
    }
    for (size_t i = 0; i < names->n; i++) {
        const char *lead = described ? "# of these, --table: [" : "tables: [";
        buf_printf(out, "%s%s%s", i == 0 ? lead : ", ", names->items[i],
                   i + 1 == names->n ? "]\n" : "");
    }
}

bool scenario_write(const config_t *config, buf_t *out)
{
    buf_t group = {0};
    config_t shown = *config; /* borrows all that it points to */
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        shown.taps.on[tap] = config_tap_on(config, tap);
    }
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (option->key != NULL && strncmp(option->key, "phases.", strlen("phases.")) != 0) {
            put_setting(&shown, option, &group, out);
        }
    }
    put_tables(config, out);
    buf_puts(out, "phases:\n");
    for (uint32_t i = 0; i < config->scenario.spec->n_phases; i++) {
        put_phase(&config->scenario.spec->phases[i], out);
    }
    buf_free(&group);
    return out->data != NULL;
}
