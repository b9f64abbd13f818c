-- How long instances of /v2 are kept once they are over.
ALTER TABLE setting ADD COLUMN process_days INTEGER NOT NULL DEFAULT 90;
-- What was called goes after the one that called it.
CREATE INDEX process_instance_over ON process_instance (park_id, ended_us)
    WHERE ended_us IS NOT NULL AND parent_id IS NULL;
