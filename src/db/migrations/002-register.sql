-- The register: the park, its grids and enterprises, its people, and who answers for whom.
CREATE TABLE park (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    sample INTEGER NOT NULL, -- Invented data for trying things out; every page says so.
    created_us INTEGER NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE department (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX department_code ON department (park_id, code);

CREATE TABLE person (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL, -- staff, contact
    department_id INTEGER,
    title TEXT NOT NULL,
    phone_mask TEXT, -- What lists show: 138****5678
    phone_sealed BLOB, -- park/seal.h
    search TEXT NOT NULL, -- Lower case: name, full pinyin, initials, title
    active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE INDEX person_name ON person (park_id, name, id);
CREATE INDEX person_department ON person (park_id, department_id, id)
    WHERE department_id IS NOT NULL;

CREATE TABLE grid (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    polygon TEXT, -- GeoJSON geometry (RFC 7946), or NULL while nobody has drawn it
    version INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX grid_code ON grid (park_id, code);

CREATE TABLE enterprise (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    code TEXT NOT NULL, -- GB 32100 credit code
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    grid_id INTEGER,
    industry TEXT NOT NULL,
    status TEXT NOT NULL, -- active, building, closed
    address TEXT NOT NULL,
    lat REAL,
    lng REAL,
    area_m2 INTEGER,
    employees INTEGER,
    scale TEXT NOT NULL,
    note TEXT NOT NULL,
    search TEXT NOT NULL, -- Lower case: names, full pinyin, initials, code
    version INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX enterprise_code ON enterprise (park_id, code);
CREATE INDEX enterprise_name ON enterprise (park_id, name, id);
CREATE INDEX enterprise_grid ON enterprise (park_id, grid_id, id) WHERE grid_id IS NOT NULL;

-- Contacts act for an enterprise; the right itself is a role_grant.
CREATE TABLE enterprise_contact (
    park_id INTEGER NOT NULL,
    enterprise_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    since_us INTEGER NOT NULL,
    until_us INTEGER,
    PRIMARY KEY (park_id, enterprise_id, person_id, since_us)
) WITHOUT ROWID;
CREATE INDEX enterprise_contact_person ON enterprise_contact (park_id, person_id);

-- Who answers for a grid, or for one enterprise of it, since when. Ended rows are the history.
CREATE TABLE assignment (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    role TEXT NOT NULL, -- grid_leader, grid_member
    grid_id INTEGER NOT NULL,
    enterprise_id INTEGER, -- NULL: for the whole grid
    since_us INTEGER NOT NULL,
    until_us INTEGER,
    note TEXT NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE INDEX assignment_grid ON assignment (park_id, grid_id, role, id);
CREATE INDEX assignment_enterprise ON assignment (park_id, enterprise_id, id)
    WHERE enterprise_id IS NOT NULL;
CREATE INDEX assignment_person ON assignment (park_id, person_id, id);

-- Days that differ from the week: holidays, and weekend days that are worked. A calendar is
-- "office" or "enterprise".
CREATE TABLE calendar_day (
    park_id INTEGER NOT NULL,
    calendar TEXT NOT NULL,
    day INTEGER NOT NULL, -- since 1970-01-01
    working INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (park_id, calendar, day)
) WITHOUT ROWID;
CREATE TABLE calendar_year (
    park_id INTEGER NOT NULL,
    calendar TEXT NOT NULL,
    year INTEGER NOT NULL,
    complete INTEGER NOT NULL, -- The official list of that year is in.
    version INTEGER NOT NULL,
    PRIMARY KEY (park_id, calendar, year)
) WITHOUT ROWID;
