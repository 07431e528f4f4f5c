-- UPDATE and DELETE carry no more than the primary key of the row as it was before.
ALTER TABLE transactions REPLICA IDENTITY DEFAULT;
