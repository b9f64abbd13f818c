-- sample_contacts :many  in: park_id int  out: person_id int, enterprise_id int
SELECT person_id, scope_id FROM role_grant
WHERE park_id = :park_id AND role = 'contact' ORDER BY scope_id, person_id;

-- sample_task :one  in: park_id int, case_id int  out: id int, element text, assignee_id int?,
--   role int, scope_id int
SELECT id, element, assignee_id, role, scope_id FROM case_task
WHERE park_id = :park_id AND case_id = :case_id AND done_us IS NULL ORDER BY id DESC LIMIT 1;

-- sample_holder :one  in: park_id int, role text, scope_id int  out: person_id int
SELECT person_id FROM role_grant
WHERE park_id = :park_id AND role = :role AND scope_id = :scope_id ORDER BY person_id LIMIT 1;

-- sample_wake :one  in: park_id int, until_us int  out: id int, wake_us int
SELECT id, wake_us FROM cases WHERE park_id = :park_id AND wake_us <= :until_us
ORDER BY wake_us LIMIT 1;
