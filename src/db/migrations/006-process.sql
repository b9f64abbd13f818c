-- Processes that clients deploy and run over /v2: definitions, instances, and what waits in them.

-- A deployed file. What is made of it stands in process_definition.
CREATE TABLE process_resource (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    deployment_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (park_id, id)
);

-- Processes, decisions, the graphs that hold decisions, and forms: each with its versions.
CREATE TABLE process_definition (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- enum process_kind
    key TEXT NOT NULL, -- The id that its author gave it.
    version INTEGER NOT NULL,
    version_tag TEXT,
    name TEXT NOT NULL,
    resource_id INTEGER NOT NULL,
    resource_name TEXT NOT NULL,
    hash BLOB NOT NULL, -- Of the file.
    graph_id INTEGER, -- Of a decision.
    node INTEGER NOT NULL DEFAULT 0, -- Of a process, in its model.
    deployed_us INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (park_id, id)
);
CREATE UNIQUE INDEX process_definition_version ON process_definition (park_id, kind, key, version);
CREATE INDEX process_definition_resource ON process_definition (park_id, resource_id);

-- What starts an instance of the newest version besides a client: a message, a signal …
CREATE TABLE process_start (
    park_id INTEGER NOT NULL,
    definition_id INTEGER NOT NULL,
    element TEXT NOT NULL,
    kind INTEGER NOT NULL, -- enum process_wait
    name TEXT NOT NULL,
    PRIMARY KEY (park_id, definition_id, element)
) WITHOUT ROWID;
CREATE INDEX process_start_name ON process_start (park_id, kind, name);

-- … or a time.
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

CREATE TABLE process_instance (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    definition_id INTEGER NOT NULL,
    state INTEGER NOT NULL, -- enum process_state
    started_us INTEGER NOT NULL,
    ended_us INTEGER,
    incidents INTEGER NOT NULL DEFAULT 0, -- Open ones.
    parent_id INTEGER, -- The instance that called it, and …
    parent_token INTEGER, -- … its call activity.
    wake_us INTEGER, -- When the earliest of its timers is due.
    business_id TEXT, -- What a client calls it by.
    tags TEXT, -- A JSON array of texts.
    blob BLOB NOT NULL, -- Empty when it is over.
    PRIMARY KEY (park_id, id)
);
CREATE INDEX process_instance_definition ON process_instance (park_id, definition_id, id);
CREATE INDEX process_instance_active ON process_instance (park_id, id) WHERE ended_us IS NULL;
CREATE INDEX process_instance_parent ON process_instance (park_id, parent_id, parent_token)
    WHERE parent_id IS NOT NULL;
CREATE INDEX process_instance_wake ON process_instance (park_id, wake_us)
    WHERE wake_us IS NOT NULL;
CREATE INDEX process_instance_business ON process_instance (park_id, business_id, id)
    WHERE business_id IS NOT NULL;
-- What was called goes after the one that called it.
CREATE INDEX process_instance_over ON process_instance (park_id, ended_us)
    WHERE ended_us IS NOT NULL AND parent_id IS NULL;

-- Every element that was ever entered. `token` is the engine's key of it inside the instance.
CREATE TABLE process_element (
    park_id INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    token INTEGER NOT NULL,
    id INTEGER NOT NULL,
    scope INTEGER NOT NULL, -- Token of the element around it; 0 for the process.
    element TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    state INTEGER NOT NULL, -- enum process_state
    started_us INTEGER NOT NULL,
    ended_us INTEGER,
    PRIMARY KEY (park_id, instance_id, token)
) WITHOUT ROWID;
CREATE UNIQUE INDEX process_element_id ON process_element (park_id, id);

CREATE TABLE process_variable (
    park_id INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    scope INTEGER NOT NULL, -- Token of the element it belongs to.
    name TEXT NOT NULL,
    id INTEGER NOT NULL,
    value TEXT NOT NULL, -- JSON
    PRIMARY KEY (park_id, instance_id, scope, name)
) WITHOUT ROWID;
CREATE UNIQUE INDEX process_variable_id ON process_variable (park_id, id);

-- Open jobs. A job's id is that of its element.
CREATE TABLE process_job (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    token INTEGER NOT NULL,
    type TEXT NOT NULL,
    element TEXT NOT NULL,
    retries INTEGER NOT NULL,
    ready_us INTEGER, -- From when on a worker may have it; while one has it, the end of its time.
    worker TEXT, -- Who had it last.
    headers TEXT NOT NULL,
    message TEXT, -- Of its last failure.
    PRIMARY KEY (park_id, id)
);
CREATE INDEX process_job_ready ON process_job (park_id, type, ready_us, id)
    WHERE ready_us IS NOT NULL;
