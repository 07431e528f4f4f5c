-- UPDATE and DELETE carry the whole row as it was before.
ALTER TABLE transactions REPLICA IDENTITY FULL;
