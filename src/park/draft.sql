-- draft_insert :exec
--   in: park_id int, person_id int, id int, service text, enterprise_id int?, form text, files text,
--   updated_us int
INSERT INTO case_draft (park_id, person_id, id, service, enterprise_id, form, files, updated_us)
VALUES (:park_id, :person_id, :id, :service, :enterprise_id, :form, :files, :updated_us)

-- draft_update :exec
--   in: park_id int, person_id int, id int, service text, enterprise_id int?, form text, files text,
--   updated_us int
UPDATE case_draft SET service = :service, enterprise_id = :enterprise_id, form = :form,
    files = :files, updated_us = :updated_us, version = version + 1
WHERE park_id = :park_id AND person_id = :person_id AND id = :id

-- draft_delete :exec in: park_id int, person_id int, id int
DELETE FROM case_draft WHERE park_id = :park_id AND person_id = :person_id AND id = :id

-- draft_get :one
--   in: park_id int, person_id int, id int
--   out: service text, enterprise_id int?, form text, files text, updated_us int, version int
SELECT service, enterprise_id, form, files, updated_us, version FROM case_draft
WHERE park_id = :park_id AND person_id = :person_id AND id = :id

-- draft_list :many
--   in: park_id int, person_id int, before int, limit int
--   out: id int, service text, enterprise_id int?, form text, files text, updated_us int,
--   version int
SELECT id, service, enterprise_id, form, files, updated_us, version FROM case_draft
WHERE park_id = :park_id AND person_id = :person_id AND id < :before ORDER BY id DESC LIMIT :limit

-- draft_count :one in: park_id int, person_id int out: count int
SELECT count(*) FROM case_draft WHERE park_id = :park_id AND person_id = :person_id
