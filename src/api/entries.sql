-- entries_page :many
--   in: park_id int, before int, kind text, actor_id int, since int, until int, limit int
--   out: seq int, time_us int, kind text, case_id int, actor_id int, actor text?, subject_id int,
--   body text?
SELECT e.seq, e.time_us, e.kind, e.case_id, e.actor_id, p.name, e.subject_id, e.body
FROM journal_entry e LEFT JOIN person p ON p.park_id = e.park_id AND p.id = e.actor_id
WHERE e.park_id = :park_id AND e.seq < :before
  AND (:kind = '' OR substr(e.kind, 1, length(:kind)) = :kind)
  AND (:actor_id = 0 OR e.actor_id = :actor_id)
  AND e.time_us >= :since AND e.time_us < :until
ORDER BY e.seq DESC LIMIT :limit

-- entries_of_case :many
--   in: park_id int, case_id int, before int, kind text, actor_id int, since int, until int,
--   limit int
--   out: seq int, time_us int, kind text, case_id int, actor_id int, actor text?, subject_id int,
--   body text?
SELECT e.seq, e.time_us, e.kind, e.case_id, e.actor_id, p.name, e.subject_id, e.body
FROM journal_entry e LEFT JOIN person p ON p.park_id = e.park_id AND p.id = e.actor_id
WHERE e.park_id = :park_id AND e.case_id = :case_id AND e.case_id <> 0 AND e.seq < :before
  AND (:kind = '' OR substr(e.kind, 1, length(:kind)) = :kind)
  AND (:actor_id = 0 OR e.actor_id = :actor_id)
  AND e.time_us >= :since AND e.time_us < :until
ORDER BY e.seq DESC LIMIT :limit
