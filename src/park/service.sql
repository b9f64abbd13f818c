-- model_by_hash :one in: park_id int, hash hash out: id int
SELECT id FROM service_model WHERE park_id = :park_id AND hash = :hash

-- model_files :one in: park_id int, id int out: service text, files text
SELECT service, files FROM service_model WHERE park_id = :park_id AND id = :id

-- model_insert :exec
--   in: park_id int, id int, service text, hash hash, files text, since_us int
INSERT INTO service_model (park_id, id, service, hash, files, since_us)
VALUES (:park_id, :id, :service, :hash, :files, :since_us)
