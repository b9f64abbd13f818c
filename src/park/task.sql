-- task_insert :exec
--   in: park_id int, id int, case_id int, element text, token int, name text, name_en text,
--   assignee_id int?, role int, scope_id int, inbox bool, created_us int, due_us int,
--   department_id int?, item_id int?
INSERT INTO case_task (park_id, id, case_id, element, token, name, name_en, assignee_id, role,
    scope_id, inbox, created_us, due_us, department_id, item_id)
VALUES (:park_id, :id, :case_id, :element, :token, :name, :name_en, :assignee_id, :role, :scope_id,
    :inbox, :created_us, :due_us, :department_id, :item_id)

-- task_get :one
--   in: park_id int, id int
--   out: case_id int, element text, token int, name text, name_en text, assignee_id int?,
--   assignee_name text?, role int, scope_id int, inbox bool, up_role int?, up_scope int?,
--   created_us int, due_us int, done_us int?, outcome text?, department_id int?, item_id int?
SELECT t.case_id, t.element, t.token, t.name, t.name_en, t.assignee_id, p.name, t.role, t.scope_id,
    t.inbox, t.up_role, t.up_scope, t.created_us, t.due_us, t.done_us, t.outcome, t.department_id,
    t.item_id
FROM case_task t LEFT JOIN person p ON p.park_id = t.park_id AND p.id = t.assignee_id
WHERE t.park_id = :park_id AND t.id = :id

-- task_open :many
--   in: park_id int, case_id int
--   out: id int, element text, token int, name text, name_en text, assignee_id int?,
--   assignee_name text?, role int, scope_id int, inbox bool, up_role int?, up_scope int?,
--   created_us int, due_us int, department_id int?, item_id int?, level int
SELECT t.id, t.element, t.token, t.name, t.name_en, t.assignee_id, p.name, t.role, t.scope_id,
    t.inbox, t.up_role, t.up_scope, t.created_us, t.due_us, t.department_id, t.item_id, t.level
FROM case_task t LEFT JOIN person p ON p.park_id = t.park_id AND p.id = t.assignee_id
WHERE t.park_id = :park_id AND t.case_id = :case_id AND t.done_us IS NULL ORDER BY t.id

-- task_assign :exec
--   in: park_id int, id int, assignee_id int?, role int, scope_id int, inbox bool, up_role int?,
--   up_scope int?, due_us int, level int
UPDATE case_task SET assignee_id = :assignee_id, role = :role, scope_id = :scope_id,
    inbox = :inbox, up_role = :up_role, up_scope = coalesce(:up_scope, 0), due_us = :due_us,
    level = :level
WHERE park_id = :park_id AND id = :id

-- task_done :exec
--   in: park_id int, id int, done_us int, done_by int?, outcome text?, text text?, files text?,
--   answers text?
UPDATE case_task SET done_us = :done_us, done_by = :done_by, outcome = :outcome, inbox = 0,
    text = :text, files = :files, answers = :answers
WHERE park_id = :park_id AND id = :id AND done_us IS NULL

-- task_mine :many
--   in: park_id int, person_id int, after_due int, after_id int, limit int out: due_us int, id int
SELECT due_us, id FROM case_task
WHERE park_id = :park_id AND assignee_id = :person_id AND done_us IS NULL
    AND (due_us, id) > (:after_due, :after_id)
ORDER BY due_us, id LIMIT :limit

-- task_inbox :many
--   in: park_id int, role int, scope_id int, after_due int, after_id int, limit int
--   out: due_us int, id int
SELECT due_us, id FROM case_task
WHERE park_id = :park_id AND role = :role AND scope_id = :scope_id AND done_us IS NULL
    AND inbox = 1 AND (due_us, id) > (:after_due, :after_id)
ORDER BY due_us, id LIMIT :limit

-- task_raised :many
--   in: park_id int, role int, scope_id int, after_due int, after_id int, limit int
--   out: due_us int, id int
SELECT due_us, id FROM case_task
WHERE park_id = :park_id AND up_role = :role AND up_scope = :scope_id AND done_us IS NULL
    AND up_role IS NOT NULL AND (due_us, id) > (:after_due, :after_id)
ORDER BY due_us, id LIMIT :limit

-- task_finished :many
--   in: park_id int, person_id int, before_us int, before_id int, limit int
--   out: done_us int, id int
SELECT done_us, id FROM case_task
WHERE park_id = :park_id AND done_by = :person_id
    AND (done_us, id) < (:before_us, :before_id)
ORDER BY done_us DESC, id DESC LIMIT :limit

-- task_count_mine :one
--   in: park_id int, person_id int, now_us int, limit int out: todo int, overdue int
SELECT count(*), coalesce(sum(due_us < :now_us), 0) FROM (SELECT due_us FROM case_task
    WHERE park_id = :park_id AND assignee_id = :person_id AND done_us IS NULL
    ORDER BY due_us LIMIT :limit)

