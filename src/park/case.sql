-- case_load :one
--   in: park_id int, id int
--   out: number text, service text, model_id int, title text, category text, status int,
--   closed bool, enterprise_id int, applicant_id int, grid_id int?, department_id int?,
--   holder_id int?, filed_us int, clock text?, warn_us int?, due_us int?, paused bool, late bool,
--   level int, reminders int, supervised bool, rating int, updated_us int, version int,
--   wake_us int?, suspended bool, form text, detail text, instance blob
SELECT number, service, model_id, title, category, status, closed, enterprise_id, applicant_id,
    grid_id, department_id, holder_id, filed_us, clock, warn_us, due_us, paused, late, level,
    reminders, supervised, rating, updated_us, version, wake_us, suspended, form, detail,
    instance
FROM cases WHERE park_id = :park_id AND id = :id

-- case_insert :exec
--   in: park_id int, id int, number text, service text, model_id int, title text, category text,
--   status int, closed bool, enterprise_id int, applicant_id int, grid_id int?,
--   department_id int?, holder_id int?, filed_us int, clock text?, warn_us int?, due_us int?,
--   level int, updated_us int, wake_us int?, form text, detail text, instance blob
INSERT INTO cases (park_id, id, number, service, model_id, title, category, status, closed,
    enterprise_id, applicant_id, grid_id, department_id, holder_id, filed_us, clock, warn_us,
    due_us, level, updated_us, wake_us, form, detail, instance)
VALUES (:park_id, :id, :number, :service, :model_id, :title, :category, :status, :closed,
    :enterprise_id, :applicant_id, :grid_id, :department_id, :holder_id, :filed_us, :clock,
    :warn_us, :due_us, :level, :updated_us, :wake_us, :form, :detail, :instance)

-- case_update :exec
--   in: park_id int, id int, status int, closed bool, grid_id int?, department_id int?,
--   holder_id int?, clock text?, warn_us int?, due_us int?, paused bool, late bool, level int,
--   reminders int, supervised bool, rating int, updated_us int, wake_us int?, suspended bool,
--   detail text, instance blob
UPDATE cases SET status = :status, closed = :closed, grid_id = :grid_id,
    department_id = :department_id, holder_id = :holder_id, clock = :clock, warn_us = :warn_us,
    due_us = :due_us, paused = :paused, late = :late, level = :level, reminders = :reminders,
    supervised = :supervised, rating = :rating, updated_us = :updated_us, wake_us = :wake_us,
    suspended = :suspended, detail = :detail, instance = :instance, version = version + 1
WHERE park_id = :park_id AND id = :id

-- case_model_set :exec in: park_id int, id int, model_id int
UPDATE cases SET model_id = :model_id WHERE park_id = :park_id AND id = :id

-- case_where :one in: park_id int, id int out: enterprise_id int, grid_id int?
SELECT enterprise_id, grid_id FROM cases WHERE park_id = :park_id AND id = :id

-- case_departments :many in: park_id int, case_id int out: department_id int
SELECT department_id FROM case_department WHERE park_id = :park_id AND case_id = :case_id

-- case_persons :many in: park_id int, case_id int out: person_id int
SELECT person_id FROM case_person WHERE park_id = :park_id AND case_id = :case_id AND given = 1

-- case_department_add :exec in: park_id int, department_id int, case_id int
INSERT INTO case_department (park_id, department_id, case_id)
VALUES (:park_id, :department_id, :case_id) ON CONFLICT DO NOTHING

-- case_person_given :exec in: park_id int, person_id int, case_id int
INSERT INTO case_person (park_id, person_id, case_id, given, watching)
VALUES (:park_id, :person_id, :case_id, 1, 0)
ON CONFLICT (park_id, person_id, case_id) DO UPDATE SET given = 1 WHERE given = 0

-- case_person_watch :exec in: park_id int, person_id int, case_id int, watching bool
INSERT INTO case_person (park_id, person_id, case_id, given, watching)
VALUES (:park_id, :person_id, :case_id, 0, :watching)
ON CONFLICT (park_id, person_id, case_id) DO UPDATE SET watching = excluded.watching

-- case_watching :one in: park_id int, person_id int, case_id int out: watching bool
SELECT watching FROM case_person
WHERE park_id = :park_id AND person_id = :person_id AND case_id = :case_id

-- case_due :many in: park_id int, now_us int, limit int out: id int
SELECT id FROM cases WHERE park_id = :park_id AND wake_us <= :now_us ORDER BY wake_us LIMIT :limit

-- case_number_next :one in: park_id int, day int, service text out: last int
SELECT coalesce(sum(filed), 0) FROM case_day_category
WHERE park_id = :park_id AND day = :day AND service = :service

-- count_category :exec in: park_id int, day int, service text, category text
INSERT INTO case_day_category (park_id, day, service, category, filed)
VALUES (:park_id, :day, :service, :category, 1)
ON CONFLICT (park_id, day, service, category) DO UPDATE SET filed = filed + 1

