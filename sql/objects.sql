-- What goes by cdcbench's names in this database and the current schema, in the order in which it can
-- be dropped ('DROP ' || object). $1 (text[]) are the names of the tables that are wanted; a table that
-- cdcbench made, whatever its name, is found by its comment.
--   object   as DROP takes it, such as "table public.transactions"
--   name     of a table, else NULL
--   wanted   it is one of those tables, or its trigger, or belongs to them all
--   ours     a comment on a table says that cdcbench made it: on the table itself, if it is one
--   in_use   a function that something other than the tables' own triggers needs
--   objects  all that was found, as a JSON array: what those comments list
WITH relation AS (
    SELECT c.oid, c.relname, c.relname = ANY ($1::text[]) AS wanted,
           obj_description(c.oid, 'pg_class') AS comment
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema()
), ours AS (
    SELECT *, CASE WHEN comment LIKE '{"tool": "cdcbench",%' THEN comment::jsonb -> 'objects' END AS list
      FROM relation
     WHERE wanted OR comment LIKE '{"tool": "cdcbench",%'
), function AS (
    SELECT p.oid,
           EXISTS (SELECT FROM pg_depend d
                    WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
                      AND NOT EXISTS (SELECT FROM pg_trigger t JOIN ours r ON t.tgrelid = r.oid
                                       WHERE d.classid = 'pg_trigger'::regclass
                                         AND t.oid = d.objid)) AS in_use
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = current_schema() AND p.pronargs = 0
       AND p.proname IN ('record_change_user', 'record_change_columns')
), found AS (
    SELECT 1 AS place, 'pg_trigger'::regclass AS class, t.oid, NULL AS name, r.wanted, false AS in_use
      FROM pg_trigger t JOIN ours r ON r.oid = t.tgrelid
     WHERE t.tgname IN ('trigger_record_user_update', 'trigger_record_change_info')
    UNION ALL
    SELECT 2, 'pg_publication'::regclass, oid, NULL, true, false
      FROM pg_publication WHERE pubname = 'cdcbench_transactions'
    UNION ALL
    SELECT 3, 'pg_class'::regclass, oid, relname, wanted, false FROM ours
    UNION ALL
    SELECT 4, 'pg_proc'::regclass, oid, NULL, true, in_use FROM function
), named AS (
    SELECT f.*, i.type || ' ' || i.identity AS object
      FROM found f, LATERAL pg_identify_object(f.class, f.oid, 0) AS i
)
SELECT object, name, wanted,
       EXISTS (SELECT FROM ours r WHERE r.list ? object AND (place <> 3 OR r.oid = named.oid)) AS ours,
       in_use,
       jsonb_agg(object) OVER (ORDER BY place, object ROWS BETWEEN UNBOUNDED PRECEDING
                                                           AND UNBOUNDED FOLLOWING) AS objects
  FROM named
 ORDER BY place, object;
