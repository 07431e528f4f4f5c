#include "report/terminal/heading.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "report/text/text.h"

/* "15.18" of "15.18 (Debian 15.18-0+deb12u1)". */
static void print_server(FILE *out, const manifest_t *manifest)
{
    if (manifest->server_version == NULL) {
        return;
    }
    int len = (int)strcspn(manifest->server_version, " ");
    fprintf(out, HEADING_SEPARATOR "PostgreSQL %.*s%s", len, manifest->server_version,
            manifest->embedded ? " embedded" : "");
}

static void print_named(FILE *out, const char *before, const json_t *value)
{
    if (json_is_string(value)) {
        fputs(before, out);
        text_print_visible(out, json_string_value(value));
    }
}

static void print_pipeline(FILE *out, const char *pipeline)
{
    json_t *all = pipeline == NULL ? NULL : json_loads(pipeline, 0, NULL);
    const json_t *config = json_object_get(json_object_get(all, "connector"), "config");
    print_named(out, HEADING_SEPARATOR "Kafka ", json_object_get(all, "kafka_version"));
    print_named(out, HEADING_SEPARATOR "Debezium ", json_object_get(all, "debezium_version"));
    print_named(out, ", poll.interval.ms ", json_object_get(config, "poll.interval.ms"));
    if (json_object_get(all, "envelopes_of") != NULL) { /* nobody's but ours */
        print_named(out, HEADING_SEPARATOR "straight into Kafka, topic ",
                    json_object_get(all, "topic"));
    }
    json_decref(all);
}

char *heading_text(const scenario_t *scenario, const manifest_t *manifest, const char *pipeline)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return NULL;
    }
    fprintf(out, "%s" HEADING_SEPARATOR "seed %" PRIu64, scenario->name, scenario->seed);
    print_server(out, manifest);
    print_pipeline(out, pipeline);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
