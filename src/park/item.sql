-- item_insert :exec
--   in: park_id int, case_id int, id int, list text, state text, title text, title_en text,
--   basis text, department_id int?, owner_id int?, source_id int?, due_us int?, text text,
--   files text, marked_by int?, marked_us int?, most int
INSERT INTO case_item (park_id, case_id, id, list, number, state, title, title_en, basis,
    department_id, owner_id, source_id, due_us, text, files, marked_by, marked_us)
SELECT :park_id, :case_id, :id, :list, count(*) FILTER (WHERE list = :list) + 1, :state, :title,
    :title_en, :basis, :department_id, :owner_id, :source_id, :due_us, :text, :files, :marked_by,
    :marked_us
FROM case_item WHERE park_id = :park_id AND case_id = :case_id HAVING count(*) < :most

-- item_update :exec
--   in: park_id int, case_id int, id int, state text, title text, basis text, owner_id int?,
--   source_id int?, due_us int?, text text, files text, marked_by int?, marked_us int?,
--   fixed_by int?, fixed_us int?, fix_text text, fix_files text, checked_by int?, checked_us int?,
--   check_text text, rounds int
UPDATE case_item SET state = :state, title = :title, basis = :basis, owner_id = :owner_id,
    source_id = :source_id, due_us = :due_us, text = :text, files = :files,
    marked_by = :marked_by, marked_us = :marked_us, fixed_by = :fixed_by, fixed_us = :fixed_us,
    fix_text = :fix_text, fix_files = :fix_files, checked_by = :checked_by,
    checked_us = :checked_us, check_text = :check_text, rounds = :rounds
WHERE park_id = :park_id AND case_id = :case_id AND id = :id

-- item_open_count :one
--   in: park_id int, case_id int, list text, department_id int
--   out: count int
SELECT count(*) AS count FROM case_item
WHERE park_id = :park_id AND case_id = :case_id AND list = :list AND state = 'open'
    AND (:department_id = 0 OR department_id = :department_id)

-- item_of_case :many
--   in: park_id int, case_id int, first int, last int
--   out: id int, list text, number int, state text, title text, title_en text, basis text,
--   department_id int?, owner_id int?, source_id int?, due_us int?, text text, files text,
--   marked_by int?, marked_us int?, fixed_by int?, fixed_us int?, fix_text text, fix_files text,
--   checked_by int?, checked_us int?, check_text text, rounds int
SELECT id, list, number, state, title, title_en, basis, department_id, owner_id, source_id, due_us,
    text, files, marked_by, marked_us, fixed_by, fixed_us, fix_text, fix_files, checked_by,
    checked_us, check_text, rounds
FROM case_item
WHERE park_id = :park_id AND case_id = :case_id AND id BETWEEN :first AND :last ORDER BY id

-- item_shown :many
--   in: park_id int, case_id int
--   out: id int, list text, number int, state text, title text, title_en text, basis text,
--   department_id int?, department_name text?, owner_id int?, owner_name text?,
--   source_id int?, due_us int?, text text, files text,
--   marked_by int?, marked_name text?, marked_us int?, fixed_by int?, fixed_name text?,
--   fixed_us int?, fix_text text, fix_files text, checked_by int?, checked_name text?,
--   checked_us int?, check_text text, rounds int
SELECT i.id, i.list, i.number, i.state, i.title, i.title_en, i.basis, i.department_id, d.name,
    i.owner_id, o.name, i.source_id, i.due_us, i.text, i.files, i.marked_by,
    m.name, i.marked_us, i.fixed_by, f.name, i.fixed_us, i.fix_text, i.fix_files, i.checked_by,
    c.name, i.checked_us, i.check_text, i.rounds
FROM case_item i
LEFT JOIN department d ON d.park_id = i.park_id AND d.id = i.department_id
LEFT JOIN department o ON o.park_id = i.park_id AND o.id = i.owner_id
LEFT JOIN person m ON m.park_id = i.park_id AND m.id = i.marked_by
LEFT JOIN person f ON f.park_id = i.park_id AND f.id = i.fixed_by
LEFT JOIN person c ON c.park_id = i.park_id AND c.id = i.checked_by
WHERE i.park_id = :park_id AND i.case_id = :case_id ORDER BY i.id

-- item_department_code :one in: park_id int, id int out: code text
SELECT code FROM department WHERE park_id = :park_id AND id = :id
