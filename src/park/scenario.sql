-- The register that scenarios play in.

-- scenario_park :exec in: id int
INSERT INTO park (id, name, time_zone, sample, created_us, version)
VALUES (:id, 'scenario', 'Asia/Shanghai', 1, 0, 1)

-- scenario_department :exec in: park_id int, id int, code text
INSERT INTO department (park_id, id, code, name, version) VALUES (:park_id, :id, :code, :code, 1)

-- scenario_grid :exec in: park_id int, id int
INSERT INTO grid (park_id, id, code, name, version) VALUES (:park_id, :id, 'G1', 'G1', 1)

-- scenario_enterprise :exec in: park_id int, id int, code text, grid_id int
INSERT INTO enterprise (park_id, id, code, name, short_name, grid_id, industry, status, address,
    scale, note, search, version)
VALUES (:park_id, :id, :code, :code, :code, :grid_id, '', 'active', '', '', '', '', 1)

-- scenario_person :exec in: park_id int, id int, name text, kind text
INSERT INTO person (park_id, id, name, kind, title, search, active, version)
VALUES (:park_id, :id, :name, :kind, '', '', 1, 1)

-- scenario_account :exec in: park_id int, person_id int, login text
INSERT INTO account (park_id, person_id, login, password, disabled, must_change, created_at, version)
VALUES (:park_id, :person_id, :login, '', 0, 0, 0, 1)

-- scenario_grant :exec in: park_id int, person_id int, role text, scope_id int
INSERT INTO role_grant (park_id, person_id, role, scope_id, since)
VALUES (:park_id, :person_id, :role, :scope_id, 0)

-- scenario_answerer :exec in: park_id int, person_id int, grid_id int, enterprise_id int
INSERT INTO assignment (park_id, id, person_id, role, grid_id, enterprise_id, since_us, note)
VALUES (:park_id, 1, :person_id, 'grid_member', :grid_id, :enterprise_id, 0, '')

-- scenario_wake :one in: park_id int, id int out: wake_us int?
SELECT wake_us FROM cases WHERE park_id = :park_id AND id = :id

-- scenario_kinds :many in: park_id int, case_id int out: kind text
SELECT kind FROM journal_entry
WHERE park_id = :park_id AND case_id = :case_id AND case_id <> 0 AND kind <> 'case.step'
ORDER BY seq
