-- Cases: one row a case with its running process, and indexed rows for what people look for.

-- The definitions that cases run by. A running case keeps its model when the service changes.
CREATE TABLE service_model (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    service TEXT NOT NULL,
    hash BLOB NOT NULL,
    files TEXT NOT NULL, -- {"service.json": "…", "process.bpmn": "…", …}
    since_us INTEGER NOT NULL,
    PRIMARY KEY (park_id, id),
    UNIQUE (park_id, hash)
);

-- What lists show comes first; the large columns stand last, where a list never reads them.
CREATE TABLE cases (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    number TEXT NOT NULL,
    service TEXT NOT NULL,
    model_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    status INTEGER NOT NULL, -- enum case_status
    closed INTEGER NOT NULL DEFAULT 0,
    suspended INTEGER NOT NULL DEFAULT 0, -- It stands still by an administrator's word.
    enterprise_id INTEGER NOT NULL,
    applicant_id INTEGER NOT NULL,
    grid_id INTEGER,
    department_id INTEGER,
    holder_id INTEGER,
    filed_us INTEGER NOT NULL,
    clock TEXT, -- The clock that people watch now; NULL while none runs.
    warn_us INTEGER,
    due_us INTEGER,
    paused INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL DEFAULT 0,
    level INTEGER NOT NULL DEFAULT 0,
    reminders INTEGER NOT NULL DEFAULT 0,
    supervised INTEGER NOT NULL DEFAULT 0,
    rating INTEGER NOT NULL DEFAULT 0,
    updated_us INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    wake_us INTEGER, -- When the earliest of its timers is due.
    form TEXT NOT NULL,
    detail TEXT NOT NULL,
    instance BLOB NOT NULL,
    PRIMARY KEY (park_id, id)
);
CREATE UNIQUE INDEX cases_number ON cases (park_id, number);
CREATE INDEX cases_enterprise ON cases (park_id, enterprise_id, id);
CREATE INDEX cases_grid ON cases (park_id, grid_id, id);
CREATE INDEX cases_grid_open ON cases (park_id, grid_id, id) WHERE closed = 0;
CREATE INDEX cases_open ON cases (park_id, id) WHERE closed = 0;
CREATE INDEX cases_late ON cases (park_id, id) WHERE late = 1;
CREATE INDEX cases_grid_late ON cases (park_id, grid_id, id) WHERE late = 1;
CREATE INDEX cases_model ON cases (park_id, model_id, id) WHERE closed = 0;
CREATE INDEX cases_wake ON cases (park_id, wake_us) WHERE wake_us IS NOT NULL;

-- Departments that a case is or was dispatched to: they may go on reading it.
CREATE TABLE case_department (
    park_id INTEGER NOT NULL,
    department_id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    PRIMARY KEY (park_id, department_id, case_id)
) WITHOUT ROWID;
CREATE INDEX case_department_case ON case_department (park_id, case_id);

-- Who was given a task of the case, wherever they belong, and who watches it.
CREATE TABLE case_person (
    park_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    given INTEGER NOT NULL,
    watching INTEGER NOT NULL,
    PRIMARY KEY (park_id, person_id, case_id)
) WITHOUT ROWID;
CREATE INDEX case_person_case ON case_person (park_id, case_id) WHERE given = 1;

CREATE TABLE case_task (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    element TEXT NOT NULL,
    token INTEGER NOT NULL, -- The process' own number of the task; 0 if it is none of the process.
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    assignee_id INTEGER,
    role INTEGER NOT NULL, -- Who may take it: a role and its scope.
    scope_id INTEGER NOT NULL,
    inbox INTEGER NOT NULL, -- Shown to that role: nobody has it.
    up_role INTEGER, -- It was escalated, and shows to this role too.
    up_scope INTEGER,
    created_us INTEGER NOT NULL,
    due_us INTEGER NOT NULL, -- TASK_NO_DUE sorts last.
    done_us INTEGER,
    done_by INTEGER,
    outcome TEXT,
    department_id INTEGER, -- For this department alone; else NULL.
    item_id INTEGER, -- What it is about.
    level INTEGER NOT NULL DEFAULT 0, -- It was escalated to.
    text TEXT, -- What whoever did it said.
    files TEXT,
    answers TEXT, -- To the task's own form, a JSON object.
    PRIMARY KEY (park_id, id)
);
CREATE INDEX case_task_case ON case_task (park_id, case_id, id);
CREATE INDEX case_task_open ON case_task (park_id, case_id, id) WHERE done_us IS NULL;
CREATE INDEX case_task_mine ON case_task (park_id, assignee_id, due_us, id)
    WHERE done_us IS NULL AND assignee_id IS NOT NULL;
