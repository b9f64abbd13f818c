-- account_by_login :one
--   in: park_id int, login text
--   out: person_id int, password text, disabled bool, must_change bool, version int
SELECT person_id, password, disabled, must_change, version
FROM account WHERE park_id = :park_id AND login = :login

-- account_get :one
--   in: park_id int, person_id int
--   out: login text, password text, disabled bool, must_change bool, last_login_at int?, version int
SELECT login, password, disabled, must_change, last_login_at, version
FROM account WHERE park_id = :park_id AND person_id = :person_id

-- account_principal :one
--   in: park_id int, person_id int
--   out: name text, login text, must_change bool
SELECT p.name, a.login, a.must_change
FROM account a JOIN person p ON p.park_id = a.park_id AND p.id = a.person_id
WHERE a.park_id = :park_id AND a.person_id = :person_id AND a.disabled = 0 AND p.active <> 0

-- account_insert :exec
--   in: park_id int, person_id int, login text, password text, disabled bool, must_change bool,
--   now int
INSERT INTO account (park_id, person_id, login, password, disabled, must_change, created_at, version)
VALUES (:park_id, :person_id, :login, :password, :disabled, :must_change, :now, 1)

-- account_update :exec
--   in: park_id int, person_id int, login text, disabled bool
UPDATE account SET login = :login, disabled = :disabled, version = version + 1
WHERE park_id = :park_id AND person_id = :person_id

-- account_set_password :exec
--   in: park_id int, person_id int, password text, must_change bool
UPDATE account SET password = :password, must_change = :must_change, version = version + 1
WHERE park_id = :park_id AND person_id = :person_id

-- account_signed_in :exec in: park_id int, person_id int, now int
UPDATE account SET last_login_at = :now WHERE park_id = :park_id AND person_id = :person_id

-- account_page :many
--   in: park_id int, q text, after_login text, limit int
--   out: person_id int, name text, login text, disabled bool, last_login_at int?, version int
SELECT a.person_id, p.name, a.login, a.disabled, a.last_login_at, a.version
FROM account a JOIN person p ON p.park_id = a.park_id AND p.id = a.person_id
WHERE a.park_id = :park_id AND a.login > :after_login
  AND (:q = '' OR instr(a.login, lower(:q)) > 0 OR instr(p.name, :q) > 0)
ORDER BY a.login LIMIT :limit

-- person_name :one in: park_id int, person_id int out: name text
SELECT name FROM person WHERE park_id = :park_id AND id = :person_id

-- grants_of :many in: park_id int, person_id int out: role text, scope_id int
SELECT role, scope_id FROM role_grant WHERE park_id = :park_id AND person_id = :person_id
ORDER BY role, scope_id

-- grant_name :one in: park_id int, scope text, id int out: name text
SELECT name FROM grid WHERE :scope = 'grid' AND park_id = :park_id AND id = :id
UNION ALL
SELECT name FROM department WHERE :scope = 'department' AND park_id = :park_id AND id = :id
UNION ALL
SELECT name FROM enterprise WHERE :scope = 'enterprise' AND park_id = :park_id AND id = :id

-- grant_insert :exec in: park_id int, person_id int, role text, scope_id int, now int
INSERT INTO role_grant (park_id, person_id, role, scope_id, since)
VALUES (:park_id, :person_id, :role, :scope_id, :now)
ON CONFLICT DO NOTHING

-- grant_delete :exec in: park_id int, person_id int, role text, scope_id int
DELETE FROM role_grant WHERE park_id = :park_id AND person_id = :person_id AND role = :role
  AND scope_id = :scope_id

-- grant_holders :one in: park_id int, role text out: count int
SELECT count(*) FROM role_grant g
JOIN account a ON a.park_id = g.park_id AND a.person_id = g.person_id AND a.disabled = 0
WHERE g.park_id = :park_id AND g.role = :role

-- session_insert :exec
--   in: park_id int, id int, digest hash, person_id int, now int
INSERT INTO session (park_id, id, digest, person_id, created_at, seen_at)
VALUES (:park_id, :id, :digest, :person_id, :now, :now)

-- session_find :one
--   in: park_id int, digest hash
--   out: id int, person_id int, created_at int, seen_at int
SELECT id, person_id, created_at, seen_at FROM session
WHERE park_id = :park_id AND digest = :digest

-- session_seen :exec in: park_id int, id int, now int
UPDATE session SET seen_at = :now WHERE park_id = :park_id AND id = :id

-- session_delete :exec in: park_id int, digest hash
DELETE FROM session WHERE park_id = :park_id AND digest = :digest

