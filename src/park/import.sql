-- import_grid_by_code :one  in: park_id int, code text  out: id int, name text, polygon text?
SELECT id, name, polygon FROM grid WHERE park_id = :park_id AND code = :code;

-- import_grids :many  in: park_id int  out: code text, name text, polygon text?
SELECT code, name, polygon FROM grid WHERE park_id = :park_id ORDER BY code;

-- import_enterprises :many  in: park_id int, q text, grid_id int, industry text  out: code text, name text, short_name text,
--   grid_code text?, industry text, status text, address text, lat real, lng real, area_m2 int?,
--   employees int?, scale text, note text
SELECT e.code, e.name, e.short_name, g.code, e.industry, e.status, e.address,
    COALESCE(e.lat, 0.0), COALESCE(e.lng, 0.0), e.area_m2, e.employees, e.scale, e.note
FROM enterprise e LEFT JOIN grid g ON g.park_id = e.park_id AND g.id = e.grid_id
WHERE e.park_id = :park_id AND (:grid_id = 0 OR e.grid_id = :grid_id)
    AND (:industry = '' OR e.industry = :industry) AND (:q = '' OR instr(e.search, :q) > 0)
ORDER BY e.name, e.id;

-- import_enterprise_find :one  in: park_id int, code text  out: id int, grid_id int?
SELECT id, grid_id FROM enterprise
WHERE park_id = :park_id AND (code = :code OR name = :code) LIMIT 1;

-- import_namesakes :many  in: park_id int, name text, kind text
--   out: id int, department_id int?, phone_sealed blob?
SELECT id, department_id, phone_sealed FROM person
WHERE park_id = :park_id AND name = :name AND kind = :kind AND active ORDER BY id;

-- import_person :one  in: park_id int, id int  out: name text, kind text, department_id int?,
--   title text, phone_sealed blob?
SELECT name, kind, department_id, title, phone_sealed FROM person
WHERE park_id = :park_id AND id = :id AND active;

-- import_assigned :one  in: park_id int, grid_id int, person_id int, role text  out: id int
SELECT id FROM assignment WHERE park_id = :park_id AND grid_id = :grid_id
    AND person_id = :person_id AND role = :role AND enterprise_id IS NULL AND until_us IS NULL
LIMIT 1;

-- import_people :many  in: park_id int, q text, kind text, department_id int, grid_id int,
--   role text  out: id int, name text, kind text, department_code text?, title text,
--   phone_mask text?, grid_code text?, grid_role text?, enterprise_code text?
SELECT p.id, p.name, p.kind, d.code, p.title, p.phone_mask, g.code, a.role,
    (SELECT group_concat(e.code, '；') FROM enterprise_contact c
        JOIN enterprise e ON e.park_id = c.park_id AND e.id = c.enterprise_id
        WHERE c.park_id = p.park_id AND c.person_id = p.id AND c.until_us IS NULL)
FROM person p
LEFT JOIN department d ON d.park_id = p.park_id AND d.id = p.department_id
LEFT JOIN assignment a ON a.park_id = p.park_id AND a.id = (SELECT min(b.id) FROM assignment b
    WHERE b.park_id = p.park_id AND b.person_id = p.id AND b.enterprise_id IS NULL
        AND b.until_us IS NULL)
LEFT JOIN grid g ON g.park_id = a.park_id AND g.id = a.grid_id
WHERE p.park_id = :park_id AND p.active AND (:q = '' OR instr(p.search, :q) > 0)
    AND (:kind = '' OR p.kind = :kind)
    AND (:department_id = 0 OR p.department_id = :department_id)
    AND (:grid_id = 0 OR EXISTS (SELECT 1 FROM assignment b WHERE b.park_id = p.park_id
        AND b.grid_id = :grid_id AND b.person_id = p.id AND b.until_us IS NULL))
    AND (:role = '' OR EXISTS (SELECT 1 FROM role_grant r WHERE r.park_id = p.park_id
        AND r.person_id = p.id AND r.role = :role))
ORDER BY p.kind DESC, p.name, p.id;
