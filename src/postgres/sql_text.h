/*
 * sql_text: the files of sql/, as they are, built into the binary (cmake/embed_text.cmake).
 * Constant text; any thread.
 */
#ifndef CDCBENCH_POSTGRES_SQL_TEXT_H
#define CDCBENCH_POSTGRES_SQL_TEXT_H

extern const char sql_table[];
extern const char sql_trigger_user[];
extern const char sql_trigger_columns[];
extern const char sql_replica_identity_full[];
extern const char sql_replica_identity_default[];
extern const char sql_publication[];
extern const char sql_objects[];
extern const char sql_drop_slots[];
extern const char sql_checks[];
extern const char sql_settings[];

#endif
