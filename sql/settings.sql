-- The settings that a result depends on, in a fixed order; NULL where this server has no such setting.
SELECT name, current_setting(name, true) AS value
  FROM unnest(ARRAY[
       'server_version', 'wal_level', 'fsync', 'synchronous_commit', 'wal_sync_method',
       'full_page_writes', 'wal_compression', 'wal_buffers', 'wal_writer_delay',
       'wal_writer_flush_after', 'commit_delay', 'commit_siblings', 'shared_buffers', 'huge_pages',
       'work_mem', 'maintenance_work_mem', 'logical_decoding_work_mem', 'effective_io_concurrency',
       'checkpoint_timeout', 'checkpoint_completion_target', 'max_wal_size', 'min_wal_size',
       'wal_segment_size', 'wal_keep_size', 'max_slot_wal_keep_size', 'max_wal_senders',
       'max_replication_slots', 'wal_sender_timeout', 'max_connections', 'max_worker_processes',
       'autovacuum', 'autovacuum_naptime', 'track_commit_timestamp', 'synchronous_standby_names',
       'data_checksums', 'block_size', 'jit', 'ssl', 'password_encryption', 'server_encoding',
       'TimeZone', 'log_min_duration_statement', 'log_statement'
       ]) WITH ORDINALITY AS wanted(name, place)
 ORDER BY place;
