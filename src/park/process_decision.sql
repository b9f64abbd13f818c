-- process_decision_insert :exec
--   in: park_id int, id int, evaluation_id int, definition_id int, instance_id int?,
--   element_id int?, decided_us int, is_table bool, failure text?, result text, inputs text,
--   rules text
INSERT INTO process_decision (park_id, id, evaluation_id, definition_id, instance_id, element_id,
    decided_us, is_table, failure, result, inputs, rules)
VALUES (:park_id, :id, :evaluation_id, :definition_id, :instance_id, :element_id, :decided_us,
    :is_table, :failure, :result, :inputs, :rules)

-- process_decisions_of :many
--   in: park_id int, resource_id int out: id int, key text, name text, version int
SELECT id, key, name, version FROM process_definition
WHERE park_id = :park_id AND resource_id = :resource_id AND kind = 1 ORDER BY id
