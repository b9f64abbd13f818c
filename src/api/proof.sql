-- proof_entries :many
--   in: park_id int, case_id int
--   out: seq int, time_us int, kind text, case_id int, actor_id int, digest hash, salt blob?,
--   body text?
SELECT seq, time_us, kind, case_id, actor_id, digest, salt, body FROM journal_entry
WHERE park_id = :park_id AND case_id = :case_id AND case_id <> 0 AND kind <> 'case.step'
ORDER BY seq LIMIT 1000
