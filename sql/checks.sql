-- What a run needs to know of the server and the role before it begins; one row.
-- may_replicate: Amazon RDS gives membership in rds_replication in place of the attribute.
-- owner: the table's, where the role may not act for it.
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num') AS version_num,
       pg_is_in_recovery() AS standby,
       quote_ident(current_user) AS role,
       quote_ident(current_database()) AS database,
       quote_ident(current_schema()) AS schema,
       current_setting('search_path') AS search_path,
       has_schema_privilege(current_schema(), 'CREATE') AS may_create,
       has_database_privilege(current_database(), 'CREATE') AS may_publish,
       (SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user)
           OR EXISTS (SELECT FROM pg_roles
                       WHERE rolname = 'rds_replication' AND pg_has_role(oid, 'MEMBER'))
           AS may_replicate,
       current_setting('wal_level') AS wal_level,
       (SELECT count(*) FROM pg_replication_slots) AS slots,
       current_setting('max_replication_slots') AS slots_max,
       (SELECT count(*) FROM pg_stat_replication) AS senders,
       current_setting('max_wal_senders') AS senders_max,
       (SELECT quote_ident(pg_get_userbyid(c.relowner))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema() AND c.relname = 'transactions'
           AND NOT pg_has_role(c.relowner, 'USAGE')) AS owner;
