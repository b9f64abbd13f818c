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

-- operations_process_incidents :many
--   in: park_id int, instance_id int, before int, limit int
--   out: id int, instance_id int, key text, version int, element text, kind text, message text,
--   detail text?, raised_us int
SELECT i.id, i.instance_id, d.key, d.version, i.element, i.kind, i.message, i.detail, i.raised_us
FROM process_incident i
JOIN process_instance p ON p.park_id = i.park_id AND p.id = i.instance_id
JOIN process_definition d ON d.park_id = i.park_id AND d.id = p.definition_id
WHERE i.park_id = :park_id AND i.ended_us IS NULL AND (:before = 0 OR i.id < :before)
    AND (:instance_id = 0 OR i.instance_id = :instance_id)
ORDER BY i.id DESC LIMIT :limit

-- operations_cases :many
--   in: park_id int, before int, service text, model_id int, element text, suspended bool, q text,
--   limit int
--   out: id int, number text, service text, model_id int, status int, suspended bool, late bool,
--   incidents int
SELECT c.id, c.number, c.service, c.model_id, c.status, c.suspended, c.late,
    (SELECT count(*) FROM case_incident i WHERE i.park_id = c.park_id AND i.case_id = c.id)
FROM cases c
WHERE c.park_id = :park_id AND c.closed = 0 AND (:before = 0 OR c.id < :before)
    AND (:service = '' OR c.service = :service) AND (NOT :suspended OR c.suspended)
    AND (:model_id = 0 OR c.model_id = :model_id)
    AND (:element = '' OR EXISTS (SELECT 1 FROM case_task t INDEXED BY case_task_open
            WHERE t.park_id = c.park_id AND t.case_id = c.id AND t.element = :element
                AND t.done_us IS NULL)
        OR EXISTS (SELECT 1 FROM case_incident i WHERE i.park_id = c.park_id AND i.case_id = c.id
                AND i.element = :element))
    AND (:q = '' OR instr(c.number, :q) > 0)
ORDER BY c.id DESC LIMIT :limit

-- operations_case_steps :many in: park_id int, cases text
--   out: case_id int, element text, name text, name_en text
SELECT case_id, element, name, name_en FROM case_task
WHERE park_id = :park_id AND done_us IS NULL AND case_id IN (SELECT value FROM json_each(:cases))
ORDER BY case_id DESC, id

-- operations_versions :many
--   in: park_id int, service text out: id int, hash hash, since_us int, open int
SELECT m.id, m.hash, m.since_us, (SELECT count(*) FROM cases c
    WHERE c.park_id = m.park_id AND c.model_id = m.id AND c.closed = 0)
FROM service_model m WHERE m.park_id = :park_id AND m.service = :service ORDER BY m.id DESC

-- operations_model_steps :many in: park_id int, service text, model_id int, now_us int
--   out: element text, count int, late int
SELECT t.element, count(DISTINCT t.case_id),
    count(DISTINCT CASE WHEN t.due_us < :now_us THEN t.case_id END)
FROM cases c INDEXED BY cases_open
CROSS JOIN case_task t INDEXED BY case_task_open ON t.park_id = c.park_id AND t.case_id = c.id
WHERE c.park_id = :park_id AND c.closed = 0 AND c.service = :service AND c.model_id = :model_id
    AND t.done_us IS NULL
GROUP BY t.element ORDER BY min(t.id)

-- operations_model_incidents :many in: park_id int, service text, model_id int
--   out: element text, count int
SELECT i.element, count(DISTINCT i.case_id) FROM case_incident i
JOIN cases c ON c.park_id = i.park_id AND c.id = i.case_id
WHERE i.park_id = :park_id AND c.service = :service AND c.model_id = :model_id
GROUP BY i.element

-- operations_process_steps :many in: park_id int, definition_id int
--   out: element text, name text, count int, incidents int
SELECT e.element, min(e.name), count(DISTINCT e.instance_id), count(DISTINCT n.instance_id)
FROM process_instance i INDEXED BY process_instance_active
CROSS JOIN process_element e ON e.park_id = i.park_id AND e.instance_id = i.id
LEFT JOIN process_incident n ON n.park_id = e.park_id AND n.instance_id = e.instance_id
    AND n.element_token = e.token AND n.ended_us IS NULL
WHERE i.park_id = :park_id AND i.ended_us IS NULL AND i.definition_id = :definition_id
    AND e.ended_us IS NULL AND e.type <> 'PROCESS'
GROUP BY e.element ORDER BY min(e.id)

-- operations_instances :many
--   in: park_id int, before int, definition_id int, element text, q text, stuck_us int, limit int
--   out: id int, definition_id int, key text, name text, version int, business_id text?,
--   suspended bool, started_us int, incidents int, stuck bool
SELECT i.id, i.definition_id, d.key, d.name, d.version, i.business_id, i.state = 3, i.started_us,
    i.incidents, coalesce(i.wake_us < :stuck_us, 0)
FROM process_instance i INDEXED BY process_instance_active
CROSS JOIN process_definition d ON d.park_id = i.park_id AND d.id = i.definition_id
WHERE i.park_id = :park_id AND i.ended_us IS NULL AND (:before = 0 OR i.id < :before)
    AND (:definition_id = 0 OR i.definition_id = :definition_id)
    AND (:q = '' OR i.business_id = :q OR CAST(i.id AS TEXT) = :q)
    AND (:element = '' OR EXISTS (SELECT 1 FROM process_element e
        WHERE e.park_id = i.park_id AND e.instance_id = i.id AND e.element = :element
            AND e.ended_us IS NULL))
ORDER BY i.id DESC LIMIT :limit

-- operations_standing :many in: park_id int, instances text
--   out: instance_id int, element text, name text
SELECT instance_id, element, min(name) FROM process_element
WHERE park_id = :park_id AND instance_id IN (SELECT value FROM json_each(:instances))
    AND ended_us IS NULL AND type <> 'PROCESS'
GROUP BY instance_id, element ORDER BY instance_id DESC, min(id)
