-- One statement a box: the ids from newest to oldest, and whether each passes the filter. A page
-- looks at `limit` rows at most, so that a rare word costs no more than a common one.

-- list_all :many
--   in: park_id int, before int, limit int, state int, category text, q text, enterprise_id int,
--   grid_id int
--   out: id int, match bool
SELECT c.id, (:state != 2 OR c.closed) AND (:category = '' OR c.category = :category)
    AND (:enterprise_id = 0 OR c.enterprise_id = :enterprise_id)
    AND (:grid_id = 0 OR c.grid_id = :grid_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0 OR instr((SELECT e.name
        FROM enterprise e WHERE e.park_id = c.park_id AND e.id = c.enterprise_id), :q) > 0)
FROM cases c WHERE c.park_id = :park_id AND c.id < :before
ORDER BY c.id DESC LIMIT :limit

-- list_open :many
--   in: park_id int, before int, limit int, category text, q text, enterprise_id int, grid_id int
--   out: id int, match bool
SELECT c.id, (:category = '' OR c.category = :category)
    AND (:enterprise_id = 0 OR c.enterprise_id = :enterprise_id)
    AND (:grid_id = 0 OR c.grid_id = :grid_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0 OR instr((SELECT e.name
        FROM enterprise e WHERE e.park_id = c.park_id AND e.id = c.enterprise_id), :q) > 0)
FROM cases c WHERE c.park_id = :park_id AND c.closed = 0 AND c.id < :before
ORDER BY c.id DESC LIMIT :limit

-- list_late :many
--   in: park_id int, before int, limit int, category text, q text, enterprise_id int, grid_id int
--   out: id int, match bool
SELECT c.id, (:category = '' OR c.category = :category)
    AND (:enterprise_id = 0 OR c.enterprise_id = :enterprise_id)
    AND (:grid_id = 0 OR c.grid_id = :grid_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0 OR instr((SELECT e.name
        FROM enterprise e WHERE e.park_id = c.park_id AND e.id = c.enterprise_id), :q) > 0)
FROM cases c WHERE c.park_id = :park_id AND c.late = 1 AND c.id < :before
ORDER BY c.id DESC LIMIT :limit

-- list_enterprise :many
--   in: park_id int, scope_id int, before int, limit int, state int, category text, q text,
--   grid_id int
--   out: id int, match bool
SELECT c.id, CASE :state WHEN 1 THEN c.closed = 0 WHEN 2 THEN c.closed WHEN 3 THEN c.late
    ELSE 1 END AND (:category = '' OR c.category = :category)
    AND (:grid_id = 0 OR c.grid_id = :grid_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0)
FROM cases c WHERE c.park_id = :park_id AND c.enterprise_id = :scope_id AND c.id < :before
ORDER BY c.id DESC LIMIT :limit

-- list_grid :many
--   in: park_id int, scope_id int, before int, limit int, state int, category text, q text,
--   enterprise_id int
--   out: id int, match bool
SELECT c.id, (:state != 2 OR c.closed) AND (:category = '' OR c.category = :category)
    AND (:enterprise_id = 0 OR c.enterprise_id = :enterprise_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0 OR instr((SELECT e.name
        FROM enterprise e WHERE e.park_id = c.park_id AND e.id = c.enterprise_id), :q) > 0)
FROM cases c WHERE c.park_id = :park_id AND c.grid_id = :scope_id AND c.id < :before
ORDER BY c.id DESC LIMIT :limit

-- list_grid_open :many
--   in: park_id int, scope_id int, before int, limit int, category text, q text, enterprise_id int
--   out: id int, match bool
SELECT c.id, (:category = '' OR c.category = :category)
    AND (:enterprise_id = 0 OR c.enterprise_id = :enterprise_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0 OR instr((SELECT e.name
        FROM enterprise e WHERE e.park_id = c.park_id AND e.id = c.enterprise_id), :q) > 0)
FROM cases c
WHERE c.park_id = :park_id AND c.grid_id = :scope_id AND c.closed = 0 AND c.id < :before
ORDER BY c.id DESC LIMIT :limit

