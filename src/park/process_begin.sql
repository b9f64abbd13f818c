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