-- session_delete_others :exec in: park_id int, person_id int, keep_id int
DELETE FROM session WHERE park_id = :park_id AND person_id = :person_id AND id <> :keep_id

-- session_expire :exec in: park_id int, seen_before int, created_before int
DELETE FROM session WHERE park_id = :park_id
  AND (seen_at < :seen_before OR created_at < :created_before)

-- token_insert :exec
--   in: park_id int, id int, digest hash, person_id int, name text, now int, expires_at int?
INSERT INTO token (park_id, id, digest, person_id, name, created_at, expires_at)
VALUES (:park_id, :id, :digest, :person_id, :name, :now, :expires_at)

-- token_find :one
--   in: park_id int, digest hash
--   out: id int, person_id int, expires_at int?
SELECT id, person_id, expires_at FROM token WHERE park_id = :park_id AND digest = :digest

-- tokens_of :many
--   in: park_id int, person_id int
--   out: id int, name text, created_at int, expires_at int?
SELECT id, name, created_at, expires_at FROM token
WHERE park_id = :park_id AND person_id = :person_id ORDER BY id

-- token_delete :exec in: park_id int, person_id int, id int
DELETE FROM token WHERE park_id = :park_id AND person_id = :person_id AND id = :id

-- tokens_delete_all :exec in: park_id int, person_id int
DELETE FROM token WHERE park_id = :park_id AND person_id = :person_id

-- login_failures :one in: park_id int, subject hash out: failures int, last_at int
SELECT failures, last_at FROM login_failure WHERE park_id = :park_id AND subject = :subject

-- login_failed :exec in: park_id int, subject hash, now int, since int
INSERT INTO login_failure (park_id, subject, failures, last_at)
VALUES (:park_id, :subject, 1, :now)
ON CONFLICT (park_id, subject) DO UPDATE
SET failures = CASE WHEN last_at < :since THEN 1 ELSE failures + 1 END, last_at = :now

-- login_forgive :exec in: park_id int, subject hash
DELETE FROM login_failure WHERE park_id = :park_id AND subject = :subject

-- login_failures_expire :exec in: park_id int, before int
DELETE FROM login_failure WHERE park_id = :park_id AND last_at < :before

-- setting_get :one
--   in: park_id int
--   out: park_name text, time_zone text, map_lat real, map_lng real, map_zoom int, origin text,
--   idle_minutes int, absolute_hours int, history_days int, process_days int, version int
SELECT p.name, p.time_zone, s.map_lat, s.map_lng, s.map_zoom, s.origin, s.idle_minutes,
       s.absolute_hours, s.history_days, s.process_days, s.version
FROM setting s JOIN park p ON p.id = s.park_id WHERE s.park_id = :park_id

-- setting_insert :exec in: park_id int
INSERT INTO setting (park_id, map_lat, map_lng, map_zoom, origin, idle_minutes, absolute_hours, version)
VALUES (:park_id, 30.03, 121.17, 12, '', 30, 12, 1)
ON CONFLICT DO NOTHING

-- setting_update :exec
--   in: park_id int, map_lat real, map_lng real, map_zoom int, origin text, idle_minutes int,
--   absolute_hours int, history_days int, process_days int
UPDATE setting SET map_lat = :map_lat, map_lng = :map_lng, map_zoom = :map_zoom, origin = :origin,
  idle_minutes = :idle_minutes, absolute_hours = :absolute_hours, history_days = :history_days,
  process_days = :process_days, version = version + 1
WHERE park_id = :park_id

-- park_first :one out: id int
SELECT id FROM park ORDER BY id LIMIT 1

-- park_get :one in: id int out: name text, sample bool
SELECT name, sample FROM park WHERE id = :id

-- park_insert :exec in: id int, name text, now int
INSERT INTO park (id, name, time_zone, sample, created_us, version)
VALUES (:id, :name, 'Asia/Shanghai', 0, :now, 1)

-- account_row_of :one
--   in: park_id int, person_id int
--   out: name text, login text, disabled bool, last_login_at int?, version int
SELECT p.name, a.login, a.disabled, a.last_login_at, a.version
FROM account a JOIN person p ON p.park_id = a.park_id AND p.id = a.person_id
WHERE a.park_id = :park_id AND a.person_id = :person_id

-- park_rename :exec in: id int, name text, time_zone text
UPDATE park SET name = :name, time_zone = :time_zone, version = version + 1 WHERE id = :id

-- setting_limits :one in: park_id int out: idle_minutes int, absolute_hours int
SELECT idle_minutes, absolute_hours FROM setting WHERE park_id = :park_id
