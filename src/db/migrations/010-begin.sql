-- Times at which the newest version of a process begins by itself.
CREATE TABLE process_timer (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    definition_id INTEGER NOT NULL,
    element TEXT NOT NULL,
    due_us INTEGER NOT NULL,
    interval_us INTEGER NOT NULL, -- As the engine's timers have them.
    interval_months INTEGER NOT NULL,
    repeats INTEGER NOT NULL,
    wake_us INTEGER NOT NULL, -- When it is looked at: `due_us`, or later after a failure.
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE INDEX process_timer_wake ON process_timer (park_id, wake_us);
CREATE INDEX process_timer_definition ON process_timer (park_id, definition_id);
