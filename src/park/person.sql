-- person_insert :exec  in: park_id int, id int, name text, kind text, department_id int?,
--   title text, phone_mask text?, phone_sealed blob?, search text
INSERT INTO person (park_id, id, name, kind, department_id, title, phone_mask, phone_sealed, search,
    active, version)
VALUES (:park_id, :id, :name, :kind, :department_id, :title, :phone_mask, :phone_sealed, :search,
    1, 1);

-- person_update :exec  in: park_id int, id int, version int, name text, kind text,
--   department_id int?, title text, phone_kept bool, phone_mask text?, phone_sealed blob?,
--   search text
UPDATE person SET name = :name, kind = :kind, department_id = :department_id, title = :title,
    phone_mask = CASE WHEN :phone_kept THEN phone_mask ELSE :phone_mask END,
    phone_sealed = CASE WHEN :phone_kept THEN phone_sealed ELSE :phone_sealed END,
    search = :search, version = version + 1
WHERE park_id = :park_id AND id = :id AND (:version = 0 OR version = :version);

-- person_phone :one  in: park_id int, id int  out: phone_sealed blob?
SELECT phone_sealed FROM person WHERE park_id = :park_id AND id = :id;

-- person_get :one  in: park_id int, id int  out: id int, name text, kind text, department_id int?,
--   department_name text?, title text, phone_mask text?, active bool, version int
SELECT p.id, p.name, p.kind, p.department_id, d.name, p.title, p.phone_mask, p.active, p.version
FROM person p LEFT JOIN department d ON d.park_id = p.park_id AND d.id = p.department_id
WHERE p.park_id = :park_id AND p.id = :id;

-- person_list :many  in: park_id int, q text, kind text, department_id int, grid_id int, role text,
--   after_name text, after_id int, limit int
--   out: id int, name text, kind text, department_id int?, department_name text?, title text,
--   phone_mask text?, roles text?, version int
SELECT p.id, p.name, p.kind, p.department_id, d.name, p.title, p.phone_mask,
    (SELECT group_concat(DISTINCT r.role) FROM role_grant r
        WHERE r.park_id = p.park_id AND r.person_id = p.id), p.version
FROM person p LEFT JOIN department d ON d.park_id = p.park_id AND d.id = p.department_id
WHERE p.park_id = :park_id AND p.active AND (p.name, p.id) > (:after_name, :after_id)
    AND (:q = '' OR instr(p.search, :q) > 0)
    AND (:kind = '' OR p.kind = :kind)
    AND (:department_id = 0 OR p.department_id = :department_id)
    AND (:grid_id = 0 OR EXISTS (SELECT 1 FROM assignment a WHERE a.park_id = p.park_id
        AND a.grid_id = :grid_id AND a.person_id = p.id AND a.until_us IS NULL))
    AND (:role = '' OR EXISTS (SELECT 1 FROM role_grant r WHERE r.park_id = p.park_id
        AND r.person_id = p.id AND r.role = :role))
ORDER BY p.name, p.id LIMIT :limit;

-- department_insert :exec  in: park_id int, id int, code text, name text
INSERT INTO department (park_id, id, code, name, version)
VALUES (:park_id, :id, :code, :name, 1);

-- department_update :exec  in: park_id int, id int, version int, code text, name text
UPDATE department SET code = :code, name = :name, version = version + 1
WHERE park_id = :park_id AND id = :id AND (:version = 0 OR version = :version);

-- department_get :one  in: park_id int, id int  out: id int, code text, name text, version int
SELECT id, code, name, version FROM department WHERE park_id = :park_id AND id = :id;

-- department_by_name :one  in: park_id int, name text  out: id int
SELECT id FROM department WHERE park_id = :park_id AND (name = :name OR code = :name) LIMIT 1;

-- department_list :many  in: park_id int  out: id int, code text, name text, head_id int?,
--   head_name text?, version int
SELECT d.id, d.code, d.name, p.id, p.name, d.version FROM department d
LEFT JOIN person p ON p.park_id = d.park_id AND p.id = (SELECT r.person_id FROM role_grant r
    WHERE r.park_id = d.park_id AND r.role = 'department_head' AND r.scope_id = d.id
    ORDER BY r.since LIMIT 1)
WHERE d.park_id = :park_id ORDER BY d.code;

-- person_roles :one  in: park_id int, id int  out: roles text?
SELECT group_concat(DISTINCT role) FROM role_grant WHERE park_id = :park_id AND person_id = :id;
