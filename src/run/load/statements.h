/*
 * statements: the SQL that sessions send, a set for each table of the run. Made by the controller
 * before the sessions, then only read: any thread.
 */
#ifndef CDCBENCH_RUN_LOAD_STATEMENTS_H
#define CDCBENCH_RUN_LOAD_STATEMENTS_H

#include "plan/schedule/scenario.h"
#include "postgres/conn.h"

#define STATEMENTS_SAVEPOINT "SAVEPOINT cdcbench"

/* COPY's query, by the control steps that go along in it (txn.h). */
enum {
    COPY_ALONE,
    COPY_BEGIN,           /* BEGIN */
    COPY_BEGIN_SAVEPOINT, /* BEGIN, SAVEPOINT */
    COPY_FORMS
};

/* Prepared for each table. */
typedef enum {
    STATEMENT_UPDATE,       /* $1: key, $2: amount */
    STATEMENT_DELETE,       /* $1: key */
    STATEMENT_UPDATE_ARRAY, /* arrays of them */
    STATEMENT_DELETE_ARRAY,
    STATEMENT_KINDS
} statement_kind_t;

typedef struct {
    const char *copy[COPY_FORMS];
    const char *names[STATEMENT_KINDS];
    const char *amount_question; /* $1: key; the amount as text */
} table_statements_t;

typedef struct statements statements_t;

/* NULL when memory is out. The tables outlive it. */
statements_t *statements_new(const scenario_t *scenario);
void statements_free(statements_t *statements); /* NULL is allowed */

/* $1: keys, a text[]. Of those that are in none of the tables, the first few, one space between. */
const char *statements_absent_question(const statements_t *statements);

const table_statements_t *statements_of(const statements_t *statements, uint32_t table);

/* What a connection prepares at its setup: those of every table, and transaction control. */
const pg_statement_t *statements_prepared(const statements_t *statements, int *n);

#endif
