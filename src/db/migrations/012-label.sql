-- What a client calls an instance of /v2 by.
ALTER TABLE process_instance ADD COLUMN business_id TEXT;
ALTER TABLE process_instance ADD COLUMN tags TEXT; -- A JSON array of texts.
CREATE INDEX process_instance_business ON process_instance (park_id, business_id, id)
    WHERE business_id IS NOT NULL;
