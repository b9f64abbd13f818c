-- calendar_days :many  in: park_id int, calendar text  out: day int, working bool, name text
SELECT day, working, name FROM calendar_day
WHERE park_id = :park_id AND calendar = :calendar ORDER BY day;

-- calendar_days_of_year :many  in: park_id int, calendar text, first int, past int
--   out: day int, working bool, name text
SELECT day, working, name FROM calendar_day
WHERE park_id = :park_id AND calendar = :calendar AND day >= :first AND day < :past ORDER BY day;

-- calendar_clear :exec  in: park_id int, calendar text, first int, past int
DELETE FROM calendar_day
WHERE park_id = :park_id AND calendar = :calendar AND day >= :first AND day < :past;

-- calendar_day_insert :exec  in: park_id int, calendar text, day int, working bool, name text
INSERT INTO calendar_day (park_id, calendar, day, working, name)
VALUES (:park_id, :calendar, :day, :working, :name);

-- calendar_year :one  in: park_id int, calendar text, year int  out: complete bool, version int
SELECT complete, version FROM calendar_year
WHERE park_id = :park_id AND calendar = :calendar AND year = :year;

-- calendar_year_set :exec  in: park_id int, calendar text, year int, complete bool, version int
INSERT INTO calendar_year (park_id, calendar, year, complete, version)
VALUES (:park_id, :calendar, :year, :complete, :version)
ON CONFLICT (park_id, calendar, year)
DO UPDATE SET complete = excluded.complete, version = excluded.version;