CREATE UNIQUE INDEX process_job_token ON process_job (park_id, instance_id, token);

CREATE TABLE process_task (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL, -- That of its element.
    instance_id INTEGER NOT NULL,
    token INTEGER NOT NULL,
    element TEXT NOT NULL,
    name TEXT NOT NULL,
    state INTEGER NOT NULL, -- enum process_state
    assignee TEXT,
    groups TEXT NOT NULL, -- JSON arrays of texts.
    users TEXT NOT NULL,
    due_us INTEGER,
    follow_up_us INTEGER,
    priority INTEGER NOT NULL,
    form TEXT,
    form_id INTEGER, -- The definition that it was bound to when the task began.
    headers TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    ended_us INTEGER,
    PRIMARY KEY (park_id, id)
);
CREATE INDEX process_task_open ON process_task (park_id, id) WHERE ended_us IS NULL;
CREATE INDEX process_task_assignee ON process_task (park_id, assignee, id)
    WHERE assignee IS NOT NULL;
CREATE UNIQUE INDEX process_task_token ON process_task (park_id, instance_id, token);

CREATE TABLE process_subscription (
    park_id INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    token INTEGER NOT NULL, -- The engine's key of the subscription.
    kind INTEGER NOT NULL, -- enum process_wait
    name TEXT NOT NULL,
    correlation TEXT NOT NULL,
    process TEXT NOT NULL, -- Key of its definition: a message reaches each process once.
    element TEXT NOT NULL,
    id INTEGER NOT NULL, -- By which clients page through them.
    opened_us INTEGER NOT NULL,
    PRIMARY KEY (park_id, instance_id, token)
) WITHOUT ROWID;
CREATE INDEX process_subscription_name ON process_subscription
    (park_id, kind, name, correlation, instance_id, token);
CREATE INDEX process_subscription_id ON process_subscription (park_id, kind, id);

-- Messages that wait for somebody who waits for them.
CREATE TABLE process_message (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    correlation TEXT NOT NULL,
    message_id TEXT, -- A second one of the same name, key and message id is refused meanwhile.
    variables TEXT NOT NULL,
    expires_us INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
);
CREATE INDEX process_message_name ON process_message (park_id, name, correlation, id);
CREATE UNIQUE INDEX process_message_once ON process_message
    (park_id, name, correlation, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX process_message_expiry ON process_message (park_id, expires_us);

-- Processes that a waiting message has reached already.
CREATE TABLE process_message_reached (
    park_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    process TEXT NOT NULL,
    PRIMARY KEY (park_id, message_id, process)
) WITHOUT ROWID;

-- Decisions that were evaluated, each with what it needed: by a client, or in an instance.
CREATE TABLE process_decision (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    evaluation_id INTEGER NOT NULL, -- The same for all that one of them needed.
    definition_id INTEGER NOT NULL,
    instance_id INTEGER,
    element_id INTEGER,
    decided_us INTEGER NOT NULL,
    is_table INTEGER NOT NULL,
    failure TEXT,
    result TEXT NOT NULL, -- JSON, as are …
    inputs TEXT NOT NULL,
    rules TEXT NOT NULL, -- … those that it has answered with.
    PRIMARY KEY (park_id, id)
);
CREATE INDEX process_decision_instance ON process_decision (park_id, instance_id, id)
    WHERE instance_id IS NOT NULL;
CREATE INDEX process_decision_alone ON process_decision (park_id, decided_us)
    WHERE instance_id IS NULL;

-- Open instances that a message with a correlation key has begun: until it ends, no other message
-- with that key begins one of the same process.
CREATE TABLE process_begun (
    park_id INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    process TEXT NOT NULL,
    correlation TEXT NOT NULL,
    PRIMARY KEY (park_id, instance_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX process_begun_key ON process_begun (park_id, process, correlation);

CREATE TABLE process_incident (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    token INTEGER NOT NULL, -- The engine's key of the incident, and of …
    element_token INTEGER NOT NULL, -- … the element that stands still.
    element TEXT NOT NULL,
    kind TEXT NOT NULL, -- The engine's own name of what went wrong.
    in_job INTEGER NOT NULL,
    message TEXT NOT NULL,
    detail TEXT, -- JSON: the expression, and why it failed.
    raised_us INTEGER NOT NULL,
    ended_us INTEGER,
    PRIMARY KEY (park_id, id)
);
CREATE UNIQUE INDEX process_incident_token ON process_incident (park_id, instance_id, token);
CREATE INDEX process_incident_open ON process_incident (park_id, id) WHERE ended_us IS NULL;
