-- What a run needs to know of the server and the role before it begins; one row. $1 (text[]) are the
-- names of its tables.
-- may_replicate: Amazon RDS gives membership in rds_replication in place of the attribute.
-- owner, owned: a table of those names for whose owner the role may not act.
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
       foreigner.owner, foreigner.name AS owned
  FROM (SELECT) AS one LEFT JOIN LATERAL (
       SELECT quote_ident(pg_get_userbyid(c.relowner)) AS owner, quote_ident(c.relname) AS name
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relname = ANY ($1::text[])
          AND NOT pg_has_role(c.relowner, 'USAGE')
        LIMIT 1) AS foreigner ON true;
