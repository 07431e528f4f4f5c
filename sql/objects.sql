-- What goes by cdcbench's names in this database and the current schema, in the order in which it can
-- be dropped ('DROP ' || object):
--   object   as DROP takes it, such as "table public.transactions"
--   ours     the comment on the table says that cdcbench made it
--   in_use   a function that something other than the table's own triggers needs
--   objects  all that was found, as a JSON array: what that comment lists
WITH relation AS (
    SELECT c.oid, obj_description(c.oid, 'pg_class') AS comment
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relname = 'transactions'
), mark AS (
    SELECT CASE WHEN comment LIKE '{"tool": "cdcbench",%' THEN comment::jsonb -> 'objects' END AS list
      FROM relation
), function AS (
    SELECT p.oid,
           EXISTS (SELECT FROM pg_depend d
                    WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
                      AND NOT EXISTS (SELECT FROM pg_trigger t JOIN relation r ON t.tgrelid = r.oid
                                       WHERE d.classid = 'pg_trigger'::regclass
                                         AND t.oid = d.objid)) AS in_use
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = current_schema() AND p.pronargs = 0
       AND p.proname IN ('record_change_user', 'record_change_columns')
), found AS (
    SELECT 1 AS place, 'pg_trigger'::regclass AS class, t.oid, false AS in_use
      FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid
     WHERE t.tgname IN ('trigger_record_user_update', 'trigger_record_change_info')
    UNION ALL
    SELECT 2, 'pg_publication'::regclass, oid, false
      FROM pg_publication WHERE pubname = 'cdcbench_transactions'
    UNION ALL
    SELECT 3, 'pg_class'::regclass, oid, false FROM relation
    UNION ALL
    SELECT 4, 'pg_proc'::regclass, oid, in_use FROM function
), named AS (
    SELECT f.place, f.in_use, i.type || ' ' || i.identity AS object
      FROM found f, LATERAL pg_identify_object(f.class, f.oid, 0) AS i
)
SELECT object,
       coalesce((SELECT list ? object FROM mark), false) AS ours,
       in_use,
       jsonb_agg(object) OVER (ORDER BY place, object ROWS BETWEEN UNBOUNDED PRECEDING
                                                           AND UNBOUNDED FOLLOWING) AS objects
  FROM named
 ORDER BY place, object;