-- count_day :exec
--   in: park_id int, day int, grid_id int, filed int, signed_count int, signed_in_time int,
--   resolved int, resolved_in_time int, rated1 int, rated2 int, rated3 int, rated4 int, rated5 int
INSERT INTO case_day (park_id, day, grid_id, filed, signed, signed_in_time, resolved,
    resolved_in_time, rated1, rated2, rated3, rated4, rated5)
VALUES (:park_id, :day, :grid_id, :filed, :signed_count, :signed_in_time, :resolved, :resolved_in_time,
    :rated1, :rated2, :rated3, :rated4, :rated5)
ON CONFLICT (park_id, day, grid_id) DO UPDATE SET filed = filed + excluded.filed,
    signed = signed + excluded.signed, signed_in_time = signed_in_time + excluded.signed_in_time,
    resolved = resolved + excluded.resolved,
    resolved_in_time = resolved_in_time + excluded.resolved_in_time,
    rated1 = rated1 + excluded.rated1, rated2 = rated2 + excluded.rated2,
    rated3 = rated3 + excluded.rated3, rated4 = rated4 + excluded.rated4,
    rated5 = rated5 + excluded.rated5

-- count_cases :exec
--   in: park_id int, grid_id int, enterprise_id int, open int, late int, closed int, rated int,
--   rating_sum int
INSERT INTO case_count (park_id, grid_id, enterprise_id, open, late, closed, rated, rating_sum)
VALUES (:park_id, :grid_id, :enterprise_id, :open, :late, :closed, :rated, :rating_sum)
ON CONFLICT (park_id, grid_id, enterprise_id) DO UPDATE SET open = open + excluded.open,
    late = late + excluded.late, closed = closed + excluded.closed, rated = rated + excluded.rated,
    rating_sum = rating_sum + excluded.rating_sum

-- message_insert :exec
--   in: park_id int, case_id int, id int, author_id int?, author_role int, at_us int, internal bool,
--   text text, files text
INSERT INTO case_message (park_id, case_id, id, author_id, author_role, at_us, internal, text, files)
VALUES (:park_id, :case_id, :id, :author_id, :author_role, :at_us, :internal, :text, :files)

-- message_list :many
--   in: park_id int, case_id int, internal bool
--   out: id int, author_id int?, author_name text?, author_role int, at_us int, internal bool,
--   text text, files text
SELECT m.id, m.author_id, p.name, m.author_role, m.at_us, m.internal, m.text, m.files
FROM case_message m LEFT JOIN person p ON p.park_id = m.park_id AND p.id = m.author_id
WHERE m.park_id = :park_id AND m.case_id = :case_id AND (m.internal = 0 OR :internal)
ORDER BY m.id LIMIT 500

-- calendar_stamp :one in: park_id int out: stamp int
SELECT coalesce(sum(version), 0) * 1000 + count(*) FROM calendar_year WHERE park_id = :park_id

-- case_department_of :one in: park_id int, code text out: id int
SELECT id FROM department WHERE park_id = :park_id AND code = :code

-- case_department_name :one in: park_id int, id int out: name text
SELECT name FROM department WHERE park_id = :park_id AND id = :id

-- case_role_holder :one in: park_id int, role text, scope_id int out: count int, person_id int
SELECT count(*), coalesce(max(person_id), 0) FROM role_grant
WHERE park_id = :park_id AND role = :role AND scope_id = :scope_id

-- case_route :one
--   in: park_id int, enterprise_id int, now_us int
--   out: grid_id int?, answerer_id int?, members int, member_id int?
SELECT e.grid_id,
    (SELECT a.person_id FROM assignment a
        JOIN person p ON p.park_id = a.park_id AND p.id = a.person_id AND p.active = 1
        WHERE a.park_id = e.park_id AND a.enterprise_id = e.id AND a.role = 'grid_member'
            AND a.since_us <= :now_us AND (a.until_us IS NULL OR a.until_us > :now_us)
        ORDER BY a.id DESC LIMIT 1),
    (SELECT count(*) FROM role_grant g WHERE g.park_id = e.park_id AND g.role = 'grid_member'
        AND g.scope_id = e.grid_id),
    (SELECT max(g.person_id) FROM role_grant g WHERE g.park_id = e.park_id
        AND g.role = 'grid_member' AND g.scope_id = e.grid_id)
FROM enterprise e WHERE e.park_id = :park_id AND e.id = :enterprise_id

-- case_set_aside :exec in: park_id int, id int, wake_us int
UPDATE cases SET wake_us = :wake_us WHERE park_id = :park_id AND id = :id

-- case_parks :many in: limit int out: id int
SELECT id FROM park ORDER BY id LIMIT :limit

-- case_of_model :many in: park_id int, model_id int, after int, limit int out: id int, number text
SELECT id, number FROM cases
WHERE park_id = :park_id AND model_id = :model_id AND closed = 0 AND id > :after
ORDER BY id LIMIT :limit
