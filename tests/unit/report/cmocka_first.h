/* cmocka.h needs these before it. */
#ifndef CDCBENCH_TESTS_REPORT_CMOCKA_FIRST_H
#define CDCBENCH_TESTS_REPORT_CMOCKA_FIRST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
