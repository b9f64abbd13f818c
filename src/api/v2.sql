-- v2_instances :many
--   in: park_id int, mode int, of int, text text?, after int, limit int
--   out: id int, definition_key int, process text, process_name text, version int,
--   version_tag text?, state text, started_us int, ended_us int?, incident bool, parent_id int?,
--   parent_element int?, tenant text, business_id text?, tags text
SELECT i.id, i.definition_id, d.key, d.name, d.version, d.version_tag,
    CASE i.state WHEN 0 THEN 'ACTIVE' WHEN 1 THEN 'COMPLETED' WHEN 3 THEN 'SUSPENDED' ELSE 'TERMINATED' END,
    i.started_us, i.ended_us,
    i.incidents > 0 OR EXISTS (
        WITH RECURSIVE called (id, incidents) AS (
            SELECT c.id, c.incidents FROM process_instance c
            WHERE c.park_id = i.park_id AND c.parent_id = i.id
            UNION ALL
            SELECT c.id, c.incidents FROM called p
            JOIN process_instance c ON c.park_id = i.park_id AND c.parent_id = p.id)
        SELECT 1 FROM called WHERE incidents > 0),
    i.parent_id,
    (SELECT e.id FROM process_element e WHERE e.park_id = i.park_id
        AND e.instance_id = i.parent_id AND e.token = i.parent_token),
    '<default>', i.business_id, coalesce(i.tags, '[]')
FROM process_instance i
JOIN process_definition d ON d.park_id = i.park_id AND d.id = i.definition_id
WHERE i.park_id = :park_id AND i.id IN (
    SELECT id FROM (SELECT id FROM process_instance WHERE :mode = 0 AND park_id = :park_id
        AND id > :after
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_instance WHERE :mode = 1 AND park_id = :park_id
        AND id > :after AND ended_us IS NULL
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_instance WHERE :mode = 2 AND park_id = :park_id
        AND id > :after AND definition_id = :of
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_instance WHERE :mode = 3 AND park_id = :park_id
        AND id > :after AND parent_id = :of
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_instance WHERE :mode = 4 AND park_id = :park_id
        AND id > :after AND business_id = :text
        ORDER BY id LIMIT :limit)
)
ORDER BY i.id

-- v2_definitions :many
--   in: park_id int, mode int, of int, text text?, after int, limit int
--   out: id int, kind int, key text, name text, version int, version_tag text?,
--   resource_name text, graph_id int?, graph_key text?, graph_name text?, latest bool,
--   tenant text
SELECT d.id, d.kind, d.key, d.name, d.version, d.version_tag, d.resource_name, d.graph_id, g.key,
    g.name, NOT EXISTS (SELECT 1 FROM process_definition n WHERE n.park_id = d.park_id
        AND n.kind = d.kind AND n.key = d.key AND n.version > d.version AND n.deleted = 0),
    '<default>'
FROM process_definition d
LEFT JOIN process_definition g ON g.park_id = d.park_id AND g.id = d.graph_id
WHERE d.park_id = :park_id AND d.id IN (
    SELECT id FROM (SELECT id FROM process_definition WHERE :mode = 0 AND park_id = :park_id
        AND id > :after AND kind = :of AND deleted = 0
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_definition WHERE :mode = 1 AND park_id = :park_id
        AND id > :after AND kind = :of AND key = :text AND deleted = 0
        ORDER BY id LIMIT :limit)
)
ORDER BY d.id

-- v2_elements :many
--   in: park_id int, mode int, of int, after int, limit int
--   out: id int, instance_id int, definition_key int, process text, element text,
--   name text, type text, state text, started_us int, ended_us int?, incident_id int?,
--   incident bool, scope_id int?, tenant text
SELECT e.id, e.instance_id, i.definition_id, d.key, e.element, e.name, e.type,
    CASE e.state WHEN 0 THEN 'ACTIVE' WHEN 1 THEN 'COMPLETED' WHEN 3 THEN 'SUSPENDED' ELSE 'TERMINATED' END,
    e.started_us, e.ended_us, n.id, n.id IS NOT NULL,
    (SELECT s.id FROM process_element s WHERE s.park_id = e.park_id
        AND s.instance_id = e.instance_id AND s.token = e.scope),
    '<default>'
