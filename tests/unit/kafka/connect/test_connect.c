/* connect against a server of the test's own: what is sent, and what is made of each answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/secret.h"
#include "kafka/connect/connect.h"
#include "kafka/http_server.h"

#define NAME                     "postgres-fin-connector"
#define PATH                     "/connectors/" NAME
#define RUNNING                  "{\"state\":\"RUNNING\",\"worker_id\":\"127.0.0.1:8083\"}"
#define TASK                     "{\"id\":0,\"state\":\"RUNNING\",\"worker_id\":\"127.0.0.1:8083\"}"
#define STATUS(connector, tasks) "{\"connector\":" connector ",\"tasks\":[" tasks "]}"

static const char trace[] =
    "org.apache.kafka.connect.errors.ConnectException: Could not start\n"
    "\tat io.debezium.connector.common.BaseSourceTask.start(BaseSourceTask.java:1)\n"
    "Caused by: io.debezium.DebeziumException: Creation of replication slot failed\n"
    "\t... 8 more\n"
    "Caused by: org.postgresql.util.PSQLException: ERROR: all replication slots are in use\n"
    "\tat org.postgresql.core.v3.QueryExecutorImpl.receive(QueryExecutorImpl.java:2)\n";

static const char status_failed[] = STATUS(
    RUNNING,
    "{\"id\":0,\"state\":\"FAILED\",\"worker_id\":\"127.0.0.1:8083\",\"trace\":\""
    "org.apache.kafka.connect.errors.ConnectException: Could not start\\n"
    "\\tat io.debezium.connector.common.BaseSourceTask.start(BaseSourceTask.java:1)\\n"
    "Caused by: io.debezium.DebeziumException: Creation of replication slot failed\\n"
    "\\t... 8 more\\n"
    "Caused by: org.postgresql.util.PSQLException: ERROR: all replication slots are in use\\n"
    "\\tat org.postgresql.core.v3.QueryExecutorImpl.receive(QueryExecutorImpl.java:2)\\n\"}");

static http_server_t server;
static connect_t *connect_client;
static err_t err;

static void play(const http_rule_t *rules)
{
    err = (err_t){0};
    http_server_start(&server, rules);
    connect_client = connect_open(server.url, &err);
    if (!connect_client) {
        fail_msg("%s", err.text);
    }
}

static void played(void)
{
    connect_close(connect_client);
    http_server_stop(&server);
}

static void assert_says(const char *part)
{
    if (!strstr(err.text, part)) {
        fail_msg("\"%s\" is not in: %s", part, err.text);
    }
}

/* ---- the worker ---- */

static void the_worker_tells_its_version_and_cluster(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET / HTTP", 0, 200,
                          "{\"version\":\"4.3.1\",\"commit\":\"abc\","
                          "\"kafka_cluster_id\":\"MkU3OEVBNTcwNTJENDM2Qg\"}"},
                         {0}});
    connect_worker_t worker;
    assert_true(connect_worker(connect_client, &worker, &err));
    assert_string_equal(worker.version, "4.3.1");
    assert_string_equal(worker.cluster_id, "MkU3OEVBNTcwNTJENDM2Qg");
    played();
}

static void a_server_that_is_not_connect_is_told(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET / HTTP", 1, 200, "<html>welcome</html>"},
                         {"GET / HTTP", 0, 200, "{\"hello\":1}"},
                         {0}});
    connect_worker_t worker;
    assert_false(connect_worker(connect_client, &worker, &err));
    assert_says("is it Connect that answers there?");
    assert_false(connect_worker(connect_client, &worker, &err));
    assert_says("names no version");
    played();
}

