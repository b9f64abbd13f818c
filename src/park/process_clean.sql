-- process_days_get :one in: park_id int out: days int
SELECT process_days FROM setting WHERE park_id = :park_id

-- process_clean_due :many in: park_id int, before_us int, limit int out: id int
SELECT id FROM process_instance
WHERE park_id = :park_id AND ended_us <= :before_us AND parent_id IS NULL
ORDER BY ended_us LIMIT :limit

-- process_clean_variables :exec in: park_id int, instance_id int, limit int
DELETE FROM process_variable WHERE park_id = :park_id AND id IN (
    SELECT id FROM process_variable WHERE park_id = :park_id AND instance_id = :instance_id
    LIMIT :limit)

-- process_clean_decisions :exec in: park_id int, instance_id int, limit int
DELETE FROM process_decision WHERE park_id = :park_id AND id IN (
    SELECT id FROM process_decision WHERE park_id = :park_id AND instance_id = :instance_id
    LIMIT :limit)

-- process_clean_alone_due :one in: park_id int, before_us int out: count int
SELECT count(*) FROM (SELECT 1 FROM process_decision
    WHERE park_id = :park_id AND decided_us <= :before_us AND instance_id IS NULL LIMIT 1)

-- process_clean_alone :exec in: park_id int, before_us int, limit int
DELETE FROM process_decision WHERE park_id = :park_id AND id IN (
    SELECT id FROM process_decision
    WHERE park_id = :park_id AND decided_us <= :before_us AND instance_id IS NULL LIMIT :limit)

-- process_clean_tasks :exec in: park_id int, instance_id int, limit int
DELETE FROM process_task WHERE park_id = :park_id AND id IN (
    SELECT id FROM process_task WHERE park_id = :park_id AND instance_id = :instance_id
    LIMIT :limit)

-- process_clean_incidents :exec in: park_id int, instance_id int, limit int
DELETE FROM process_incident WHERE park_id = :park_id AND id IN (
    SELECT id FROM process_incident WHERE park_id = :park_id AND instance_id = :instance_id
    LIMIT :limit)

-- process_clean_elements :exec in: park_id int, instance_id int, limit int
DELETE FROM process_element WHERE park_id = :park_id AND instance_id = :instance_id
    AND token IN (SELECT token FROM process_element
        WHERE park_id = :park_id AND instance_id = :instance_id LIMIT :limit)

-- process_clean_called :exec in: park_id int, id int, limit int
UPDATE process_instance SET parent_id = NULL, parent_token = NULL
WHERE park_id = :park_id AND id IN (SELECT id FROM process_instance
    WHERE park_id = :park_id AND parent_id = :id LIMIT :limit)

-- process_clean_instance :exec in: park_id int, id int
DELETE FROM process_instance WHERE park_id = :park_id AND id = :id
