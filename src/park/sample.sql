-- sample_park_insert :exec  in: id int, name text, now int
INSERT INTO park (id, name, time_zone, sample, created_us, version)
VALUES (:id, :name, 'Asia/Shanghai', 1, :now, 1);

-- sample_setting_insert :exec  in: park_id int, lat real, lng real
INSERT INTO setting (park_id, map_lat, map_lng, map_zoom, origin, idle_minutes, absolute_hours,
    version)
VALUES (:park_id, :lat, :lng, 13, '', 30, 12, 1);
