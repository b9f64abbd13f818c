-- grid_insert :exec  in: park_id int, id int, code text, name text, polygon text?
INSERT INTO grid (park_id, id, code, name, polygon, version)
VALUES (:park_id, :id, :code, :name, :polygon, 1);

-- grid_update :exec  in: park_id int, id int, version int, code text, name text, polygon text?
UPDATE grid SET code = :code, name = :name, polygon = :polygon, version = version + 1
WHERE park_id = :park_id AND id = :id AND (:version = 0 OR version = :version);

-- grid_list :many  in: park_id int  out: id int, code text, name text, polygon text?, enterprises int,
--   open_cases int, late_cases int, version int
SELECT g.id, g.code, g.name, g.polygon,
    (SELECT count(*) FROM enterprise e WHERE e.park_id = g.park_id AND e.grid_id = g.id),
    (SELECT sum(c.open) FROM case_count c WHERE c.park_id = g.park_id AND c.grid_id = g.id),
    (SELECT sum(c.late) FROM case_count c WHERE c.park_id = g.park_id AND c.grid_id = g.id),
    g.version
FROM grid g WHERE g.park_id = :park_id ORDER BY g.code;

-- grid_get :one  in: park_id int, id int  out: id int, code text, name text, polygon text?,
--   enterprises int, open_cases int, late_cases int, version int
SELECT g.id, g.code, g.name, g.polygon,
    (SELECT count(*) FROM enterprise e WHERE e.park_id = g.park_id AND e.grid_id = g.id),
    (SELECT sum(c.open) FROM case_count c WHERE c.park_id = g.park_id AND c.grid_id = g.id),
    (SELECT sum(c.late) FROM case_count c WHERE c.park_id = g.park_id AND c.grid_id = g.id),
    g.version
FROM grid g WHERE g.park_id = :park_id AND g.id = :id;

-- grid_by_code :one  in: park_id int, code text  out: id int
SELECT id FROM grid WHERE park_id = :park_id AND (code = :code OR name = :code) LIMIT 1;

-- grid_enterprises :many  in: park_id int, grid_id int  out: id int, name text
SELECT id, name FROM enterprise WHERE park_id = :park_id AND grid_id = :grid_id ORDER BY name;

-- grid_people :many  in: park_id int  out: grid_id int, role text, person_id int, name text
SELECT DISTINCT a.grid_id, a.role, a.person_id, p.name FROM assignment a
JOIN person p ON p.park_id = a.park_id AND p.id = a.person_id
WHERE a.park_id = :park_id AND a.until_us IS NULL
ORDER BY a.grid_id, a.role, p.name, a.person_id;

-- assignment_current :many  in: park_id int, grid_id int  out: id int, person_id int, role text,
--   grid_id int, enterprise_id int?, note text
SELECT id, person_id, role, grid_id, enterprise_id, note FROM assignment
WHERE park_id = :park_id AND grid_id = :grid_id AND until_us IS NULL ORDER BY id;

-- assignment_insert :exec  in: park_id int, id int, person_id int, role text, grid_id int,
--   enterprise_id int?, since_us int, note text
INSERT INTO assignment (park_id, id, person_id, role, grid_id, enterprise_id, since_us, note)
VALUES (:park_id, :id, :person_id, :role, :grid_id, :enterprise_id, :since_us, :note);

-- assignment_end_row :exec  in: park_id int, id int, until_us int
UPDATE assignment SET until_us = :until_us WHERE park_id = :park_id AND id = :id;

-- assignment_left :one  in: park_id int, person_id int, grid_id int, role text  out: count int
SELECT count(*) AS count FROM assignment
WHERE park_id = :park_id AND person_id = :person_id AND grid_id = :grid_id AND role = :role
    AND until_us IS NULL;

-- assignment_of_enterprise :many  in: park_id int, enterprise_id int, grid_id int
--   out: person_id int, name text, role text, since_us int, until_us int?, note text
SELECT a.person_id, p.name, a.role, a.since_us, a.until_us, a.note FROM assignment a
JOIN person p ON p.park_id = a.park_id AND p.id = a.person_id
WHERE a.park_id = :park_id AND (a.enterprise_id = :enterprise_id
    OR (a.grid_id = :grid_id AND a.enterprise_id IS NULL))
ORDER BY a.until_us IS NOT NULL, a.enterprise_id IS NULL, a.role, a.since_us DESC;

-- assignment_answerer :one  in: park_id int, enterprise_id int  out: person_id int
SELECT person_id FROM assignment
WHERE park_id = :park_id AND enterprise_id = :enterprise_id AND until_us IS NULL
ORDER BY id DESC LIMIT 1;

-- assignment_history :many  in: park_id int, grid_id int
--   out: person_id int, name text, role text, enterprise_id int?, since_us int, until_us int?,
--   note text
SELECT a.person_id, p.name, a.role, a.enterprise_id, a.since_us, a.until_us, a.note
FROM assignment a JOIN person p ON p.park_id = a.park_id AND p.id = a.person_id
WHERE a.park_id = :park_id AND a.grid_id = :grid_id
ORDER BY a.until_us IS NOT NULL, a.since_us DESC, a.id DESC LIMIT 500;
