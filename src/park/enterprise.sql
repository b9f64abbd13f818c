-- enterprise_insert :exec  in: park_id int, id int, code text
INSERT INTO enterprise (park_id, id, code, name, short_name, industry, status, address, scale, note,
    search, version)
VALUES (:park_id, :id, :code, '', '', '', '', '', '', '', '', 0);

-- enterprise_update :exec  in: park_id int, id int, version int, code text, name text,
--   short_name text, grid_id int?, industry text, status text, address text, lat real, lng real,
--   area_m2 int?, employees int?, scale text, note text, search text
UPDATE enterprise SET code = :code, name = :name, short_name = :short_name, grid_id = :grid_id,
    industry = :industry, status = :status, address = :address, lat = NULLIF(:lat, 0.0),
    lng = NULLIF(:lng, 0.0), area_m2 = :area_m2, employees = :employees, scale = :scale,
    note = :note, search = :search, version = version + 1
WHERE park_id = :park_id AND id = :id AND (:version = 0 OR version = :version);

-- enterprise_grid_exists :one  in: park_id int, id int  out: id int
SELECT id FROM grid WHERE park_id = :park_id AND id = :id;

-- enterprise_by_code :one  in: park_id int, code text  out: id int
SELECT id FROM enterprise WHERE park_id = :park_id AND code = :code;

-- enterprise_contact_current :one  in: park_id int, enterprise_id int, person_id int
--   out: since_us int
SELECT since_us FROM enterprise_contact
WHERE park_id = :park_id AND enterprise_id = :enterprise_id AND person_id = :person_id
    AND until_us IS NULL;

-- enterprise_contact_insert :exec  in: park_id int, enterprise_id int, person_id int, since_us int
INSERT INTO enterprise_contact (park_id, enterprise_id, person_id, since_us)
VALUES (:park_id, :enterprise_id, :person_id, :since_us);

-- enterprise_contact_end :exec  in: park_id int, enterprise_id int, person_id int, until_us int
UPDATE enterprise_contact SET until_us = :until_us
WHERE park_id = :park_id AND enterprise_id = :enterprise_id AND person_id = :person_id
    AND until_us IS NULL;

-- enterprise_get :one  in: park_id int, id int  out: id int, code text, name text,
--   short_name text, grid_id int?, grid_name text?, industry text, status text, address text,
--   lat real, lng real, area_m2 int?, employees int?, scale text, note text, version int
SELECT e.id, e.code, e.name, e.short_name, e.grid_id, g.name, e.industry, e.status, e.address,
    COALESCE(e.lat, 0.0), COALESCE(e.lng, 0.0), e.area_m2, e.employees, e.scale, e.note, e.version
FROM enterprise e LEFT JOIN grid g ON g.park_id = e.park_id AND g.id = e.grid_id
WHERE e.park_id = :park_id AND e.id = :id;

-- enterprise_list :many  in: park_id int, person_id int, grid_id int, q text, industry text,
--   everything bool, after_name text, after_id int, limit int
--   out: id int, code text, name text, short_name text, grid_id int?, grid_name text?,
--   industry text, status text, address text, lat real, lng real, answerer_id int?,
--   answerer_name text?, open_cases int, late_cases int, version int
SELECT e.id, e.code, e.name, e.short_name, e.grid_id, g.name, e.industry, e.status, e.address,
    COALESCE(e.lat, 0.0), COALESCE(e.lng, 0.0), p.id, p.name,
    (SELECT sum(c.open) FROM case_count c WHERE c.park_id = e.park_id AND c.enterprise_id = e.id),
    (SELECT sum(c.late) FROM case_count c WHERE c.park_id = e.park_id AND c.enterprise_id = e.id),
    e.version
FROM enterprise e
LEFT JOIN grid g ON g.park_id = e.park_id AND g.id = e.grid_id
LEFT JOIN person p ON p.park_id = e.park_id AND p.id =
    (SELECT a.person_id FROM assignment a WHERE a.park_id = e.park_id
        AND a.enterprise_id = e.id AND a.until_us IS NULL ORDER BY a.id DESC LIMIT 1)
WHERE e.park_id = :park_id AND (e.name, e.id) > (:after_name, :after_id)
    AND (:grid_id = 0 OR e.grid_id = :grid_id)
    AND (:industry = '' OR e.industry = :industry)
    AND (:q = '' OR instr(e.search, :q) > 0)
    AND (:everything OR EXISTS (SELECT 1 FROM role_grant r WHERE r.park_id = e.park_id
        AND r.person_id = :person_id
        AND ((r.role = 'contact' AND r.scope_id = e.id)
            OR (r.role IN ('grid_member', 'grid_leader') AND r.scope_id = e.grid_id))))
ORDER BY e.name, e.id LIMIT :limit;

-- enterprise_contacts :many  in: park_id int, enterprise_id int
--   out: id int, name text, title text, phone_mask text?
SELECT p.id, p.name, p.title, p.phone_mask FROM enterprise_contact c
JOIN person p ON p.park_id = c.park_id AND p.id = c.person_id
WHERE c.park_id = :park_id AND c.enterprise_id = :enterprise_id AND c.until_us IS NULL
ORDER BY c.since_us, p.id;

-- enterprise_cases :one  in: park_id int, enterprise_id int  out: open int, late int, closed int,
--   rated int, rating_sum int
SELECT COALESCE(sum(open), 0) AS open, COALESCE(sum(late), 0), COALESCE(sum(closed), 0),
    COALESCE(sum(rated), 0), COALESCE(sum(rating_sum), 0)
FROM case_count WHERE park_id = :park_id AND enterprise_id = :enterprise_id;
