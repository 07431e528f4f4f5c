/* The mark that a run leaves on its connector tells whose it is, and whether that run is still
 * there. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/pipeline/connector_owner.h"

static void our_own_mark_is_ours(void **state)
{
    (void)state;
    char mark[CONNECTOR_OWNER_TEXT_MAX];
    connector_owner_mark(mark);
    assert_int_equal(connector_owner_judge(mark), CONNECTOR_OWNER_SELF);
}

/* A child's mark, while it waits to be let go. */
static pid_t start_child(char mark[CONNECTOR_OWNER_TEXT_MAX], int *let_go)
{
    int says[2], hears[2];
    assert_true(pipe(says) == 0 && pipe(hears) == 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char own[CONNECTOR_OWNER_TEXT_MAX] = "", any;
        close(hears[1]);
        connector_owner_mark(own);
        _exit(write(says[1], own, sizeof own) == sizeof own && read(hears[0], &any, 1) == 0 ? 0
                                                                                            : 1);
    }
    close(hears[0]);
    assert_int_equal(read(says[0], mark, CONNECTOR_OWNER_TEXT_MAX), CONNECTOR_OWNER_TEXT_MAX);
    close(says[0]);
    close(says[1]);
    *let_go = hears[1];
    return child;
}

static void another_runs_mark_says_whether_it_is_still_there(void **state)
{
    (void)state;
    char mark[CONNECTOR_OWNER_TEXT_MAX];
    int let_go, status;
    pid_t child = start_child(mark, &let_go);
    assert_int_equal(connector_owner_judge(mark), CONNECTOR_OWNER_RUNS);
    close(let_go);
    assert_true(waitpid(child, &status, 0) == child && status == 0);
    assert_int_equal(connector_owner_judge(mark), CONNECTOR_OWNER_ENDED);
}

static void a_number_that_was_given_again_is_another_process(void **state)
{
    (void)state;
    char mark[CONNECTOR_OWNER_TEXT_MAX], host[256], early[600];
    int pid;
    connector_owner_mark(mark);
    assert_int_equal(sscanf(mark, "%255s %d", host, &pid), 2);
    snprintf(early, sizeof early, "%s %d 1", host, pid);
    assert_int_equal(connector_owner_judge(early), CONNECTOR_OWNER_ENDED);
}

static void what_is_of_another_host_or_no_mark_is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(connector_owner_judge("no-such-host 1 1"), CONNECTOR_OWNER_ELSEWHERE);
    assert_int_equal(connector_owner_judge(NULL), CONNECTOR_OWNER_NONE);
    assert_int_equal(connector_owner_judge(""), CONNECTOR_OWNER_NONE);
    assert_int_equal(connector_owner_judge("host 17"), CONNECTOR_OWNER_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_mark_is_ours),
        cmocka_unit_test(another_runs_mark_says_whether_it_is_still_there),
        cmocka_unit_test(a_number_that_was_given_again_is_another_process),
        cmocka_unit_test(what_is_of_another_host_or_no_mark_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
