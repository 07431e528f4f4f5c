/* Memory of a process and its children, with real ones. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "result/result.h"
#include "run/monitor/process.h"

static pid_t child;

static int start_child(void **state)
{
    (void)state;
    child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    return child > 0 ? 0 : -1;
}

static int end_child(void **state)
{
    (void)state;
    kill(child, SIGKILL);
    return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static void a_child_is_counted_unless_it_is_left_out(void **state)
{
    (void)state;
    int stranger = getppid();
    process_usage_t whole = process_tree_usage(getpid());
    process_usage_t same = process_tree_usage_without(getpid(), &stranger, 1);
    process_usage_t rest = process_tree_usage_without(getpid(), &child, 1);
    assert_true(rest.rss_bytes > 0 && rest.rss_bytes < whole.rss_bytes);
    assert_true(rest.rss_bytes < same.rss_bytes);
    assert_true(rest.cpu_us >= 0);
}

static void a_process_that_is_not_there_is_not_measured(void **state)
{
    (void)state;
    int nobody = -1;
    assert_int_equal(process_usage(nobody).cpu_us, NOT_MEASURED);
    assert_int_equal(process_tree_usage(nobody).cpu_us, NOT_MEASURED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_child_is_counted_unless_it_is_left_out, start_child,
                                        end_child),
        cmocka_unit_test(a_process_that_is_not_there_is_not_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
