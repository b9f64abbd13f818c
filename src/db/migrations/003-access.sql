-- Who may sign in, with what, and what they may do then.
CREATE TABLE account (
    park_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    login TEXT NOT NULL, -- lower case
    password TEXT NOT NULL, -- argon2id with its salt and cost
    disabled INTEGER NOT NULL,
    must_change INTEGER NOT NULL,
    last_login_at INTEGER,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (park_id, person_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX account_by_login ON account (park_id, login);

CREATE TABLE role_grant (
    park_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    role TEXT NOT NULL,
    scope_id INTEGER NOT NULL, -- grid, department or enterprise; 0 for the park
    since INTEGER NOT NULL,
    PRIMARY KEY (park_id, person_id, role, scope_id)
) WITHOUT ROWID;
CREATE INDEX role_grant_by_scope ON role_grant (park_id, role, scope_id);

CREATE TABLE session (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    digest BLOB NOT NULL, -- SHA-256 of the cookie's secret
    person_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX session_by_digest ON session (park_id, digest);
CREATE INDEX session_by_person ON session (park_id, person_id);

CREATE TABLE token (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    person_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX token_by_digest ON token (park_id, digest);
CREATE INDEX token_by_person ON token (park_id, person_id);

-- Failed attempts to sign in, by login and by address, also for logins that do not exist.
CREATE TABLE login_failure (
    park_id INTEGER NOT NULL,
    subject BLOB NOT NULL, -- SHA-256 of "login:…" or "address:…"
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (park_id, subject)
) WITHOUT ROWID;

-- What a command answered under its Idempotency-Key.
CREATE TABLE idempotency (
    park_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL, -- SHA-256 of method, target and body
    status INTEGER NOT NULL,
    location TEXT,
    etag TEXT,
    body BLOB, -- NULL if it held a secret
    created_at INTEGER NOT NULL,
    PRIMARY KEY (park_id, person_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (park_id, created_at);

CREATE TABLE setting (
    park_id INTEGER NOT NULL,
    map_lat REAL NOT NULL,
    map_lng REAL NOT NULL,
    map_zoom INTEGER NOT NULL,
    origin TEXT NOT NULL, -- "https://park.example"; empty if unknown
    idle_minutes INTEGER NOT NULL,
    absolute_hours INTEGER NOT NULL,
    history_days INTEGER NOT NULL DEFAULT 1095, -- How long the steps of a closed case are kept.
    process_days INTEGER NOT NULL DEFAULT 90, -- The same of instances of /v2 that are over.
    version INTEGER NOT NULL,
    PRIMARY KEY (park_id)
) WITHOUT ROWID;
