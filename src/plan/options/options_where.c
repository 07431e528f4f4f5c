/* Options of the groups "Which server" and "Kafka and Debezium". */
#include "plan/options/options_rows.h"

static const option_t rows[] = {
    {
        .name = "dsn",
        .letter = 'd',
        .kind = OPTION_TEXT,
        .group = GROUP_SERVER,
        .commands = ON_A_SERVER | COMMAND_WATCH,
        .argument = "DSN",
        .help =
            "connection string or URI of the server; without it PGHOST and the other "
            "environment variables of libpq say which, and where there is no PGHOST, run starts "
            "a throw-away server of its own",
        INTO(server.dsn),
        .secret = true,
    },
    {
        .name = "tap-dsn",
        .kind = OPTION_TEXT,
        .group = GROUP_SERVER,
        .commands = COMMAND_RUN | COMMAND_WATCH,
        .argument = "DSN",
        .help = "how the wal tap's replication connection reaches that server, where it is another "
                "way than --dsn's (past a pooler, or over the link that is to be measured)",
        INTO(server.tap_dsn),
        .secret = true,
    },
    {
        .name = "pg-bin",
        .kind = OPTION_TEXT,
        .group = GROUP_SERVER,
        .commands = COMMAND_RUN | COMMAND_SERVER,
        .argument = "DIR",
        .help = "folder with the programs (initdb, postgres) of the throw-away server; without it "
                "the newest installed one is looked for",
        INTO(server.pg_bin),
        .minimum = 1,
    },
    {
        .name = "keep",
        .kind = OPTION_FLAG,
        .group = GROUP_SERVER,
        .commands = COMMAND_RUN,
        .help = "leave the throw-away server running at the end, and say where it is",
        INTO(server.keep),
    },
    {
        .name = "brokers",
        .letter = 'b',
        .kind = OPTION_TEXT,
        .group = GROUP_KAFKA,
        .commands = COMMAND_RUN | COMMAND_CLEAN | COMMAND_WATCH | COMMAND_PRODUCE,
        .argument = "HOST:PORT,...",
        .help = "Kafka's bootstrap servers; with them changes are read back from Kafka as well",
        INTO(kafka.brokers),
        .minimum = 1,
    },
    {
        .name = "from-topic",
        .kind = OPTION_TEXT,
        .group = GROUP_KAFKA,
        .commands = COMMAND_WATCH,
        .argument = "NAME",
        .help = "the topic that somebody's connector writes the table's changes to; it is read "
                "from its "
                "end on, with --brokers",
        INTO(watch.topic),
        .minimum = 1,
        .maximum = 249,
    },
    {
        .name = "connect-url",
        .kind = OPTION_TEXT,
        .group = GROUP_KAFKA,
        .commands = COMMAND_RUN | COMMAND_CLEAN,
        .argument = "URL",
        .help = "Kafka Connect's REST interface, where Debezium's connector is registered for the "
                "run and removed after it; without it the connector is somebody else's",
        INTO(kafka.connect_url),
        .minimum = 1,
    },
    {
        .name = "connector",
        .kind = OPTION_LIST,
        .group = GROUP_KAFKA,
        .commands = COMMAND_RUN | COMMAND_CLEAN,
        .argument = "KEY=VALUE",
        .help = "a setting of the connector, over the defaults and the file; may be given often "
                "(database.hostname= where Connect knows the server by another name)",
        INTO(kafka.connector),
        .secret = true,
    },
    {
        .name = "connector-config",
        .kind = OPTION_TEXT,
        .group = GROUP_KAFKA,
        .commands = COMMAND_RUN | COMMAND_CLEAN,
        .argument = "FILE",
        .help = "settings of the connector as JSON, over the defaults",
        INTO(kafka.connector_config),
        .minimum = 1,
    },
    {
        .name = "kafka",
        .kind = OPTION_LIST,
        .group = GROUP_KAFKA,
        .commands = COMMAND_RUN | COMMAND_CLEAN | COMMAND_WATCH | COMMAND_PRODUCE,
        .argument = "KEY=VALUE",
        .help = "a property of librdkafka (security.protocol and its like); may be given often",
        INTO(kafka.properties),
        .secret = true,
    },
    {
        .name = "topic",
        .kind = OPTION_TEXT,
        .group = GROUP_KAFKA,
        .commands = COMMAND_PRODUCE,
        .argument = "NAME",
        .default_text = "cdcbench.public.transactions",
        .help = "topic to write into; made when it is not there, and left at the end. What stands "
                "before its first dot is the source's name in the records",
        INTO(produce.topic),
        .minimum = 1,
        .maximum = 249,
    },
    {
        .name = "partitions",
        .kind = OPTION_COUNT,
        .group = GROUP_KAFKA,
        .commands = COMMAND_PRODUCE,
        .argument = "N",
        .default_text = "1",
        .help = "partitions of the topic, when it is made",
        INTO(produce.partitions),
        .minimum = 1,
        .maximum = 10000,
    },
    {
        .name = "delivery",
        .kind = OPTION_CHOICE,
        .group = GROUP_KAFKA,
        .commands = COMMAND_RUN | COMMAND_PRODUCE,
        .argument = "HOW",
        .default_text = "exactly-once",
        .key = "delivery",
        .help = "exactly-once: duplicates on Kafka fail the verdict, unless a restart was seen; "
                "at-least-once: they are counted",
        INTO(kafka.delivery),
        .choices = "exactly-once|at-least-once",
    },
};

const option_rows_t options_where = {rows, sizeof rows / sizeof *rows};