FROM process_element e
JOIN process_instance i ON i.park_id = e.park_id AND i.id = e.instance_id
JOIN process_definition d ON d.park_id = i.park_id AND d.id = i.definition_id
LEFT JOIN process_incident n ON n.park_id = e.park_id AND n.instance_id = e.instance_id
    AND n.element_token = e.token AND n.ended_us IS NULL
WHERE e.park_id = :park_id AND e.id IN (
    SELECT id FROM (SELECT id FROM process_element WHERE :mode = 0 AND park_id = :park_id
        AND id > :after
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_element WHERE :mode = 1 AND park_id = :park_id
        AND id > :after AND instance_id = :of
        ORDER BY id LIMIT :limit)
)
ORDER BY e.id

-- v2_variables :many
--   in: park_id int, mode int, of int, after int, limit int
--   out: id int, instance_id int, scope_id int, name text, value text, cut bool,
--   tenant text
SELECT v.id, v.instance_id, e.id, v.name, v.value, 0, '<default>'
FROM process_variable v
JOIN process_element e ON e.park_id = v.park_id AND e.instance_id = v.instance_id
    AND e.token = v.scope
WHERE v.park_id = :park_id AND v.id IN (
    SELECT id FROM (SELECT id FROM process_variable WHERE :mode = 0 AND park_id = :park_id
        AND id > :after
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_variable WHERE :mode = 1 AND park_id = :park_id
        AND id > :after AND instance_id = :of
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (WITH RECURSIVE around (instance_id, token, scope, depth) AS (
            SELECT instance_id, token, scope, 0 FROM process_element
            WHERE :mode = 2 AND park_id = :park_id AND id = :of
            UNION ALL
            SELECT o.instance_id, o.token, o.scope, a.depth + 1 FROM around a
            JOIN process_element o ON o.park_id = :park_id AND o.instance_id = a.instance_id
                AND o.token = a.scope)
        SELECT s.id FROM around a
        JOIN process_variable s ON s.park_id = :park_id AND s.instance_id = a.instance_id
            AND s.scope = a.token
        WHERE s.id > :after AND NOT EXISTS (SELECT 1 FROM around n
            JOIN process_variable h ON h.park_id = :park_id AND h.instance_id = n.instance_id
                AND h.scope = n.token AND h.name = s.name
            WHERE n.depth < a.depth)
        ORDER BY s.id LIMIT :limit)
)
ORDER BY v.id

-- v2_tasks :many
--   in: park_id int, mode int, of int, text text?, after int, limit int
--   out: id int, instance_id int, definition_key int, process text, version int,
--   element text, name text, state text, assignee text?, groups text, users text,
--   due_us int?, follow_up_us int?, priority int, form_key int?, form text?, headers text,
--   created_us int, ended_us int?, tenant text
SELECT t.id, t.instance_id, i.definition_id, d.key, d.version, t.element, t.name,
    CASE t.state WHEN 0 THEN 'CREATED' WHEN 1 THEN 'COMPLETED' ELSE 'CANCELED' END,
    t.assignee, t.groups, t.users, t.due_us, t.follow_up_us, t.priority, f.id,
    CASE WHEN f.id IS NULL THEN t.form END, t.headers, t.created_us, t.ended_us, '<default>'
FROM process_task t
JOIN process_instance i ON i.park_id = t.park_id AND i.id = t.instance_id
JOIN process_definition d ON d.park_id = i.park_id AND d.id = i.definition_id
LEFT JOIN process_definition f ON f.park_id = t.park_id AND f.id = t.form_id
WHERE t.park_id = :park_id AND t.id IN (
    SELECT id FROM (SELECT id FROM process_task WHERE :mode = 0 AND park_id = :park_id
        AND id > :after
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_task WHERE :mode = 1 AND park_id = :park_id
        AND id > :after AND ended_us IS NULL
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_task WHERE :mode = 2 AND park_id = :park_id
        AND id > :after AND instance_id = :of
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_task WHERE :mode = 3 AND park_id = :park_id
        AND id > :after AND assignee = :text
        ORDER BY id LIMIT :limit)
)
ORDER BY t.id

-- v2_incidents :many
--   in: park_id int, mode int, of int, after int, limit int
--   out: id int, instance_id int, definition_key int, process text, element text,
--   element_id int, type text, message text, state text, raised_us int, ended_us int?,
--   job_id int?, tenant text
SELECT n.id, n.instance_id, i.definition_id, d.key, n.element, e.id,
    CASE WHEN n.kind = 'job.failed' THEN 'JOB_NO_RETRIES'
        WHEN n.kind = 'error.unhandled' THEN 'UNHANDLED_ERROR_EVENT'
        WHEN n.kind LIKE 'flow.%' OR n.kind LIKE 'condition%' THEN 'CONDITION_ERROR'
        WHEN n.kind LIKE 'decision%' THEN 'DECISION_EVALUATION_ERROR'
        WHEN n.kind LIKE 'call%' THEN 'CALLED_ELEMENT_ERROR'
        WHEN n.kind LIKE 'mapping%' THEN 'IO_MAPPING_ERROR'
        ELSE 'EXTRACT_VALUE_ERROR' END,
    n.message, CASE WHEN n.ended_us IS NULL THEN 'ACTIVE' ELSE 'RESOLVED' END, n.raised_us,
    n.ended_us, CASE WHEN n.in_job THEN e.id END, '<default>'
FROM process_incident n
JOIN process_instance i ON i.park_id = n.park_id AND i.id = n.instance_id
JOIN process_definition d ON d.park_id = i.park_id AND d.id = i.definition_id
JOIN process_element e ON e.park_id = n.park_id AND e.instance_id = n.instance_id
    AND e.token = n.element_token
WHERE n.park_id = :park_id AND n.id IN (
    SELECT id FROM (SELECT id FROM process_incident WHERE :mode = 0 AND park_id = :park_id
        AND id > :after
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_incident WHERE :mode = 1 AND park_id = :park_id
        AND id > :after AND ended_us IS NULL
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_incident WHERE :mode = 2 AND park_id = :park_id
        AND id > :after AND instance_id = :of
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (WITH RECURSIVE called (id) AS (
            SELECT id FROM process_instance WHERE :mode = 3 AND park_id = :park_id AND id = :of
            UNION ALL
            SELECT c.id FROM called p
            JOIN process_instance c ON c.park_id = :park_id AND c.parent_id = p.id)
        SELECT s.id FROM called c
        JOIN process_incident s ON s.park_id = :park_id AND s.instance_id = c.id
        WHERE s.id > :after ORDER BY s.id LIMIT :limit)
)
ORDER BY n.id

-- v2_jobs :many
--   in: park_id int, mode int, of int, after int, limit int
--   out: id int, instance_id int, definition_key int, process text, element text,
--   type text, state text, retries int, deadline_us int?, worker text, message text?,
--   headers text, tenant text
SELECT j.id, j.instance_id, i.definition_id, d.key, j.element, j.type,
    CASE WHEN j.ready_us IS NULL THEN 'ERROR' WHEN j.message IS NOT NULL THEN 'FAILED'
        ELSE 'CREATED' END, j.retries, j.ready_us, coalesce(j.worker, ''), j.message, j.headers,
    '<default>'
FROM process_job j
JOIN process_instance i ON i.park_id = j.park_id AND i.id = j.instance_id
JOIN process_definition d ON d.park_id = i.park_id AND d.id = i.definition_id
WHERE j.park_id = :park_id AND j.id IN (
    SELECT id FROM (SELECT id FROM process_job WHERE :mode = 0 AND park_id = :park_id
        AND id > :after
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_job WHERE :mode = 1 AND park_id = :park_id
        AND id > :after AND instance_id = :of
        ORDER BY id LIMIT :limit)
)
ORDER BY j.id

-- v2_variable_at :one
--   in: park_id int, instance_id int, scope int, name text out: value text
SELECT value FROM process_variable
WHERE park_id = :park_id AND instance_id = :instance_id AND scope = :scope AND name = :name

-- v2_element_at :one in: park_id int, id int out: instance_id int, token int, scope int
SELECT instance_id, token, scope FROM process_element WHERE park_id = :park_id AND id = :id

-- v2_called :many in: park_id int, id int
--   out: id int, definition_id int, key text, name text
WITH RECURSIVE callers (id, definition_id, parent_id, depth) AS (
    SELECT id, definition_id, parent_id, 0 FROM process_instance
    WHERE park_id = :park_id AND id = :id
    UNION ALL
    SELECT p.id, p.definition_id, p.parent_id, c.depth + 1 FROM callers c
    JOIN process_instance p ON p.park_id = :park_id AND p.id = c.parent_id)
SELECT c.id, c.definition_id, d.key, d.name FROM callers c
JOIN process_definition d ON d.park_id = :park_id AND d.id = c.definition_id
ORDER BY c.depth DESC

-- v2_decided :many
--   in: park_id int, mode int, of int, after int, limit int
--   out: id int, evaluation_id int, state text, failure text?, decided_us int, key text,
--   definition_id int, name text, version int, type text, result text, process_id int?,
--   instance_id int?, element_id int?, inputs text, rules text, tenant text
SELECT x.id, x.evaluation_id, CASE WHEN x.failure IS NULL THEN 'EVALUATED' ELSE 'FAILED' END,
    x.failure, x.decided_us, d.key, x.definition_id, d.name, d.version,
    CASE x.is_table WHEN 1 THEN 'DECISION_TABLE' ELSE 'LITERAL_EXPRESSION' END, x.result,
    i.definition_id, x.instance_id, x.element_id, x.inputs, x.rules, '<default>'
FROM process_decision x
JOIN process_definition d ON d.park_id = x.park_id AND d.id = x.definition_id
LEFT JOIN process_instance i ON i.park_id = x.park_id AND i.id = x.instance_id
WHERE x.park_id = :park_id AND x.id IN (
    SELECT id FROM (SELECT id FROM process_decision WHERE :mode = 0 AND park_id = :park_id
        AND id > :after
        ORDER BY id LIMIT :limit)
    UNION ALL
    SELECT id FROM (SELECT id FROM process_decision WHERE :mode = 1 AND park_id = :park_id
        AND instance_id = :of AND id > :after
        ORDER BY id LIMIT :limit)
)
ORDER BY x.id

-- v2_process :one in: park_id int, id int out: id int
SELECT id FROM process_definition WHERE park_id = :park_id AND id = :id AND kind = 0

-- v2_counts :many in: park_id int, mode int, of int, state int
--   out: element text, active int, canceled int, incidents int, completed int
SELECT element, sum(open AND NOT still), sum(gone = 2), sum(open AND still), sum(gone = 1) FROM (
    SELECT e.element AS element, e.state AS gone, e.ended_us IS NULL AS open,
        e.ended_us IS NULL AND EXISTS (SELECT 1 FROM process_incident n
            WHERE n.park_id = e.park_id AND n.instance_id = e.instance_id
                AND n.element_token = e.token AND n.ended_us IS NULL) AS still
    FROM process_instance i
    JOIN process_element e ON e.park_id = i.park_id AND e.instance_id = i.id
    WHERE i.park_id = :park_id AND ((:mode = 0 AND i.id = :of)
            OR (:mode = 1 AND i.definition_id = :of))
        AND (:state < 0 OR i.state = :state)
        AND e.type NOT IN ('PROCESS', 'MULTI_INSTANCE_BODY'))
GROUP BY element ORDER BY element

-- v2_waits :many
--   in: park_id int, mode int, of int, after int, limit int
--   out: id int, instance_id int, definition_key int, process text, element text,
--   element_id int?, state text, opened_us int?, name text, correlation text, tenant text
SELECT s.id, s.instance_id, i.definition_id, s.process, s.element,
    (SELECT e.id FROM process_element e WHERE e.park_id = s.park_id
        AND e.instance_id = s.instance_id AND e.element = s.element AND e.ended_us IS NULL
        ORDER BY e.token LIMIT 1),
    'CREATED', s.opened_us, s.name, s.correlation, '<default>'
FROM process_subscription s
JOIN process_instance i ON i.park_id = s.park_id AND i.id = s.instance_id
WHERE s.park_id = :park_id AND s.kind = 0 AND s.id > :after
    AND (:mode = 0 OR s.instance_id = :of)
ORDER BY s.id LIMIT :limit
