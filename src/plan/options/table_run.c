/* The table's rows that say where and how a load is run: the groups "Which server", "Kafka and
 * Debezium", "Which table and rows", "What is done to them" and "How it is done"; and --expect,
 * which stands with them among a scenario's keys. */
#include "plan/options/expect.h"
#include "plan/options/options_rows.h"

#define ROWS_OF config_t

/* Of --taps: "|wal|kafka", and each one's place. */
#define CHOICE_OF_TAP(id, name, ...) "|" name
#define MEMBER_OF_TAP(id, ...)       PLACE(taps.on[id], bool),

static const option_t rows[] = {
    {
        .name = "dsn",
        .letter = 'd',
        TEXT("DSN", server.dsn, 0, 0),
        IN(GROUP_SERVER, ON_A_SERVER | COMMAND_WATCH),
        .help =
            "connection string or URI of the server; without it PGHOST and the other "
            "environment variables of libpq say which, and where there is no PGHOST, run starts "
            "a throw-away server of its own",
        .secret = true,
    },
    {
        .name = "tap-dsn",
        TEXT("DSN", server.tap_dsn, 0, 0),
        IN(GROUP_SERVER, COMMAND_RUN | COMMAND_WATCH),
        .help = "how the wal tap's replication connection reaches that server, where it is another "
                "way than --dsn's (past a pooler, or over the link that is to be measured)",
        .secret = true,
    },
    {
        .name = "pg-bin",
        TEXT("DIR", server.pg_bin, 1, 0),
        IN(GROUP_SERVER, COMMAND_RUN | COMMAND_SERVER),
        .help = "folder with the programs (initdb, postgres) of the throw-away server; without it "
                "the newest installed one is looked for",
    },
    {
        .name = "keep",
        FLAG(server.keep),
        IN(GROUP_SERVER, COMMAND_RUN),
        .help = "leave the throw-away server running at the end, and say where it is",
    },
    {
        .name = "brokers",
        .letter = 'b',
        TEXT("HOST:PORT,...", kafka.brokers, 1, 0),
        IN(GROUP_KAFKA, COMMAND_RUN | COMMAND_CLEAN | COMMAND_WATCH | COMMAND_PRODUCE),
        .help = "Kafka's bootstrap servers; with them changes are read back from Kafka as well",
    },
    {
        .name = "from-topic",
        TEXT("NAME", watch.topic, 1, 249),
        IN(GROUP_KAFKA, COMMAND_WATCH),
        .help = "the topic that somebody's connector writes the table's changes to; it is read "
                "from its "
                "end on, with --brokers",
    },
    {
        .name = "connect-url",
        TEXT("URL", kafka.connect_url, 1, 0),
        IN(GROUP_KAFKA, COMMAND_RUN | COMMAND_CLEAN),
        .help = "Kafka Connect's REST interface, where Debezium's connector is registered for the "
                "run and removed after it; without it the connector is somebody else's",
    },
    {
        .name = "connector",
        LIST(kafka.connector),
        IN(GROUP_KAFKA, COMMAND_RUN | COMMAND_CLEAN),
        .help = "a setting of the connector, over the defaults and the file; may be given often "
                "(database.hostname= where Connect knows the server by another name)",
        .secret = true,
    },
    {
        .name = "connector-config",
        TEXT("FILE", kafka.connector_config, 1, 0),
        IN(GROUP_KAFKA, COMMAND_RUN | COMMAND_CLEAN),
        .help = "settings of the connector as JSON, over the defaults",
    },
    {
        .name = "kafka",
        LIST(kafka.properties),
        IN(GROUP_KAFKA, COMMAND_RUN | COMMAND_CLEAN | COMMAND_WATCH | COMMAND_PRODUCE),
        .help = "a property of librdkafka (security.protocol and its like); may be given often",
        .secret = true,
    },
    {
        .name = "topic",
        TEXT("NAME", produce.topic, 1, 249),
        IN(GROUP_KAFKA, COMMAND_PRODUCE),
        .default_text = "cdcbench.public.transactions",
        .help = "topic to write into; made when it is not there, and left at the end. What stands "
                "before its first dot is the source's name in the records",
    },
    {
        .name = "partitions",
        COUNT(produce.partitions, 1, 10000),
        IN(GROUP_KAFKA, COMMAND_PRODUCE),
        .default_text = "1",
        .help = "partitions of the topic, when it is made",
    },
    {
        .name = "delivery",
        CHOICE("HOW", kafka.delivery, "exactly-once|at-least-once"),
        IN(GROUP_KAFKA, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "exactly-once",
        .key = "delivery",
        .help = "exactly-once: duplicates on Kafka fail the verdict, unless a restart was seen; "
                "at-least-once: they are counted",
    },
    {
        .name = "seed",
        .aliases = {"random-seed"},
        COUNT(table.seed, 0, UINT64_MAX),
        IN(GROUP_TABLE, COMMAND_RUN | COMMAND_GEN | COMMAND_PRODUCE),
        .default_text = "42",
        .key = "seed",
        .help = "what all rows are made from: the same seed, the same data",
    },
    {
        .name = "key",
        CHOICE("KIND", table.key_kind, "uuid4|uuid7"),
        IN(GROUP_TABLE, COMMAND_RUN | COMMAND_GEN | COMMAND_PRODUCE),
        .default_text = "uuid4",
        .key = "table.key",
        .help = "the primary key: uuid4, in random order; uuid7, in the order of time",
    },
    {
        .name = "first",
        COUNT(gen.first, 0, ROW_NUMBER_MAX),
        IN(GROUP_TABLE, COMMAND_GEN),
        .default_text = "0",
        .help = "number of the first row",
    },
    {
        .name = "shard",
        TEXT("I/N", gen.shard, 1, 0),
        IN(GROUP_TABLE, COMMAND_GEN),
        .help =
            "only the I-th of N ranges, as equal as can be, of these rows: one for each machine",
    },
    {
        .name = "table",
        LINES("NAME", table.names),
        IN(GROUP_TABLE, COMMAND_RUN | COMMAND_INIT),
        .help = "transactions (unless said), wide, narrow, toasted, or one that the scenario "
                "describes; given "
                "often: rows go to each in turn",
    },
    {
        .name = "replica-identity",
        EITHER("KIND", table.replica_identity_full, "default|full"),
        IN(GROUP_TABLE, COMMAND_RUN | COMMAND_INIT | COMMAND_PRODUCE),
        .default_text = "full",
        .key = "table.replica_identity",
        .help = "what of the old row an update carries: full, all of it; default, only a key that "
                "changed",
    },
    {
        .name = "triggers",
        CHOICE("WHICH", table.triggers, "none|user|columns|both"),
        IN(GROUP_TABLE, COMMAND_RUN | COMMAND_INIT),
        .default_text = "both",
        .key = "table.triggers",
        .help = "triggers that note on each update: user, who made it; columns, what it changed; "
                "both; none",
    },
    {
        .name = "set",
        LIST(scenario.set),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .help = "a key of the scenario, over all else: phases.mixed.insert.rate=20k; may be given "
                "often",
    },
    {
        .name = "list-scenarios",
        FLAG(scenario.list),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .help = "name the scenarios that are built in, then exit",
    },
    {
        .name = "dry-run",
        FLAG(run.dry_run),
        IN(GROUP_WORK, COMMAND_RUN),
        .help = "show the scenario as it would be run, the memory it takes and a sketch of its "
                "schedule, then exit",
    },
    {
        .name = "expect",
        LINES("WHAT", scenario.expect),
        IN(GROUP_OUTPUT, COMMAND_RUN),
        .key = "expect",
        .check = expect_is_readable,
        .help = "what must hold at the end, else exit code 4: 'lag_p99 < 2s'; may be given often",
    },
    {
        .name = "rows",
        COUNT(quick.rows, 0, ROW_NUMBER_MAX),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_GEN | COMMAND_PRODUCE),
        .default_text = "50k",
        .key = "phases.load.insert.rows",
        .help = "rows that phase load inserts first, as fast as it goes, 0 leaves it out; rows "
                "that gen writes",
    },
    {
        .name = "rows-per-txn",
        COUNT(quick.rows_per_txn, 1, ROWS_PER_TXN_MAX),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "1000",
        .key = "phases.load.insert.rows_per_txn",
        .help = "rows in each transaction of phase load",
    },
    {
        .name = "duration",
        .aliases = {"time"},
        .letter = 'T',
        DURATION(quick.duration_ns, MS, TEN_YEARS),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "30s",
        .key = "phases.mixed.duration",
        .help = "how long phase mixed inserts and updates, where no number of rows (--inserts, "
                "--updates) says when to end",
    },
    {
        .name = "insert-rate",
        .aliases = {"rate"},
        .letter = 'R',
        RATE(quick.insert_rate),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "2k",
        .key = "phases.mixed.insert.rate",
        .help = "rows inserted per second, due by the clock whatever the server does; max: as fast "
                "as it goes; off: none",
    },
    {
        .name = "inserts",
        COUNT(quick.inserts, 0, ROW_NUMBER_MAX),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "0",
        .key = "phases.mixed.insert.rows",
        .help = "rows to insert in all; 0: what rate and duration give",
    },
    {
        .name = "insert-rows-per-txn",
        COUNT(quick.insert_rows_per_txn, 1, ROWS_PER_TXN_MAX),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "10",
        .key = "phases.mixed.insert.rows_per_txn",
        .help = "rows in each of these transactions",
    },
    {
        .name = "update-rate",
        RATE(quick.update_rate),
        GIVEN(quick.update_rate_given),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "1k",
        .key = "phases.mixed.update.rate",
        .help = "rows updated per second, bursts included; max: as fast as it goes; off: none, or "
                "nothing but the bursts",
    },
    {
        .name = "updates",
        COUNT(quick.updates, 0, SCHEDULE_ROWS_MAX),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "0",
        .key = "phases.mixed.update.rows",
        .help = "rows to update in all; 0: what rate and duration give",
    },
    {
        .name = "update-rows-per-txn",
        COUNT(quick.update_rows_per_txn, 1, ROWS_PER_TXN_MAX),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "20",
        .key = "phases.mixed.update.rows_per_txn",
        .help = "rows in each of these transactions",
    },
    {
        .name = "burst",
        COUNT(quick.burst_rows, 0, SCHEDULE_ROWS_MAX),
        GIVEN(quick.burst_given),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "500",
        .key = "phases.mixed.update.burst.rows",
        .help = "rows of the update rate that come at once every --burst-every, the rest evenly "
                "between; 0: none, as when --update-rate is given without --burst",
    },
    {
        .name = "burst-every",
        DURATION(quick.burst_every_ns, SCHEDULE_EVERY_MIN_NS, TEN_YEARS),
        IN(GROUP_WORK, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "1s",
        .key = "phases.mixed.update.burst.every",
        .help = "from the start of one burst to that of the next",
    },
    {
        .name = "connections",
        .aliases = {"client", "clients", "connection"},
        .letter = 'c',
        COUNT(load.connections, 1, SCENARIO_CONNECTIONS_MAX),
        IN(GROUP_RUN, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "4",
        /* A writer has one transaction under way, and a broker's answer takes milliseconds: as many
         * as a server has connections would spend their time waiting. */
        .of_produce = "64",
        .key = "connections",
        .help = "connections that write",
    },
    {
        .name = "copy-format",
        EITHER("FORMAT", load.copy_binary, "text|binary"),
        IN(GROUP_RUN, COMMAND_RUN),
        .default_text = "binary",
        .key = "copy_format",
        .help = "how COPY sends rows: binary, which costs the server less, where transactions is "
                "the only table; text, as it does for every other",
    },
    {
        .name = "threads",
        .aliases = {"jobs"},
        .letter = 'j',
        COUNT(load.threads, 1, SCENARIO_CONNECTIONS_MAX),
        IN(GROUP_RUN, COMMAND_RUN | COMMAND_GEN),
        .default_text = "2",
        .key = "threads",
        .help = "threads that drive them, never more than there are connections; with gen, threads "
                "that encode",
    },
    {
        .name = "taps",
        .kind = OPTION_SET,
        GIVEN(taps.given),
        IN(GROUP_RUN, COMMAND_RUN | COMMAND_WATCH | COMMAND_PRODUCE),
        .argument = "LIST",
        .default_text = "wal",
        .key = "taps",
        .help = "where changes are read back: wal, from the log by logical replication; kafka, "
                "behind Debezium (on of itself where there are --brokers); none, nowhere",
        .choices = &(TAP_EACH(CHOICE_OF_TAP))[1],
        .members = {TAP_EACH(MEMBER_OF_TAP)},
    },
    {
        .name = "publication",
        TEXT("NAME", watch.publication, 1, 63),
        IN(GROUP_RUN, COMMAND_WATCH),
        .help =
            "a publication of the table that is there already; without it one is made, and dropped "
            "at the end",
    },
    {
        .name = "for",
        DURATION(watch.for_ns, MS, TEN_YEARS),
        IN(GROUP_RUN, COMMAND_WATCH),
        .help = "how long to listen; unless given, until it is interrupted",
    },
    {
        .name = "drain-timeout",
        DURATION(taps.drain_timeout_ns, MS, TEN_YEARS),
        IN(GROUP_RUN, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "60s",
        .key = "phases.drain.at_most",
        .help = "how long to wait at the end for the taps to have seen everything",
    },
    {
        .name = "ddl-at",
        DURATION(load.ddl_at_ns, 0, TEN_YEARS),
        IN(GROUP_RUN, COMMAND_RUN),
        .default_text = "0s",
        .key = "ddl_at",
        .help = "so long after the run's start a column is added to each of its tables, while all "
                "goes on; 0s: never",
    },
    {
        .name = "reconnect-timeout",
        DURATION(load.reconnect_timeout_ns, 0, TEN_YEARS),
        IN(GROUP_RUN, COMMAND_RUN),
        .default_text = "30s",
        .key = "reconnect_timeout",
        .help = "how long to try to get a lost connection back before giving up",
    },
    {
        .name = "repeat",
        COUNT(run.repeat, 1, 1000),
        IN(GROUP_RUN, COMMAND_RUN),
        .default_text = "1",
        .key = "repeat",
        .help = "how often the scenario is run, one time after another",
    },
    {
        .name = "repeat-table",
        EITHER("WHICH", run.repeat_same_table, "fresh|same"),
        IN(GROUP_RUN, COMMAND_RUN),
        .default_text = "fresh",
        .key = "repeat_table",
        .help = "on which table: fresh, a new one each time; same, the rows of the times before "
                "stay in it",
    },
    {
        .name = "explain-cost",
        FLAG(run.explain_cost),
        IN(GROUP_RUN, COMMAND_RUN),
        .help = "run the scenario explain-cost with triggers off and on, replica identity default "
                "and full and, with --connect-url, schemas off and on; what each costs a change in "
                "WAL, CPU time and Kafka's bytes is shown as a table and written to cost.csv. "
                "--rows says how many rows",
    },
    {
        .name = "backlog-max",
        COUNT_OF("ROWS", load.backlog_max_rows, 0, SCHEDULE_ROWS_MAX),
        IN(GROUP_RUN, COMMAND_RUN),
        .default_text = "0",
        .key = "backlog_max",
        .help = "rows that may be due by the clock and not done before the run is overloaded; 0: "
                "any number",
    },
    {
        .name = "backlog-max-age",
        DURATION(load.backlog_max_age_ns, 0, TEN_YEARS),
        IN(GROUP_RUN, COMMAND_RUN),
        .default_text = "0s",
        .key = "backlog_max_age",
        .help = "for how long the oldest of them may have been due; 0: for any time",
    },
    {
        .name = "ledger-max",
        COUNT(load.ledger_max, 1024, UINT32_MAX),
        IN(GROUP_RUN, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "4M",
        .key = "ledger_max",
        .help = "transactions to remember at most while a tap has not passed them",
    },
    {
        .name = "on-overload",
        CHOICE("WHAT", load.on_overload, "mark|stop"),
        IN(GROUP_RUN, COMMAND_RUN | COMMAND_PRODUCE),
        .default_text = "mark",
        .key = "on_overload",
        .help =
            "past --backlog-max, --backlog-max-age or --ledger-max: mark, say so, keep count and "
            "go on (past --ledger-max without measuring stages); stop, end the run",
    },
    {
        .name = "phase",
        TEXT("NAME", compare.phase, 1, 0),
        IN(GROUP_RUN, COMMAND_COMPARE),
        .help = "phase that is compared; without it the one that changed rows for the longest time",
    },
};

const option_rows_t options_run = {rows, sizeof rows / sizeof *rows};
