-- process_resource_insert :exec
--   in: park_id int, id int, deployment_id int, name text, hash hash, content text
INSERT INTO process_resource (park_id, id, deployment_id, name, hash, content)
VALUES (:park_id, :id, :deployment_id, :name, :hash, :content)

-- process_resource_content :one in: park_id int, id int out: name text, hash hash, content text
SELECT name, hash, content FROM process_resource WHERE park_id = :park_id AND id = :id

-- process_definition_insert :exec
--   in: park_id int, id int, kind int, key text, version int, version_tag text?, name text,
--   resource_id int, resource_name text, hash hash, graph_id int?, node int, deployed_us int
INSERT INTO process_definition (park_id, id, kind, key, version, version_tag, name, resource_id,
    resource_name, hash, graph_id, node, deployed_us)
VALUES (:park_id, :id, :kind, :key, :version, :version_tag, :name, :resource_id, :resource_name,
    :hash, :graph_id, :node, :deployed_us)

-- process_definition_last :one
--   in: park_id int, kind int, key text
--   out: id int, version int, resource_id int, resource_name text, hash hash, graph_id int?,
--   deleted bool
SELECT id, version, resource_id, resource_name, hash, graph_id, deleted FROM process_definition
WHERE park_id = :park_id AND kind = :kind AND key = :key ORDER BY version DESC LIMIT 1

-- process_definition_newest :one in: park_id int, kind int, key text out: id int
SELECT id FROM process_definition
WHERE park_id = :park_id AND kind = :kind AND key = :key AND deleted = 0
ORDER BY version DESC LIMIT 1

-- process_definition_version :one in: park_id int, kind int, key text, version int out: id int
SELECT id FROM process_definition
WHERE park_id = :park_id AND kind = :kind AND key = :key AND version = :version AND deleted = 0

-- process_definition_tagged :one in: park_id int, kind int, key text, version_tag text out: id int
SELECT id FROM process_definition
WHERE park_id = :park_id AND kind = :kind AND key = :key AND version_tag = :version_tag
    AND deleted = 0
ORDER BY version DESC LIMIT 1

-- process_definition_get :one
--   in: park_id int, id int
--   out: kind int, key text, version int, version_tag text?, name text, resource_id int,
--   resource_name text, hash hash, graph_id int?, node int, deleted bool
SELECT kind, key, version, version_tag, name, resource_id, resource_name, hash, graph_id, node,
    deleted
FROM process_definition WHERE park_id = :park_id AND id = :id

-- process_definition_delete :exec in: park_id int, id int
UPDATE process_definition SET deleted = 1
WHERE park_id = :park_id AND (id = :id OR graph_id = :id) AND deleted = 0

-- process_definition_running :one in: park_id int, definition_id int out: count int
SELECT count(*) FROM (SELECT 1 FROM process_instance
    WHERE park_id = :park_id AND definition_id = :definition_id AND ended_us IS NULL LIMIT 1)

-- process_start_insert :exec in: park_id int, definition_id int, element text, kind int, name text
INSERT INTO process_start (park_id, definition_id, element, kind, name)
VALUES (:park_id, :definition_id, :element, :kind, :name)

-- process_start_find :many
--   in: park_id int, kind int, name text out: definition_id int, element text, process text
SELECT s.definition_id, s.element, d.key FROM process_start s
JOIN process_definition d ON d.park_id = s.park_id AND d.id = s.definition_id
WHERE s.park_id = :park_id AND s.kind = :kind AND s.name = :name
ORDER BY s.definition_id LIMIT 1000

-- process_instance_load :one
--   in: park_id int, id int
--   out: definition_id int, state int, started_us int, ended_us int?, incidents int,
--   parent_id int?, parent_token int?, wake_us int?, blob blob
SELECT definition_id, state, started_us, ended_us, incidents, parent_id, parent_token, wake_us, blob
FROM process_instance WHERE park_id = :park_id AND id = :id

-- process_instance_insert :exec
--   in: park_id int, id int, definition_id int, state int, started_us int, ended_us int?,
--   incidents int, parent_id int?, parent_token int?, wake_us int?, blob blob
INSERT INTO process_instance (park_id, id, definition_id, state, started_us, ended_us, incidents,
    parent_id, parent_token, wake_us, blob)
VALUES (:park_id, :id, :definition_id, :state, :started_us, :ended_us, :incidents, :parent_id,
    :parent_token, :wake_us, :blob)

-- process_instance_update :exec
--   in: park_id int, id int, state int, ended_us int?, incidents int, wake_us int?, blob blob
UPDATE process_instance SET state = :state, ended_us = :ended_us, incidents = :incidents,
    wake_us = :wake_us, blob = :blob
WHERE park_id = :park_id AND id = :id

-- process_instance_label :exec
--   in: park_id int, id int, business_id text?, tags text?
UPDATE process_instance SET business_id = :business_id, tags = :tags
WHERE park_id = :park_id AND id = :id

