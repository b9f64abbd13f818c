-- Lists within a case: what is checked on a visit, what is to be put right. An item belongs to the
-- department that raised it, and has an owner, a deadline, evidence and a second pair of eyes.
CREATE TABLE case_item (
    park_id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    list TEXT NOT NULL, -- A list of the case's service.
    number INTEGER NOT NULL, -- From 1 in its list.
    state TEXT NOT NULL, -- park/item.h
    title TEXT NOT NULL,
    title_en TEXT NOT NULL, -- Empty where a person wrote it.
    basis TEXT NOT NULL, -- The rule it rests on.
    department_id INTEGER, -- Who raised it, and looks at it again.
    owner_id INTEGER, -- The department that puts it right; NULL: the enterprise.
    source_id INTEGER, -- The item it follows from, or was merged into.
    due_us INTEGER,
    text TEXT NOT NULL, -- What was found.
    files TEXT NOT NULL, -- JSON array of file ids, here and below.
    marked_by INTEGER,
    marked_us INTEGER,
    fixed_by INTEGER,
    fixed_us INTEGER,
    fix_text TEXT NOT NULL DEFAULT '',
    fix_files TEXT NOT NULL DEFAULT '[]',
    checked_by INTEGER,
    checked_us INTEGER,
    check_text TEXT NOT NULL DEFAULT '',
    rounds INTEGER NOT NULL DEFAULT 0, -- How often it was put right and looked at.
    PRIMARY KEY (park_id, case_id, id)
) WITHOUT ROWID;
