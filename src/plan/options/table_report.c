/* The table's rows that say what comes of it: the groups "Which cluster", "What comes out" and
 * "Other options". */
#include "plan/options/options_rows.h"
#include "plan/schedule/scenario.h"

#define ROWS_OF config_t

static const option_t rows[] = {
    {
        .name = "retention",
        DURATION(size.retention_ns, MS, TEN_YEARS),
        GIVEN(size.retention_given),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .default_text = "7d",
        .help = "how long records are kept",
    },
    {
        .name = "replication",
        COUNT(size.replication, 1, 100),
        GIVEN(size.replication_given),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .default_text = "3",
        .help = "replicas of each partition",
    },
    {
        .name = "consumers",
        COUNT(size.consumers, 1, 1000000),
        GIVEN(size.consumers_given),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .default_text = "1",
        .help = "consumer groups that read everything",
    },
    {
        .name = "peak",
        TEXT("FACTOR", size.peak, 1, 0),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .help = "a busy minute (the 95th percentile) over the mean: 3x; without it that of the run "
                "where it has ten minutes, else 2x",
    },
    {
        .name = "growth",
        TEXT("FACTOR", size.growth, 1, 0),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .help = "room for more, in partitions; without it 1.5x",
    },
    {
        .name = "events",
        TEXT("RATE", size.events, 1, 0),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .help = "changes a second, in the mean; without it those of the run's longest phase",
    },
    {
        .name = "event-bytes",
        COUNT(size.event_bytes, 1, UINT32_MAX),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .help = "bytes of an event on the wire; without it as the run's kafka tap counted them",
    },
    {
        .name = "outage",
        DURATION(size.outage_ns, MS, TEN_YEARS),
        GIVEN(size.outage_given),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .default_text = "1h",
        .help = "how long the connector stands still, before it catches up",
    },
    {
        .name = "drain",
        TEXT("RATE", size.drain, 1, 0),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .help = "events a second that the connector can do; without it the fastest five seconds of "
                "the run",
    },
    {
        .name = "broker",
        TEXT("LIST", size.broker, 1, 0),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .help = "what a broker has: nic=10Gbit,disk=2TB,write=200MB/s,replicas=4000, or a part of "
                "it; without it these are assumed",
    },
    {
        .name = "partition",
        TEXT("LIST", size.partition, 1, 0),
        IN(GROUP_SIZE, COMMAND_SIZE),
        .help = "what one partition bears: produce=10MB/s,consume=20MB/s, or a part of it; without "
                "it these are assumed",
    },
    {
        .name = "name",
        TEXT("NAME", scenario.name, 1, SCENARIO_NAME_MAX - 1),
        IN(GROUP_OUTPUT, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "quick",
        .key = "name",
        .check = scenario_name_check,
        .help = "what the run is called in its results",
    },
    {
        .name = "out",
        TEXT("DIR", output.folder, 1, 0),
        IN(GROUP_OUTPUT, COMMAND_RUN | COMMAND_WATCH | COMMAND_PRODUCE),
        .help = "folder for the results; without it results/<UTC time>-<name>",
    },
    {
        .name = "format",
        CHOICE("FORMAT", gen.format, "text|binary|csv|debezium"),
        IN(GROUP_OUTPUT, COMMAND_GEN),
        .default_text = "text",
        .help = "text, binary or csv, as COPY takes it; debezium, a JSON message a line, as the "
                "connector writes it for an insert",
    },
    {
        .name = "schemas",
        FLAG(gen.schemas),
        IN(GROUP_OUTPUT, COMMAND_GEN | COMMAND_PRODUCE),
        .help = "Debezium's messages each with their schema, as schemas.enable has it",
    },
    {
        .name = "output",
        .letter = 'o',
        TEXT("FILE", output.file, 1, 0),
        IN(GROUP_OUTPUT, COMMAND_GEN | COMMAND_COMPARE),
        .help = "file to write to, emptied first; without it, or with -, stdout; with compare the "
                "page, without it compare.html",
    },
    {
        .name = "progress",
        .letter = 'P',
        DURATION(output.progress_ns, 100 * MS, TEN_YEARS),
        GIVEN(output.progress_given),
        IN(GROUP_OUTPUT, COMMAND_RUN | COMMAND_GEN | COMMAND_WATCH | COMMAND_PRODUCE),
        .default_text = "1s",
        .help = "how often to show how it goes; when given, as plain lines on a terminal too",
    },
    {
        .name = "json",
        FLAG(output.json),
        IN(GROUP_OUTPUT, COMMAND_RUN | COMMAND_SIZE | COMMAND_WATCH | COMMAND_PRODUCE),
        .help = "on stdout a JSON object a second, with the columns of timeline.csv, and a last "
                "one with the verdict, the summary on stderr; with size, the rows of sizing.csv as "
                "a JSON array",
    },
    {
        .name = "listen",
        TEXT("[HOST:]PORT", output.listen, 1, 0),
        IN(GROUP_OUTPUT, COMMAND_RUN | COMMAND_WATCH | COMMAND_PRODUCE),
        .help = "show the run while it goes on: the report's page at http://HOST:PORT/, and "
                "OpenMetrics for Prometheus at /metrics; on 127.0.0.1 unless a host is named: "
                "there is no password, so whoever reaches it can read it",
    },
    {
        .name = "quiet",
        .letter = 'q',
        FLAG(output.quiet),
        IN(GROUP_OUTPUT, EVERY_COMMAND),
        .help = "say nothing but errors and, at the end, the answer",
    },
    {
        .name = "debug",
        FLAG(output.debug),
        IN(GROUP_OUTPUT, EVERY_COMMAND),
        .help = "say on stderr what is done, step by step",
    },
    {
        .name = "help",
        .letter = 'h',
        .other_letter = '?',
        FLAG(help),
        IN(GROUP_OTHER, EVERY_COMMAND),
        .help = "show this help, then exit",
    },
    {
        .name = "version",
        .letter = 'V',
        FLAG(version),
        IN(GROUP_OTHER, EVERY_COMMAND),
        .help = "show the version, then exit",
    },
};

const option_rows_t options_report = {rows, sizeof rows / sizeof *rows};
