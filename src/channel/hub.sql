-- hub_entries :many
--   in: park_id int, after int, limit int
--   out: seq int, time_us int, kind text, case_id int
SELECT seq, time_us, kind, case_id FROM journal_entry
WHERE park_id = :park_id AND seq > :after AND kind <> 'case.step' ORDER BY seq LIMIT :limit

-- hub_last :one in: park_id int out: seq int
SELECT coalesce(max(seq), -1) FROM journal_entry WHERE park_id = :park_id

-- hub_session :one in: park_id int, id int out: created_at int, seen_at int, idle int, absolute int
SELECT s.created_at, s.seen_at, t.idle_minutes, t.absolute_hours
FROM session s JOIN setting t ON t.park_id = s.park_id
WHERE s.park_id = :park_id AND s.id = :id

-- hub_token :one in: park_id int, id int out: expires_at int?
SELECT expires_at FROM token WHERE park_id = :park_id AND id = :id

-- hub_park :one out: id int
SELECT id FROM park ORDER BY id LIMIT 1
