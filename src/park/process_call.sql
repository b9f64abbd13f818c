-- process_call_open :one in: park_id int, instance_id int, token int out: state int
SELECT i.state FROM process_element e
JOIN process_instance i ON i.park_id = e.park_id AND i.id = e.instance_id
WHERE e.park_id = :park_id AND e.instance_id = :instance_id AND e.token = :token
    AND e.ended_us IS NULL

-- process_call_child :one in: park_id int, parent_id int, parent_token int out: id int
SELECT id FROM process_instance
WHERE park_id = :park_id AND parent_id = :parent_id AND parent_token = :parent_token
    AND ended_us IS NULL

-- process_call_children :many in: park_id int, parent_id int out: id int
SELECT id FROM process_instance
WHERE park_id = :park_id AND parent_id = :parent_id AND ended_us IS NULL

-- process_call_root :one in: park_id int, id int, limit int out: id int, depth int
WITH RECURSIVE up (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM process_instance WHERE park_id = :park_id AND id = :id
    UNION ALL
    SELECT p.id, p.parent_id, up.depth + 1 FROM up
    JOIN process_instance p ON p.park_id = :park_id AND p.id = up.parent_id
    WHERE up.depth < :limit)
SELECT id, depth FROM up ORDER BY depth DESC LIMIT 1

-- process_call_beside :one in: park_id int, kind int, key text, definition_id int out: id int
SELECT d.id FROM process_definition d
JOIN process_resource r ON r.park_id = d.park_id AND r.id = d.resource_id
WHERE d.park_id = :park_id AND d.kind = :kind AND d.key = :key AND d.deleted = 0
    AND r.deployment_id = (SELECT o.deployment_id FROM process_definition c
        JOIN process_resource o ON o.park_id = c.park_id AND o.id = c.resource_id
        WHERE c.park_id = :park_id AND c.id = :definition_id)
ORDER BY d.version DESC LIMIT 1
