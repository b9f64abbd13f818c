-- The journal: entries, the tree over them, and its signed heads. src/journal/journal.h says what
-- each byte is.
CREATE TABLE journal_entry (
    park_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    time_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    case_id INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    salt BLOB,
    body TEXT,
    PRIMARY KEY (park_id, seq)
);
CREATE INDEX journal_entry_case ON journal_entry (park_id, case_id, seq) WHERE case_id <> 0;
CREATE INDEX journal_entry_subject ON journal_entry (park_id, subject_id, seq)
    WHERE subject_id <> 0;

-- Perfect subtrees above the leaves: level 1 joins two leaves. By the entry that completes them, so
-- that all are appended.
CREATE TABLE journal_node (
    park_id INTEGER NOT NULL,
    last INTEGER NOT NULL,
    level INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (park_id, last, level)
) WITHOUT ROWID;

-- One head a commit; the last one is what the log is now.
CREATE TABLE journal_head (
    park_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    time_us INTEGER NOT NULL,
    root BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (park_id, size)
) WITHOUT ROWID;
