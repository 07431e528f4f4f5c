-- Drops the replication slots of cdcbench that a crashed run left in this database. One that is
-- active belongs to a run that is under way.
SELECT slot_name, pg_drop_replication_slot(slot_name)
  FROM pg_replication_slots
 WHERE slot_name LIKE 'cdcbench\_%' AND database = current_database()
   AND NOT active AND NOT temporary;
