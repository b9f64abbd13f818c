-- What stands still in running cases, and when the steps of closed ones may go.
CREATE TABLE case_incident (
    park_id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    token INTEGER NOT NULL, -- The engine's key of the incident.
    element TEXT NOT NULL,
    kind TEXT NOT NULL, -- The engine's own name of what went wrong.
    message TEXT NOT NULL,
    detail TEXT, -- JSON: the expression, and why it failed.
    raised_us INTEGER NOT NULL,
    PRIMARY KEY (park_id, case_id, token)
) WITHOUT ROWID;

CREATE TABLE history_due (
    park_id INTEGER NOT NULL,
    due_us INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    PRIMARY KEY (park_id, due_us, case_id)
) WITHOUT ROWID;
