-- process_start_forget :exec in: park_id int, key text
DELETE FROM process_start WHERE park_id = :park_id AND definition_id IN (
    SELECT id FROM process_definition WHERE park_id = :park_id AND kind = 0 AND key = :key)

-- process_timer_forget :exec in: park_id int, key text
DELETE FROM process_timer WHERE park_id = :park_id AND definition_id IN (
    SELECT id FROM process_definition WHERE park_id = :park_id AND kind = 0 AND key = :key)

-- process_timer_insert :exec
--   in: park_id int, id int, definition_id int, element text, due_us int, interval_us int,
--   interval_months int, repeats int
INSERT INTO process_timer (park_id, id, definition_id, element, due_us, interval_us,
    interval_months, repeats, wake_us)
VALUES (:park_id, :id, :definition_id, :element, :due_us, :interval_us, :interval_months, :repeats,
    :due_us)

-- process_timer_get :one in: park_id int, id int
--   out: definition_id int, element text, due_us int, interval_us int, interval_months int,
--   repeats int
SELECT definition_id, element, due_us, interval_us, interval_months, repeats FROM process_timer
WHERE park_id = :park_id AND id = :id

-- process_timer_set :exec in: park_id int, id int, due_us int, repeats int
UPDATE process_timer SET due_us = :due_us, wake_us = :due_us, repeats = :repeats
WHERE park_id = :park_id AND id = :id

-- process_timer_delete :exec in: park_id int, id int
DELETE FROM process_timer WHERE park_id = :park_id AND id = :id

-- process_timer_due :many in: park_id int, now_us int, limit int out: id int
SELECT id FROM process_timer WHERE park_id = :park_id AND wake_us <= :now_us
ORDER BY wake_us LIMIT :limit

-- process_timer_set_aside :exec in: park_id int, id int, wake_us int
UPDATE process_timer SET wake_us = :wake_us WHERE park_id = :park_id AND id = :id

-- process_begun_find :one in: park_id int, process text, correlation text out: id int
SELECT instance_id FROM process_begun
WHERE park_id = :park_id AND process = :process AND correlation = :correlation

-- process_begun_insert :exec in: park_id int, instance_id int, process text, correlation text
INSERT INTO process_begun (park_id, instance_id, process, correlation)
VALUES (:park_id, :instance_id, :process, :correlation)

-- process_begun_get :one in: park_id int, instance_id int out: process text, correlation text
SELECT process, correlation FROM process_begun
WHERE park_id = :park_id AND instance_id = :instance_id

-- process_begun_delete :exec in: park_id int, instance_id int
DELETE FROM process_begun WHERE park_id = :park_id AND instance_id = :instance_id

-- process_begun_next :one
--   in: park_id int, process text, correlation text, now_us int
--   out: id int, variables text, definition_id int, element text
SELECT m.id, m.variables, s.definition_id, s.element FROM process_definition d
JOIN process_start s ON s.park_id = d.park_id AND s.definition_id = d.id AND s.kind = 0
JOIN process_message m ON m.park_id = s.park_id AND m.name = s.name
    AND m.correlation = :correlation
WHERE d.park_id = :park_id AND d.kind = 0 AND d.key = :process AND m.expires_us > :now_us
    AND NOT EXISTS (SELECT 1 FROM process_message_reached r
        WHERE r.park_id = m.park_id AND r.message_id = m.id AND r.process = :process)
ORDER BY m.id LIMIT 1
