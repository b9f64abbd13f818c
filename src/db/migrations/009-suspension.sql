-- Cases that stand still by an administrator's word, and which version of a service open cases run.
ALTER TABLE cases ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
CREATE INDEX cases_model ON cases (park_id, model_id, id) WHERE closed = 0;