-- process_instance_move :exec in: park_id int, id int, definition_id int
UPDATE process_instance SET definition_id = :definition_id WHERE park_id = :park_id AND id = :id

-- process_instance_due :many in: park_id int, now_us int, limit int out: id int
SELECT id FROM process_instance
WHERE park_id = :park_id AND wake_us <= :now_us ORDER BY wake_us LIMIT :limit

-- process_instance_set_aside :exec in: park_id int, id int, wake_us int
UPDATE process_instance SET wake_us = :wake_us WHERE park_id = :park_id AND id = :id

-- process_element_insert :exec
--   in: park_id int, instance_id int, token int, id int, scope int, element text, name text,
--   type text, state int, started_us int, ended_us int?
INSERT INTO process_element (park_id, instance_id, token, id, scope, element, name, type, state,
    started_us, ended_us)
VALUES (:park_id, :instance_id, :token, :id, :scope, :element, :name, :type, :state, :started_us,
    :ended_us)

-- process_element_end :exec in: park_id int, instance_id int, token int, state int, ended_us int
UPDATE process_element SET state = :state, ended_us = :ended_us
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_element_rename :exec
--   in: park_id int, instance_id int, token int, element text, name text, type text
UPDATE process_element SET element = :element, name = :name, type = :type
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_element_id :one in: park_id int, instance_id int, token int out: id int
SELECT id FROM process_element
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_element_of_id :one in: park_id int, id int out: instance_id int, token int, ended_us int?
SELECT instance_id, token, ended_us FROM process_element WHERE park_id = :park_id AND id = :id

-- process_variable_set :exec
--   in: park_id int, instance_id int, scope int, name text, id int, value text
INSERT INTO process_variable (park_id, instance_id, scope, name, id, value)
VALUES (:park_id, :instance_id, :scope, :name, :id, :value)
ON CONFLICT (park_id, instance_id, scope, name) DO UPDATE SET value = excluded.value

-- process_variables_of :many
--   in: park_id int, instance_id int, scope int out: name text, value text
SELECT name, value FROM process_variable
WHERE park_id = :park_id AND instance_id = :instance_id AND scope = :scope ORDER BY name

-- process_job_insert :exec
--   in: park_id int, id int, instance_id int, token int, type text, element text, retries int,
--   ready_us int?, headers text
INSERT INTO process_job (park_id, id, instance_id, token, type, element, retries, ready_us, headers)
VALUES (:park_id, :id, :instance_id, :token, :type, :element, :retries, :ready_us, :headers)

-- process_job_delete :exec in: park_id int, instance_id int, token int
DELETE FROM process_job
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_job_set :exec
--   in: park_id int, instance_id int, token int, retries int, ready_us int?, message text?
UPDATE process_job SET retries = :retries, ready_us = :ready_us,
    message = coalesce(:message, message)
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_job_take :exec in: park_id int, id int, worker text, ready_us int
UPDATE process_job SET worker = :worker, ready_us = :ready_us
WHERE park_id = :park_id AND id = :id

-- process_job_timeout :exec in: park_id int, id int, ready_us int
UPDATE process_job SET ready_us = :ready_us WHERE park_id = :park_id AND id = :id

-- process_job_get :one
--   in: park_id int, id int
--   out: instance_id int, token int, type text, retries int, ready_us int?, worker text?
SELECT instance_id, token, type, retries, ready_us, worker FROM process_job
WHERE park_id = :park_id AND id = :id

-- process_jobs_ready :many
--   in: park_id int, type text, now_us int, limit int
--   out: id int, instance_id int, token int, element text, retries int, headers text
SELECT id, instance_id, token, element, retries, headers FROM process_job
WHERE park_id = :park_id AND type = :type AND ready_us <= :now_us
ORDER BY ready_us, id LIMIT :limit

-- process_job_next :one in: park_id int, type text out: ready_us int?
SELECT min(ready_us) FROM process_job
WHERE park_id = :park_id AND type = :type AND ready_us IS NOT NULL

-- process_task_insert :exec
--   in: park_id int, id int, instance_id int, token int, element text, name text, state int,
--   assignee text?, groups text, users text, due_us int?, follow_up_us int?, priority int,
--   form text?, form_id int?, headers text, created_us int
INSERT INTO process_task (park_id, id, instance_id, token, element, name, state, assignee, groups,
    users, due_us, follow_up_us, priority, form, form_id, headers, created_us)
VALUES (:park_id, :id, :instance_id, :token, :element, :name, :state, :assignee, :groups, :users,
    :due_us, :follow_up_us, :priority, :form, :form_id, :headers, :created_us)

-- process_task_end :exec in: park_id int, instance_id int, token int, state int, ended_us int
UPDATE process_task SET state = :state, ended_us = :ended_us
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_task_row :one
--   in: park_id int, id int
--   out: instance_id int, token int, state int, assignee text?, groups text, users text,
--   due_us int?, follow_up_us int?, priority int, form text?, form_id int?, ended_us int?
SELECT instance_id, token, state, assignee, groups, users, due_us, follow_up_us, priority, form,
    form_id, ended_us
