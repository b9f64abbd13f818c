-- journal_size :one  in: park_id int  out: size int
SELECT COALESCE(MAX(seq) + 1, 0) AS size FROM journal_entry WHERE park_id = :park_id;

-- journal_insert :exec  in: park_id int, seq int, time_us int, kind text, case_id int,
--   actor_id int, subject_id int, digest hash, salt blob, body text
INSERT INTO journal_entry
    (park_id, seq, time_us, kind, case_id, actor_id, subject_id, digest, salt, body)
VALUES (:park_id, :seq, :time_us, :kind, :case_id, :actor_id, :subject_id, :digest, :salt, :body);

-- journal_leaf_parts :one  in: park_id int, seq int  out: time_us int, kind text, case_id int,
--   actor_id int, digest hash
SELECT time_us, kind, case_id, actor_id, digest FROM journal_entry
WHERE park_id = :park_id AND seq = :seq;

-- journal_leaf_range :many  in: park_id int, first int, past int  out: seq int, time_us int,
--   kind text, case_id int, actor_id int, digest hash
SELECT seq, time_us, kind, case_id, actor_id, digest FROM journal_entry
WHERE park_id = :park_id AND seq >= :first AND seq < :past ORDER BY seq;

-- journal_node :one  in: park_id int, last int, level int  out: hash hash
SELECT hash FROM journal_node WHERE park_id = :park_id AND last = :last AND level = :level;

-- journal_node_insert :exec  in: park_id int, last int, level int, hash hash
INSERT INTO journal_node (park_id, last, level, hash) VALUES (:park_id, :last, :level, :hash);

-- journal_head_newest :one  in: park_id int  out: size int, time_us int, root hash, signature blob
SELECT size, time_us, root, signature FROM journal_head
WHERE park_id = :park_id ORDER BY size DESC LIMIT 1;

-- journal_head_size :one  in: park_id int  out: size int
SELECT COALESCE(MAX(size), 0) AS size FROM journal_head WHERE park_id = :park_id;

-- journal_heads :many  in: park_id int, after int, limit int  out: size int, time_us int,
--   root hash, signature blob
SELECT size, time_us, root, signature FROM journal_head
WHERE park_id = :park_id AND size > :after ORDER BY size LIMIT :limit;

-- journal_head_insert :exec  in: park_id int, size int, time_us int, root hash, signature blob
INSERT INTO journal_head (park_id, size, time_us, root, signature)
VALUES (:park_id, :size, :time_us, :root, :signature);

-- journal_counts :one  in: park_id int  out: nodes int, newest_head int
SELECT (SELECT COUNT(*) FROM journal_node WHERE park_id = :park_id) AS nodes,
       (SELECT COALESCE(MAX(size), 0) FROM journal_head WHERE park_id = :park_id) AS newest_head;

-- journal_next_park :one  in: after int  out: park_id int
SELECT park_id FROM journal_entry WHERE park_id > :after ORDER BY park_id LIMIT 1;

-- journal_entries :many  in: park_id int, after int, limit int  out: seq int, time_us int,
--   kind text, case_id int, actor_id int, subject_id int, digest hash, salt blob?, body text?
SELECT seq, time_us, kind, case_id, actor_id, subject_id, digest, salt, body FROM journal_entry
WHERE park_id = :park_id AND seq > :after ORDER BY seq LIMIT :limit;

-- journal_erase_subject :exec  in: park_id int, subject_id int
UPDATE journal_entry SET body = NULL, salt = NULL
WHERE park_id = :park_id AND subject_id = :subject_id AND subject_id <> 0 AND body IS NOT NULL;
