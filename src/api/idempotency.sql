-- idempotency_get :one
--   in: park_id int, person_id int, key text
--   out: request hash, status int, location text?, etag text?, body blob?, created_at int
SELECT request, status, location, etag, body, created_at FROM idempotency
WHERE park_id = :park_id AND person_id = :person_id AND key = :key

-- idempotency_put :exec
--   in: park_id int, person_id int, key text, request hash, status int, location text?,
--   etag text?, body blob?, now int
INSERT OR REPLACE INTO idempotency
  (park_id, person_id, key, request, status, location, etag, body, created_at)
VALUES (:park_id, :person_id, :key, :request, :status, :location, :etag, :body, :now)

-- idempotency_expire :exec in: park_id int, before int
DELETE FROM idempotency WHERE park_id = :park_id AND created_at < :before
