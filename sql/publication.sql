-- What subscribers (cdcbench's own tap, Debezium) name in order to be sent the table's changes.
CREATE PUBLICATION cdcbench_transactions FOR TABLE transactions;
