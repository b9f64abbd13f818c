-- stuck_cases :many in: park_id int, service text, model_id int, before_us int, limit int
--   out: instance blob
SELECT c.instance FROM cases c
WHERE c.park_id = :park_id AND c.wake_us < :before_us AND c.service = :service
    AND c.model_id = :model_id AND c.closed = 0
ORDER BY c.wake_us LIMIT :limit

-- stuck_instances :many in: park_id int, definition_id int, before_us int, limit int
--   out: blob blob
SELECT blob FROM process_instance
WHERE park_id = :park_id AND wake_us < :before_us AND definition_id = :definition_id
ORDER BY wake_us LIMIT :limit
