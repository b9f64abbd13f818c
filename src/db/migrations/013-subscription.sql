-- Subscriptions of /v2 have keys by which clients page through them.
ALTER TABLE process_subscription ADD COLUMN id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE process_subscription ADD COLUMN opened_us INTEGER NOT NULL DEFAULT 0;
CREATE INDEX process_subscription_id ON process_subscription (park_id, kind, id);
