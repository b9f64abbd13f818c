-- history_steps :many in: park_id int, case_id int, kind text, after int, limit int
--   out: seq int, time_us int, body text?
SELECT seq, time_us, body FROM journal_entry
WHERE park_id = :park_id AND case_id = :case_id AND case_id <> 0 AND kind = :kind
    AND seq > :after
ORDER BY seq LIMIT :limit

-- history_case :one in: park_id int, id int out: number text, model_id int, instance blob
SELECT number, model_id, instance FROM cases WHERE park_id = :park_id AND id = :id

-- history_number :one in: park_id int, number text out: id int
SELECT id FROM cases WHERE park_id = :park_id AND number = :number

-- history_cases :many in: park_id int, after int, limit int out: id int
SELECT id FROM cases WHERE park_id = :park_id AND id > :after ORDER BY id LIMIT :limit

-- history_days :one in: park_id int out: days int
SELECT history_days FROM setting WHERE park_id = :park_id

-- history_due_add :exec in: park_id int, due_us int, case_id int
INSERT OR IGNORE INTO history_due (park_id, due_us, case_id) VALUES (:park_id, :due_us, :case_id)

-- history_due :many in: park_id int, now_us int, limit int out: due_us int, case_id int
SELECT due_us, case_id FROM history_due WHERE park_id = :park_id AND due_us <= :now_us
ORDER BY due_us LIMIT :limit

-- history_due_done :exec in: park_id int, due_us int, case_id int
DELETE FROM history_due WHERE park_id = :park_id AND due_us = :due_us AND case_id = :case_id

-- history_erase :exec in: park_id int, case_id int
UPDATE journal_entry SET body = NULL, salt = NULL
WHERE park_id = :park_id AND case_id = :case_id AND case_id <> 0 AND kind = 'case.step'
    AND body IS NOT NULL

-- incident_add :exec
--   in: park_id int, case_id int, token int, element text, kind text, message text,
--   detail text?, raised_us int
INSERT INTO case_incident (park_id, case_id, token, element, kind, message, detail, raised_us)
VALUES (:park_id, :case_id, :token, :element, :kind, :message, :detail, :raised_us)

-- incident_end :exec in: park_id int, case_id int, token int
DELETE FROM case_incident WHERE park_id = :park_id AND case_id = :case_id AND token = :token

-- incident_list :many in: park_id int, case_id int, token int, limit int
--   out: case_id int, token int, number text, service text, element text, kind text,
--   message text, detail text?, raised_us int
SELECT i.case_id, i.token, c.number, c.service, i.element, i.kind, i.message, i.detail, i.raised_us
FROM case_incident i JOIN cases c ON c.park_id = i.park_id AND c.id = i.case_id
WHERE i.park_id = :park_id AND (i.case_id, i.token) > (:case_id, :token)
ORDER BY i.case_id, i.token LIMIT :limit

-- incident_of_case :many in: park_id int, case_id int
--   out: token int, element text, kind text, message text, detail text?, raised_us int
SELECT token, element, kind, message, detail, raised_us FROM case_incident
WHERE park_id = :park_id AND case_id = :case_id ORDER BY token

-- incident_rename :exec in: park_id int, case_id int, token int, element text
UPDATE case_incident SET element = :element
WHERE park_id = :park_id AND case_id = :case_id AND token = :token

-- history_processes :many in: park_id int, after int, limit int out: id int
SELECT id FROM process_instance WHERE park_id = :park_id AND id > :after ORDER BY id LIMIT :limit