-- list_grid_late :many
--   in: park_id int, scope_id int, before int, limit int, category text, q text, enterprise_id int
--   out: id int, match bool
SELECT c.id, (:category = '' OR c.category = :category)
    AND (:enterprise_id = 0 OR c.enterprise_id = :enterprise_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0 OR instr((SELECT e.name
        FROM enterprise e WHERE e.park_id = c.park_id AND e.id = c.enterprise_id), :q) > 0)
FROM cases c
WHERE c.park_id = :park_id AND c.grid_id = :scope_id AND c.late = 1 AND c.id < :before
ORDER BY c.id DESC LIMIT :limit

-- list_department :many
--   in: park_id int, scope_id int, before int, limit int, state int, category text, q text,
--   enterprise_id int, grid_id int
--   out: id int, match bool
SELECT c.id, CASE :state WHEN 1 THEN c.closed = 0 WHEN 2 THEN c.closed WHEN 3 THEN c.late
    ELSE 1 END AND (:category = '' OR c.category = :category)
    AND (:enterprise_id = 0 OR c.enterprise_id = :enterprise_id)
    AND (:grid_id = 0 OR c.grid_id = :grid_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0)
FROM case_department d JOIN cases c ON c.park_id = d.park_id AND c.id = d.case_id
WHERE d.park_id = :park_id AND d.department_id = :scope_id AND d.case_id < :before
ORDER BY d.case_id DESC LIMIT :limit

-- list_person :many
--   in: park_id int, scope_id int, before int, limit int, watching bool, state int, category text,
--   q text, enterprise_id int, grid_id int
--   out: id int, match bool
SELECT c.id, CASE :state WHEN 1 THEN c.closed = 0 WHEN 2 THEN c.closed WHEN 3 THEN c.late
    ELSE 1 END AND CASE WHEN :watching THEN w.watching ELSE w.given END
    AND (:category = '' OR c.category = :category)
    AND (:enterprise_id = 0 OR c.enterprise_id = :enterprise_id)
    AND (:grid_id = 0 OR c.grid_id = :grid_id)
    AND (:q = '' OR instr(c.title, :q) > 0 OR instr(c.number, :q) > 0)
FROM case_person w JOIN cases c ON c.park_id = w.park_id AND c.id = w.case_id
WHERE w.park_id = :park_id AND w.person_id = :scope_id AND w.case_id < :before
ORDER BY w.case_id DESC LIMIT :limit

-- case_row :one
--   in: park_id int, id int
--   out: number text, service text, title text, category text, status int, enterprise_id int,
--   enterprise_name text?, grid_id int?, grid_name text?, department_id int?,
--   department_name text?, holder_id int?, holder_name text?, filed_us int, clock text?,
--   warn_us int?, due_us int?, paused bool, late bool, closed bool, level int, reminders int,
--   supervised bool, rating int, updated_us int, version int, suspended bool
SELECT c.number, c.service, c.title, c.category, c.status, c.enterprise_id, e.name, c.grid_id,
    g.name, c.department_id, d.name, c.holder_id, h.name, c.filed_us, c.clock, c.warn_us, c.due_us,
    c.paused, c.late, c.closed, c.level, c.reminders, c.supervised, c.rating, c.updated_us,
    c.version, c.suspended
FROM cases c
LEFT JOIN enterprise e ON e.park_id = c.park_id AND e.id = c.enterprise_id
LEFT JOIN grid g ON g.park_id = c.park_id AND g.id = c.grid_id
LEFT JOIN department d ON d.park_id = c.park_id AND d.id = c.department_id
LEFT JOIN person h ON h.park_id = c.park_id AND h.id = c.holder_id
WHERE c.park_id = :park_id AND c.id = :id

-- case_timeline :many
--   in: park_id int, case_id int
--   out: seq int, time_us int, kind text, actor_id int?, actor_name text?, body text?
SELECT j.seq, j.time_us, j.kind, j.actor_id, p.name, j.body
FROM journal_entry j LEFT JOIN person p ON p.park_id = j.park_id AND p.id = j.actor_id
WHERE j.park_id = :park_id AND j.case_id = :case_id AND j.case_id <> 0 AND j.kind <> 'case.step'
ORDER BY j.seq LIMIT 1000
