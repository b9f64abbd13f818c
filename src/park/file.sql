-- file_content_add :exec in: park_id int, sha256 hash, content blob
INSERT INTO file_content (park_id, sha256, content) VALUES (:park_id, :sha256, :content)
ON CONFLICT DO NOTHING

-- file_add :exec
--   in: park_id int, id int, uploader_id int, name text, type text, size int, sha256 hash,
--   created_us int
INSERT INTO case_file (park_id, id, uploader_id, name, type, size, sha256, created_us)
VALUES (:park_id, :id, :uploader_id, :name, :type, :size, :sha256, :created_us)

-- file_loose_size :one in: park_id int, uploader_id int, since_us int out: size int
SELECT coalesce(sum(size), 0) FROM case_file
WHERE park_id = :park_id AND uploader_id = :uploader_id AND case_id IS NULL
    AND created_us >= :since_us

-- file_attach :exec
--   in: park_id int, id int, uploader_id int, case_id int, internal bool
UPDATE case_file SET case_id = :case_id, internal = :internal
WHERE park_id = :park_id AND id = :id AND uploader_id = :uploader_id AND case_id IS NULL

-- file_forgotten :many
--   in: park_id int, before_us int, limit int out: id int, sha256 hash
SELECT f.id, f.sha256 FROM case_file f
WHERE f.park_id = :park_id AND f.case_id IS NULL AND f.created_us < :before_us
    AND NOT EXISTS (SELECT 1 FROM case_draft d
        WHERE d.park_id = f.park_id AND d.person_id = f.uploader_id
            AND instr(d.files, '"' || f.id || '"') > 0)
LIMIT :limit

-- file_remove :exec in: park_id int, id int
DELETE FROM case_file WHERE park_id = :park_id AND id = :id

-- file_content_remove :exec in: park_id int, sha256 hash
DELETE FROM file_content WHERE park_id = :park_id AND sha256 = :sha256
    AND NOT EXISTS (SELECT 1 FROM case_file f
        WHERE f.park_id = :park_id AND f.sha256 = :sha256)

-- file_get :one
--   in: park_id int, id int
--   out: case_id int?, uploader_id int, internal bool, name text, type text, size int, sha256 hash
SELECT case_id, uploader_id, internal, name, type, size, sha256
FROM case_file WHERE park_id = :park_id AND id = :id

-- file_content :one in: park_id int, sha256 hash out: content blob
SELECT content FROM file_content WHERE park_id = :park_id AND sha256 = :sha256

-- file_of_case :many
--   in: park_id int, case_id int, internal bool
--   out: id int, name text, type text, size int, internal bool
SELECT id, name, type, size, internal FROM case_file
WHERE park_id = :park_id AND case_id = :case_id AND (internal = 0 OR :internal) ORDER BY id
