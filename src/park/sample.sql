-- sample_park_insert :exec  in: id int, name text, now int
INSERT INTO park (id, name, time_zone, sample, created_us, version)
VALUES (:id, :name, 'Asia/Shanghai', 1, :now, 1);

-- sample_setting_insert :exec  in: park_id int, lat real, lng real
INSERT INTO setting (park_id, map_lat, map_lng, map_zoom, origin, idle_minutes, absolute_hours,
    version)
VALUES (:park_id, :lat, :lng, 13, '', 30, 12, 1);

-- sample_enterprise_places :many
--   in: park_id int
--   out: code text, short_name text, lat real, lng real, area_m2 int
SELECT code, short_name, lat, lng, area_m2 FROM enterprise WHERE park_id = :park_id ORDER BY id