FROM process_task WHERE park_id = :park_id AND id = :id

-- process_task_change :exec
--   in: park_id int, id int, assignee text?, groups text, users text, due_us int?,
--   follow_up_us int?, priority int
UPDATE process_task SET assignee = :assignee, groups = :groups, users = :users, due_us = :due_us,
    follow_up_us = :follow_up_us, priority = :priority
WHERE park_id = :park_id AND id = :id

-- process_subscription_open :exec
--   in: park_id int, instance_id int, token int, kind int, name text, correlation text,
--   process text, element text, id int, opened_us int
INSERT INTO process_subscription (park_id, instance_id, token, kind, name, correlation, process,
    element, id, opened_us)
VALUES (:park_id, :instance_id, :token, :kind, :name, :correlation, :process, :element, :id,
    :opened_us)

-- process_subscription_close :exec in: park_id int, instance_id int, token int
DELETE FROM process_subscription
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_subscription_find :many
--   in: park_id int, kind int, name text, correlation text, limit int
--   out: instance_id int, token int, process text
SELECT instance_id, token, process FROM process_subscription
WHERE park_id = :park_id AND kind = :kind AND name = :name AND correlation IN (:correlation, '')
ORDER BY instance_id, token LIMIT :limit

-- process_subscription_open_still :one
--   in: park_id int, instance_id int, token int out: process text
SELECT process FROM process_subscription
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_message_keep :exec
--   in: park_id int, id int, name text, correlation text, message_id text?, variables text,
--   expires_us int
INSERT INTO process_message (park_id, id, name, correlation, message_id, variables, expires_us)
VALUES (:park_id, :id, :name, :correlation, :message_id, :variables, :expires_us)

-- process_message_known :one
--   in: park_id int, name text, correlation text, message_id text, now_us int out: id int
SELECT id FROM process_message
WHERE park_id = :park_id AND name = :name AND correlation = :correlation
    AND message_id = :message_id AND expires_us > :now_us

-- process_message_expire :exec in: park_id int, now_us int, limit int
DELETE FROM process_message WHERE park_id = :park_id AND id IN (SELECT id FROM process_message
    WHERE park_id = :park_id AND expires_us <= :now_us ORDER BY expires_us LIMIT :limit)

-- process_message_waiting :one
--   in: park_id int, name text, correlation text, process text, now_us int
--   out: id int, variables text
SELECT m.id, m.variables FROM process_message m
WHERE m.park_id = :park_id AND m.name = :name AND m.correlation = :correlation
    AND m.expires_us > :now_us AND NOT EXISTS (SELECT 1 FROM process_message_reached r
        WHERE r.park_id = m.park_id AND r.message_id = m.id AND r.process = :process)
ORDER BY m.id LIMIT 1

-- process_message_reached :exec in: park_id int, message_id int, process text
INSERT INTO process_message_reached (park_id, message_id, process)
VALUES (:park_id, :message_id, :process) ON CONFLICT DO NOTHING

-- process_message_forget :exec in: park_id int, limit int
DELETE FROM process_message_reached WHERE park_id = :park_id AND message_id IN (
    SELECT r.message_id FROM process_message_reached r WHERE r.park_id = :park_id
        AND NOT EXISTS (SELECT 1 FROM process_message m
            WHERE m.park_id = r.park_id AND m.id = r.message_id) LIMIT :limit)

-- process_incident_insert :exec
--   in: park_id int, id int, instance_id int, token int, element_token int, element text,
--   kind text, in_job bool, message text, detail text?, raised_us int
INSERT INTO process_incident (park_id, id, instance_id, token, element_token, element, kind, in_job,
    message, detail, raised_us)
VALUES (:park_id, :id, :instance_id, :token, :element_token, :element, :kind, :in_job, :message,
    :detail, :raised_us)

-- process_incident_end :exec in: park_id int, instance_id int, token int, ended_us int
UPDATE process_incident SET ended_us = :ended_us
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_incident_get :one
--   in: park_id int, id int out: instance_id int, token int, element_token int, ended_us int?
SELECT instance_id, token, element_token, ended_us FROM process_incident
WHERE park_id = :park_id AND id = :id

-- process_job_rename :exec in: park_id int, instance_id int, token int, element text
UPDATE process_job SET element = :element
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_task_rename :exec in: park_id int, instance_id int, token int, element text, name text
UPDATE process_task SET element = :element, name = :name
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token AND ended_us IS NULL

-- process_jobs_hold :exec in: park_id int, instance_id int
UPDATE process_job SET ready_us = NULL
WHERE park_id = :park_id AND instance_id = :instance_id AND ready_us IS NOT NULL

-- process_subscription_rename :exec
--   in: park_id int, instance_id int, token int, process text, element text
UPDATE process_subscription SET process = :process, element = :element
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token

-- process_incident_rename :exec in: park_id int, instance_id int, token int, element text
UPDATE process_incident SET element = :element
WHERE park_id = :park_id AND instance_id = :instance_id AND token = :token