CREATE INDEX case_task_inbox ON case_task (park_id, role, scope_id, due_us, id)
    WHERE done_us IS NULL AND inbox = 1;
CREATE INDEX case_task_up ON case_task (park_id, up_role, up_scope, due_us, id)
    WHERE done_us IS NULL AND up_role IS NOT NULL;
CREATE INDEX case_task_done ON case_task (park_id, done_by, done_us, id)
    WHERE done_by IS NOT NULL;

CREATE TABLE case_message (
    park_id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    author_id INTEGER,
    author_role INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    internal INTEGER NOT NULL,
    text TEXT NOT NULL,
    files TEXT NOT NULL, -- JSON array of file ids
    PRIMARY KEY (park_id, case_id, id)
) WITHOUT ROWID;

-- A file belongs to its uploader until it is attached to a case; equal contents are stored once.
CREATE TABLE case_file (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    case_id INTEGER,
    uploader_id INTEGER NOT NULL,
    internal INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
);
CREATE INDEX case_file_case ON case_file (park_id, case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX case_file_loose ON case_file (park_id, created_us, uploader_id) WHERE case_id IS NULL;
CREATE INDEX case_file_content ON case_file (park_id, sha256);
CREATE TABLE file_content (
    park_id INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (park_id, sha256)
);

CREATE TABLE case_draft (
    park_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    service TEXT NOT NULL,
    enterprise_id INTEGER,
    form TEXT NOT NULL,
    files TEXT NOT NULL,
    updated_us INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (park_id, person_id, id)
) WITHOUT ROWID;

-- Counters kept in the transaction of the case, so that the board never scans cases.
CREATE TABLE case_day (
    park_id INTEGER NOT NULL,
    day INTEGER NOT NULL, -- Days since 1970-01-01 in the park's zone.
    grid_id INTEGER NOT NULL, -- 0: no grid.
    filed INTEGER NOT NULL DEFAULT 0,
    signed INTEGER NOT NULL DEFAULT 0,
    signed_in_time INTEGER NOT NULL DEFAULT 0,
    resolved INTEGER NOT NULL DEFAULT 0,
    resolved_in_time INTEGER NOT NULL DEFAULT 0,
    rated1 INTEGER NOT NULL DEFAULT 0,
    rated2 INTEGER NOT NULL DEFAULT 0,
    rated3 INTEGER NOT NULL DEFAULT 0,
    rated4 INTEGER NOT NULL DEFAULT 0,
    rated5 INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (park_id, day, grid_id)
) WITHOUT ROWID;
CREATE TABLE case_day_category (
    park_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    service TEXT NOT NULL,
    category TEXT NOT NULL,
    filed INTEGER NOT NULL, -- Also gives the day's next case number, over all categories.
    PRIMARY KEY (park_id, day, service, category)
) WITHOUT ROWID;
-- By grid and enterprise; what the register shows beside them.
CREATE TABLE case_count (
    park_id INTEGER NOT NULL,
    grid_id INTEGER NOT NULL,
    enterprise_id INTEGER NOT NULL,
    open INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL DEFAULT 0,
    closed INTEGER NOT NULL DEFAULT 0,
    rated INTEGER NOT NULL DEFAULT 0,
    rating_sum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (park_id, grid_id, enterprise_id)
) WITHOUT ROWID;
CREATE INDEX case_count_enterprise ON case_count (park_id, enterprise_id);