-- task_count_inbox :one
--   in: park_id int, role int, scope_id int, person_id int, now_us int, limit int
--   out: todo int, overdue int
SELECT count(*), coalesce(sum(due_us < :now_us), 0) FROM (SELECT due_us FROM case_task
    WHERE park_id = :park_id AND role = :role AND scope_id = :scope_id AND done_us IS NULL
        AND inbox = 1 AND (assignee_id IS NULL OR assignee_id != :person_id)
    ORDER BY due_us LIMIT :limit)

-- task_count_raised :one
--   in: park_id int, role int, scope_id int, person_id int, now_us int, limit int
--   out: todo int, overdue int
SELECT count(*), coalesce(sum(due_us < :now_us), 0) FROM (SELECT due_us FROM case_task
    WHERE park_id = :park_id AND up_role = :role AND up_scope = :scope_id AND done_us IS NULL
        AND up_role IS NOT NULL AND (assignee_id IS NULL OR assignee_id != :person_id)
    ORDER BY due_us LIMIT :limit)

-- task_count_done :one in: park_id int, person_id int, since_us int out: count int
SELECT count(*) FROM case_task
WHERE park_id = :park_id AND done_by = :person_id AND done_us >= :since_us

-- task_watched :many
--   in: park_id int, person_id int, before int, limit int out: id int
SELECT t.id FROM case_person w JOIN case_task t
    ON t.park_id = w.park_id AND t.case_id = w.case_id AND t.done_us IS NULL
WHERE w.park_id = :park_id AND w.person_id = :person_id AND w.watching = 1 AND t.id < :before
ORDER BY t.id DESC LIMIT :limit

-- case_facts :one
--   in: park_id int, id int
--   out: model_id int, grid_id int?, department_id int?, status int, paused bool, due_us int?,
--   suspended bool
SELECT model_id, grid_id, department_id, status, paused, due_us, suspended FROM cases
WHERE park_id = :park_id AND id = :id

-- case_words :one in: park_id int, id int out: words text
SELECT c.number || ' ' || c.title || ' ' || coalesce(e.name, '') FROM cases c
LEFT JOIN enterprise e ON e.park_id = c.park_id AND e.id = c.enterprise_id
WHERE c.park_id = :park_id AND c.id = :id

-- task_in_grid :many
--   in: park_id int, person_id int, grid_id int, roles int  out: case_id int, token int
SELECT t.case_id, t.token FROM case_task t
WHERE t.park_id = :park_id AND t.assignee_id = :person_id AND t.done_us IS NULL
  AND t.scope_id = :grid_id AND (t.role & :roles) <> 0 AND t.token <> 0 ORDER BY t.id

-- task_steps :many
--   in: park_id int, case_id int
--   out: id int, element text, name text, name_en text, role int, assignee_id int?,
--   assignee_name text?, department_id int?, department_name text?, department_code text?,
--   item_id int?, created_us int, due_us int, done_us int?, done_by int?, done_name text?,
--   outcome text?, level int, text text?, files text?, answers text?
SELECT t.id, t.element, t.name, t.name_en, t.role, t.assignee_id, p.name, t.department_id, d.name,
    d.code, t.item_id, t.created_us, t.due_us, t.done_us, t.done_by, q.name, t.outcome, t.level,
    t.text, t.files, t.answers
FROM case_task t
LEFT JOIN person p ON p.park_id = t.park_id AND p.id = t.assignee_id
LEFT JOIN person q ON q.park_id = t.park_id AND q.id = t.done_by
LEFT JOIN department d ON d.park_id = t.park_id AND d.id = t.department_id
WHERE t.park_id = :park_id AND t.case_id = :case_id ORDER BY t.id LIMIT 1000

-- task_done_before :one
--   in: park_id int, case_id int, element text, outcome text, department_id int?, item_id int?
--   out: count int
SELECT count(*) FROM case_task
WHERE park_id = :park_id AND case_id = :case_id AND element = :element AND outcome = :outcome
    AND done_us IS NOT NULL AND coalesce(department_id, 0) = coalesce(:department_id, 0)
    AND coalesce(item_id, 0) = coalesce(:item_id, 0)

-- task_elements :many
--   in: park_id int, case_id int, limit int
--   out: id int, element text, created_us int, done_us int?
SELECT id, element, created_us, done_us FROM case_task
WHERE park_id = :park_id AND case_id = :case_id ORDER BY id LIMIT :limit

-- task_rename :exec in: park_id int, id int, element text, name text, name_en text
UPDATE case_task SET element = :element, name = :name, name_en = :name_en
WHERE park_id = :park_id AND id = :id
