-- operations_services :many in: park_id int out: service text, open int
SELECT service, count(*) FROM cases WHERE park_id = :park_id AND closed = 0 GROUP BY service

-- operations_case_incidents :many in: park_id int out: service text, count int
SELECT c.service, count(DISTINCT i.case_id) FROM case_incident i
JOIN cases c ON c.park_id = i.park_id AND c.id = i.case_id
WHERE i.park_id = :park_id GROUP BY c.service

-- operations_steps :many in: park_id int, now_us int
--   out: service text, element text, name text, name_en text, count int, late int
SELECT c.service, t.element, t.name, t.name_en, count(*), sum(t.due_us < :now_us)
FROM cases c INDEXED BY cases_open
CROSS JOIN case_task t INDEXED BY case_task_open ON t.park_id = c.park_id AND t.case_id = c.id
WHERE c.park_id = :park_id AND c.closed = 0 AND t.done_us IS NULL
GROUP BY c.service, t.element ORDER BY c.service, min(t.id)

-- operations_processes :many in: park_id int
--   out: definition_id int, key text, name text, version int, open int, incidents int
SELECT i.definition_id, d.key, d.name, d.version, count(*), sum(i.incidents > 0)
FROM process_instance i INDEXED BY process_instance_active
CROSS JOIN process_definition d ON d.park_id = i.park_id AND d.id = i.definition_id
WHERE i.park_id = :park_id AND i.ended_us IS NULL
GROUP BY i.definition_id ORDER BY d.key, d.version DESC

-- operations_elements :many in: park_id int
--   out: definition_id int, element text, name text, count int
SELECT i.definition_id, e.element, e.name, count(*)
FROM process_instance i INDEXED BY process_instance_active
CROSS JOIN process_element e ON e.park_id = i.park_id AND e.instance_id = i.id
WHERE i.park_id = :park_id AND i.ended_us IS NULL AND e.ended_us IS NULL AND e.type <> 'PROCESS'
GROUP BY i.definition_id, e.element ORDER BY i.definition_id, min(e.id)

-- operations_case_timers :many in: park_id int, before_us int, limit int
--   out: id int, number text, service text, wake_us int
SELECT id, number, service, wake_us FROM cases
WHERE park_id = :park_id AND wake_us < :before_us ORDER BY wake_us LIMIT :limit

-- operations_process_timers :many in: park_id int, before_us int, limit int
--   out: id int, key text, wake_us int
SELECT i.id, d.key, i.wake_us FROM process_instance i
JOIN process_definition d ON d.park_id = i.park_id AND d.id = i.definition_id
WHERE i.park_id = :park_id AND i.wake_us < :before_us ORDER BY i.wake_us LIMIT :limit

-- operations_begin_timers :many in: park_id int, before_us int, limit int
--   out: definition_id int, key text, due_us int
SELECT t.definition_id, d.key, t.due_us FROM process_timer t
JOIN process_definition d ON d.park_id = t.park_id AND d.id = t.definition_id
WHERE t.park_id = :park_id AND t.due_us < :before_us ORDER BY t.due_us LIMIT :limit

-- operations_process_incidents :many in: park_id int, before int, limit int
--   out: id int, instance_id int, key text, version int, element text, kind text, message text,
--   detail text?, raised_us int
SELECT i.id, i.instance_id, d.key, d.version, i.element, i.kind, i.message, i.detail, i.raised_us
FROM process_incident i
JOIN process_instance p ON p.park_id = i.park_id AND p.id = i.instance_id
JOIN process_definition d ON d.park_id = i.park_id AND d.id = p.definition_id
WHERE i.park_id = :park_id AND i.ended_us IS NULL AND (:before = 0 OR i.id < :before)
ORDER BY i.id DESC LIMIT :limit

-- operations_cases :many
--   in: park_id int, before int, service text, suspended bool, q text, limit int
--   out: id int, number text, service text, model_id int, status int, suspended bool, late bool,
--   incidents int
SELECT c.id, c.number, c.service, c.model_id, c.status, c.suspended, c.late,
    (SELECT count(*) FROM case_incident i WHERE i.park_id = c.park_id AND i.case_id = c.id)
FROM cases c
WHERE c.park_id = :park_id AND c.closed = 0 AND (:before = 0 OR c.id < :before)
    AND (:service = '' OR c.service = :service) AND (NOT :suspended OR c.suspended)
    AND (:q = '' OR instr(c.number, :q) > 0)
ORDER BY c.id DESC LIMIT :limit

-- operations_versions :many
--   in: park_id int, service text out: id int, hash hash, since_us int, open int
SELECT m.id, m.hash, m.since_us, (SELECT count(*) FROM cases c
    WHERE c.park_id = m.park_id AND c.model_id = m.id AND c.closed = 0)
FROM service_model m WHERE m.park_id = :park_id AND m.service = :service ORDER BY m.id DESC