static void a_plugin_is_found_by_its_class(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET /connector-plugins HTTP", 0, 200,
                          "[{\"class\":\"a.B\",\"type\":\"sink\",\"version\":\"1\"},"
                          "{\"class\":\"io.debezium.connector.postgresql.PostgresConnector\","
                          "\"type\":\"source\",\"version\":\"3.6.0.Final\"}]"},
                         {0}});
    char version[32];
    assert_true(connect_plugin_version(connect_client,
                                       "io.debezium.connector.postgresql.PostgresConnector",
                                       version, sizeof version, &err));
    assert_string_equal(version, "3.6.0.Final");
    assert_false(connect_plugin_version(connect_client, "no.Such", version, sizeof version, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_says("no plugin has the class no.Such");
    assert_says("plugin.path");
    played();
}

static void a_connect_that_is_not_there_is_named_with_what_to_do(void **state)
{
    (void)state;
    err = (err_t){0};
    connect_t *nobody = connect_open("http://127.0.0.1:1/", &err);
    assert_non_null(nobody);
    connect_worker_t worker;
    assert_false(connect_worker(nobody, &worker, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_says("Kafka Connect at http://127.0.0.1:1: GET /");
    assert_says("is Connect running there?");
    connect_close(nobody);
}

static void a_connection_that_is_cut_is_an_error(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET ", 0, 0, NULL}, {0}});
    assert_null(connect_list(connect_client, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_says("GET /connectors: ");
    played();
}

static void what_is_no_http_url_is_refused_and_not_shown(void **state)
{
    (void)state;
    err = (err_t){0};
    assert_null(connect_open("ftp://me:hidden@host/", &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_null(strstr(err.text, "hidden"));
    assert_null(connect_open("http://me:hidden@host:port/", &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_null(strstr(err.text, "hidden"));
}

static void a_password_in_the_url_is_sent_and_never_shown(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET /connectors HTTP", 0, 401, "no"}, {0}});
    char url[256];
    snprintf(url, sizeof url, "http://me:sesame@%.128s", server.url + 7);
    connect_t *mine = connect_open(url, &err);
    assert_non_null(mine);
    assert_non_null(strstr(connect_display(mine), "me@127.0.0.1"));
    assert_null(connect_list(mine, &err));
    assert_says("HTTP 401: no");
    assert_null(strstr(err.text, "sesame"));
    assert_non_null(strstr(server.last, "Authorization: Basic bWU6c2VzYW1l")); /* me:sesame */
    char logged[] = "sesame";
    secret_redact(logged, strlen(logged));
    assert_string_equal(logged, "******");
    connect_close(mine);
    played();
    secret_forget();
}

/* ---- configuration ---- */

static void a_configuration_is_put_as_it_is(void **state)
{
    (void)state;
    play((http_rule_t[]){{"PUT " PATH "/config HTTP", 0, 201, "{\"name\":\"" NAME "\"}"}, {0}});
    json_t *config = json_pack("{s:s, s:s}", "connector.class", "a.B", "topic.prefix", "cdc");
    assert_true(connect_put_config(connect_client, NAME, config, &err));
    const char *body = strstr(server.last, "\r\n\r\n") + 4;
    json_t *sent = json_loads(body, 0, NULL);
    assert_true(json_equal(sent, config));
    assert_non_null(strstr(server.last, "Content-Type: application/json"));
    json_decref(sent);
    json_decref(config);
    played();
}

static void a_configuration_that_is_refused_says_why_on_one_line(void **state)
{
    (void)state;
    play((http_rule_t[]){
        {"PUT ", 0, 400,
         "{\"error_code\":400,\"message\":\"Connector configuration is invalid and contains the "
         "following 1 error(s):\\nError while validating connector config: Connection "
         "refused\\n\"}"},
        {0}});
    json_t *config = json_object();
    assert_false(connect_put_config(connect_client, NAME, config, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_says(server.url);
    assert_says("connector " NAME ": its configuration was refused: HTTP 400: Connector "
                "configuration is invalid and contains the following 1 error(s): Error while "
                "validating connector config: Connection refused");
    assert_null(strchr(err.text, '\n'));
    json_decref(config);
    played();
}

static void a_rebalance_is_waited_for(void **state)
{
    (void)state;
    play((http_rule_t[]){
        {"PUT ", 2, 409,
         "{\"error_code\":409,\"message\":\"Cannot complete request momentarily\"}"},
        {"PUT ", 0, 200, "{}"},
        {0}});
    json_t *config = json_object();
    assert_true(connect_put_config(connect_client, NAME, config, &err));
    assert_int_equal(server.requests, 3);
    json_decref(config);
    played();
}

static void a_configuration_is_read_back_and_an_absent_one_is_no_error(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET " PATH "/config HTTP", 0, 200, "{\"topic.prefix\":\"cdc\"}"}, {0}});
    json_t *config;
    assert_true(connect_get_config(connect_client, NAME, &config, &err));
    assert_string_equal(json_string_value(json_object_get(config, "topic.prefix")), "cdc");
    json_decref(config);
    assert_true(connect_get_config(connect_client, "other", &config, &err));
    assert_null(config);
    played();
}

static void the_names_of_connectors_are_listed(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET /connectors HTTP", 0, 200, "[\"" NAME "\"]"}, {0}});
    json_t *names = connect_list(connect_client, &err);
    assert_int_equal(json_array_size(names), 1);
    assert_string_equal(json_string_value(json_array_get(names, 0)), NAME);
    json_decref(names);
    played();
}

static void an_odd_name_is_escaped_in_the_path(void **state)
{
    (void)state;
    play((http_rule_t[]){{"DELETE /connectors/a%20b%2Fc%3F HTTP", 0, 204, NULL}, {0}});
    bool deleted;
    assert_true(connect_delete(connect_client, "a b/c?", &deleted, &err));
    assert_true(deleted);
    played();
}

/* ---- state ---- */

static void a_state_is_that_of_the_connector_and_of_its_worst_task(void **state)
{
    (void)state;
    play((http_rule_t[]){
        {"GET " PATH "/status HTTP", 1, 200, STATUS(RUNNING, TASK)},
        {"GET " PATH "/status HTTP", 1, 200, status_failed},
        {"GET " PATH "/status HTTP", 1, 200, STATUS(RUNNING, "")},
        {"GET " PATH "/status HTTP", 0, 200,
         STATUS(RUNNING, TASK ",{\"id\":1,\"state\":\"ANEW\",\"worker_id\":\"w\"}")},
        {0}});
    connect_status_t status;
    assert_true(connect_status(connect_client, NAME, &status, &err));
    assert_int_equal(status.connector, CONNECT_RUNNING);
    assert_int_equal(status.task, CONNECT_RUNNING);
    assert_int_equal(status.tasks, 1);
    assert_string_equal(status.worker, "127.0.0.1:8083");
    assert_null(status.trace);
    connect_status_end(&status);

    assert_true(connect_status(connect_client, NAME, &status, &err));
    assert_int_equal(status.connector, CONNECT_RUNNING);
    assert_int_equal(status.task, CONNECT_FAILED);
    assert_string_equal(status.trace, trace);
    connect_status_end(&status);

    assert_true(connect_status(connect_client, NAME, &status, &err));
    assert_int_equal(status.task, CONNECT_ABSENT);
    connect_status_end(&status);

    assert_true(connect_status(connect_client, NAME, &status, &err));
    assert_int_equal(status.task, CONNECT_UNASSIGNED); /* a state that nobody here knows */
    connect_status_end(&status);

    assert_true(connect_status(connect_client, "other", &status, &err));
    assert_int_equal(status.connector, CONNECT_ABSENT);
    connect_status_end(&status);
    played();
}

static void running_is_waited_for_until_the_task_runs_too(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET ", 1, 404, "{\"error_code\":404,\"message\":\"No status found\"}"},
                         {"GET ", 1, 200, STATUS(RUNNING, "")},
                         {"GET ", 1, 200, STATUS(RUNNING, "{\"id\":0,\"state\":\"UNASSIGNED\"}")},
                         {"GET ", 0, 200, STATUS(RUNNING, TASK)},
                         {0}});
    assert_true(connect_wait_running(connect_client, NAME, 20000, NULL, NULL, &err));
    assert_int_equal(server.requests, 4);
    played();
}

static void a_failed_task_says_why_and_leaves_its_trace(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET ", 0, 200, status_failed}, {0}});
    buf_t whole = {0};
    assert_false(connect_wait_running(connect_client, NAME, 20000, NULL, &whole, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_says("connector " NAME ": its task FAILED: "
                "org.apache.kafka.connect.errors.ConnectException: Could not start; caused by: "
                "org.postgresql.util.PSQLException: ERROR: all replication slots are in use");
    assert_string_equal(buf_text(&whole), trace);
    buf_free(&whole);
    played();
}

static void a_failure_that_a_new_configuration_mends_is_passed_over(void **state)
{
    (void)state;
    play((http_rule_t[]){
        {"GET ", 2, 200, status_failed}, {"GET ", 0, 200, STATUS(RUNNING, TASK)}, {0}});
    assert_true(connect_wait_running(connect_client, NAME, 20000, NULL, NULL, &err));
    played();
}

static void a_connector_that_never_runs_is_given_up_with_its_state(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET ", 0, 200, STATUS(RUNNING, "{\"id\":0,\"state\":\"RESTARTING\"}")},
                         {0}});
    assert_false(connect_wait_running(connect_client, NAME, 150, NULL, NULL, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_says("is not running after 150 ms (connector RUNNING, task RESTARTING)");
    played();
}

static void an_interrupt_ends_the_wait(void **state)
{
    (void)state;
    play((http_rule_t[]){{"GET ", 0, 200, STATUS(RUNNING, "")}, {0}});
    atomic_int interrupts = 1;
    assert_false(connect_wait_running(connect_client, NAME, 600000, &interrupts, NULL, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    played();
}

static void a_trace_of_one_line_is_its_own_heart(void **state)
{
    (void)state;
    char heart[64];
    connect_trace_heart("java.lang.Error: alone", heart, sizeof heart);
    assert_string_equal(heart, "java.lang.Error: alone");
    connect_trace_heart("", heart, sizeof heart);
    assert_string_equal(heart, "");
    connect_trace_heart("first\n\tat x\nCaused by: ", heart, sizeof heart);
    assert_string_equal(heart, "first; caused by: ");
}

/* ---- life ---- */

static void a_stop_waits_until_the_tasks_are_gone(void **state)
{
    (void)state;
    play((http_rule_t[]){
        {"PUT " PATH "/stop HTTP", 1, 204, NULL},
        {"GET " PATH "/status HTTP", 1, 200, STATUS(RUNNING, TASK)},
        {"GET " PATH "/status HTTP", 1, 200, STATUS("{\"state\":\"STOPPED\"}", TASK)},
        {"GET " PATH "/status HTTP", 0, 200, STATUS("{\"state\":\"STOPPED\"}", "")},
        {0}});
    assert_true(connect_stop(connect_client, NAME, 20000, &err));
    assert_int_equal(server.requests, 4);
    assert_true(connect_stop(connect_client, "other", 20000, &err));
    played();
}

static void a_connector_that_does_not_stop_is_told(void **state)
{
    (void)state;
    play((http_rule_t[]){{"PUT ", 0, 204, NULL}, {"GET ", 0, 200, STATUS(RUNNING, TASK)}, {0}});
    assert_false(connect_stop(connect_client, NAME, 150, &err));
    assert_says("was told to stop, and is still RUNNING with 1 tasks after 150 ms");
    played();
}

static void offsets_that_cannot_be_deleted_say_what_is_needed(void **state)
{
    (void)state;
    play((http_rule_t[]){
        {"DELETE " PATH "/offsets HTTP", 1, 200, "{\"message\":\"The offsets have been reset\"}"},
        {"DELETE " PATH "/offsets HTTP", 0, 400,
         "{\"error_code\":400,\"message\":\"Connectors must be in the STOPPED state\"}"},
        {0}});
    assert_true(connect_delete_offsets(connect_client, NAME, &err));
    assert_false(connect_delete_offsets(connect_client, NAME, &err));
    assert_says("it must be stopped; Connect 3.6 or later");
    assert_says("HTTP 400: Connectors must be in the STOPPED state");
    played();
}

static void a_connector_is_deleted_once(void **state)
{
    (void)state;
    play((http_rule_t[]){{"DELETE " PATH " HTTP", 1, 204, NULL}, {0}});
    bool deleted;
    assert_true(connect_delete(connect_client, NAME, &deleted, &err));
    assert_true(deleted);
    assert_true(connect_delete(connect_client, NAME, &deleted, &err));
    assert_false(deleted);
    played();
}

static void a_restart_takes_the_tasks_along(void **state)
{
    (void)state;
    play((http_rule_t[]){
        {"POST " PATH "/restart?includeTasks=true HTTP", 0, 202, "{}"},
        {"POST " PATH "/restart?includeTasks=true&onlyFailed=true HTTP", 0, 204, NULL},
        {0}});
    assert_true(connect_restart(connect_client, NAME, false, &err));
    assert_true(connect_restart(connect_client, NAME, true, &err));
    assert_int_equal(server.used[0], 1);
    assert_int_equal(server.used[1], 1);
    played();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worker_tells_its_version_and_cluster),
        cmocka_unit_test(a_server_that_is_not_connect_is_told),
        cmocka_unit_test(a_plugin_is_found_by_its_class),
        cmocka_unit_test(a_connect_that_is_not_there_is_named_with_what_to_do),
        cmocka_unit_test(a_connection_that_is_cut_is_an_error),
        cmocka_unit_test(what_is_no_http_url_is_refused_and_not_shown),
        cmocka_unit_test(a_password_in_the_url_is_sent_and_never_shown),
        cmocka_unit_test(a_configuration_is_put_as_it_is),
        cmocka_unit_test(a_configuration_that_is_refused_says_why_on_one_line),
        cmocka_unit_test(a_rebalance_is_waited_for),
        cmocka_unit_test(a_configuration_is_read_back_and_an_absent_one_is_no_error),
        cmocka_unit_test(the_names_of_connectors_are_listed),
        cmocka_unit_test(an_odd_name_is_escaped_in_the_path),
        cmocka_unit_test(a_state_is_that_of_the_connector_and_of_its_worst_task),
        cmocka_unit_test(running_is_waited_for_until_the_task_runs_too),
        cmocka_unit_test(a_failed_task_says_why_and_leaves_its_trace),
        cmocka_unit_test(a_failure_that_a_new_configuration_mends_is_passed_over),
        cmocka_unit_test(a_connector_that_never_runs_is_given_up_with_its_state),
        cmocka_unit_test(an_interrupt_ends_the_wait),
        cmocka_unit_test(a_trace_of_one_line_is_its_own_heart),
        cmocka_unit_test(a_stop_waits_until_the_tasks_are_gone),
        cmocka_unit_test(a_connector_that_does_not_stop_is_told),
        cmocka_unit_test(offsets_that_cannot_be_deleted_say_what_is_needed),
        cmocka_unit_test(a_connector_is_deleted_once),
        cmocka_unit_test(a_restart_takes_the_tasks_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
