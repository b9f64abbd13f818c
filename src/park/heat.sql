-- heat_scene_insert :exec
--   in: park_id int, id int, name text, source text, digest hash, bytes int, files int, mask text,
--   date_days int?, light text, added_by int?, added_us int
INSERT INTO heat_scene (park_id, id, state, name, source, digest, bytes, files, mask, date_days,
    light, about, added_by, added_us)
VALUES (:park_id, :id, 'waiting', :name, :source, :digest, :bytes, :files, :mask, :date_days,
    :light, '{}', :added_by, :added_us)

-- heat_scene_refused_insert :exec
--   in: park_id int, id int, name text, source text, digest hash, bytes int, files int,
--   reason text, detail text, added_us int
INSERT INTO heat_scene (park_id, id, state, name, source, digest, bytes, files, mask, light, about,
    reason, detail, added_us)
VALUES (:park_id, :id, 'refused', :name, :source, :digest, :bytes, :files, '', '', '{}',
    :reason, :detail, :added_us)

-- heat_scene_by_digest :one in: park_id int, digest hash out: id int, name text
SELECT id, name FROM heat_scene
WHERE park_id = :park_id AND digest = :digest AND state <> 'refused'

-- heat_scene_totals :one in: park_id int out: count int, bytes int
SELECT count(*), coalesce(sum(bytes), 0) FROM heat_scene WHERE park_id = :park_id

-- heat_scene_list :many
--   in: park_id int, before_id int, limit int
--   out: id int, state text, name text, source text, bytes int, files int, mask text, about text,
--   reason text?, detail text?, added_by int?, adder text?, added_us int, layers int, done int,
--   first_days int?, last_days int?
SELECT s.id, s.state, s.name, s.source, s.bytes, s.files, s.mask, s.about, s.reason, s.detail,
    s.added_by, p.name, s.added_us,
    (SELECT count(*) FROM heat_layer l WHERE l.park_id = s.park_id AND l.scene_id = s.id),
    (SELECT count(l.zones) FROM heat_layer l WHERE l.park_id = s.park_id AND l.scene_id = s.id),
    (SELECT min(l.date_days) FROM heat_layer l WHERE l.park_id = s.park_id AND l.scene_id = s.id),
    (SELECT max(l.date_days) FROM heat_layer l WHERE l.park_id = s.park_id AND l.scene_id = s.id)
FROM heat_scene s LEFT JOIN person p ON p.park_id = s.park_id AND p.id = s.added_by
WHERE s.park_id = :park_id AND s.id < :before_id ORDER BY s.id DESC LIMIT :limit

-- heat_scene_ids :many in: park_id int out: id int, state text
SELECT id, state FROM heat_scene WHERE park_id = :park_id

-- heat_scene_waiting :one
--   in: park_id int
--   out: id int, name text, mask text, date_days int?, light text
SELECT id, name, mask, date_days, light FROM heat_scene
WHERE park_id = :park_id AND state = 'waiting' ORDER BY id LIMIT 1

-- heat_scene_opened :exec in: park_id int, id int, about text
UPDATE heat_scene SET state = 'working', about = :about
WHERE park_id = :park_id AND id = :id AND state = 'waiting'

-- heat_scene_refuse :exec in: park_id int, id int, reason text, detail text
UPDATE heat_scene SET state = 'refused', reason = :reason, detail = :detail
WHERE park_id = :park_id AND id = :id

-- heat_scene_state :exec in: park_id int, id int, state text
UPDATE heat_scene SET state = :state WHERE park_id = :park_id AND id = :id

-- heat_scene_delete :exec in: park_id int, id int
DELETE FROM heat_scene WHERE park_id = :park_id AND id = :id

-- heat_layer_insert :exec
--   in: park_id int, id int, scene_id int, place int, name text, date_days int, time_us int?,
--   light text
INSERT INTO heat_layer (park_id, id, scene_id, place, name, date_days, time_us, light)
VALUES (:park_id, :id, :scene_id, :place, :name, :date_days, :time_us, :light)

-- heat_layer_delete :exec in: park_id int, scene_id int
DELETE FROM heat_layer WHERE park_id = :park_id AND scene_id = :scene_id

-- heat_layer_due :one
--   in: park_id int, zones hash
--   out: id int, scene_id int, place int, mask text, digest hash
SELECT l.id, l.scene_id, l.place, s.mask, s.digest
FROM heat_layer l JOIN heat_scene s ON s.park_id = l.park_id AND s.id = l.scene_id
WHERE l.park_id = :park_id AND s.state <> 'refused' AND (l.zones IS NULL OR l.zones <> :zones)
ORDER BY l.zones IS NOT NULL, l.scene_id, l.place LIMIT 1

-- heat_layer_done :exec
--   in: park_id int, id int, zones hash, version text, low_k real, high_k real,
--   level_k real
UPDATE heat_layer SET zones = :zones, version = :version, low_k = :low_k, high_k = :high_k,
    level_k = :level_k
WHERE park_id = :park_id AND id = :id

-- heat_layer_left :one in: park_id int, scene_id int out: count int
SELECT count(*) FROM heat_layer
WHERE park_id = :park_id AND scene_id = :scene_id AND zones IS NULL

-- heat_layer_list :many
--   in: park_id int, scene_id int, limit int
--   out: id int, scene_id int, place int, name text, date_days int, time_us int?, light text,
--   version text?, done bool, low_k real, high_k real, level_k real, scene text, source text,
--   mask text, about text, clear real, valid real, mean_k real
SELECT l.id, l.scene_id, l.place, l.name, l.date_days, l.time_us, l.light, l.version,
    l.zones IS NOT NULL, l.low_k, l.high_k, l.level_k, s.name, s.source, s.mask, s.about, t.clear, t.valid,
    t.mean_k
FROM heat_layer l JOIN heat_scene s ON s.park_id = l.park_id AND s.id = l.scene_id
LEFT JOIN heat_stat t ON t.park_id = l.park_id AND t.kind = 0 AND t.zone_id = 0
    AND t.layer_id = l.id
WHERE l.park_id = :park_id AND s.state <> 'refused'
    AND (:scene_id = 0 OR l.scene_id = :scene_id)
ORDER BY l.date_days, l.light, l.time_us, l.id LIMIT :limit

-- heat_layer_get :one
--   in: park_id int, id int
--   out: scene_id int, place int, name text, date_days int, time_us int?, light text,
--   version text?, done bool, low_k real, high_k real, level_k real, mask text, digest hash
SELECT l.scene_id, l.place, l.name, l.date_days, l.time_us, l.light, l.version,
    l.zones IS NOT NULL, l.low_k, l.high_k, l.level_k, s.mask, s.digest
FROM heat_layer l JOIN heat_scene s ON s.park_id = l.park_id AND s.id = l.scene_id
WHERE l.park_id = :park_id AND l.id = :id AND s.state <> 'refused'

-- heat_layer_newest :one in: park_id int, light text out: day int
SELECT coalesce(max(l.date_days), 0) FROM heat_layer l
JOIN heat_scene s ON s.park_id = l.park_id AND s.id = l.scene_id
WHERE l.park_id = :park_id AND l.light = :light AND s.state <> 'refused'

-- heat_stat_put :exec
--   in: park_id int, kind int, zone_id int, layer_id int, clear real, valid real, mean_k real,
--   sd_k real, uncertainty_k real, below bool, body text
INSERT INTO heat_stat (park_id, kind, zone_id, layer_id, clear, valid, mean_k, sd_k,
    uncertainty_k, below, body)
VALUES (:park_id, :kind, :zone_id, :layer_id, :clear, :valid, :mean_k, :sd_k, :uncertainty_k,
    :below, :body)

-- heat_stat_delete :exec in: park_id int, layer_id int
DELETE FROM heat_stat WHERE park_id = :park_id AND layer_id = :layer_id

-- heat_stat_delete_scene :exec in: park_id int, scene_id int
DELETE FROM heat_stat WHERE park_id = :park_id AND layer_id IN
    (SELECT id FROM heat_layer WHERE park_id = :park_id AND scene_id = :scene_id)

-- heat_stat_of_layer :many
--   in: park_id int, layer_id int
--   out: kind int, zone_id int, name text?, clear real, valid real, mean_k real, sd_k real,
--   uncertainty_k real, below bool, body text
SELECT t.kind, t.zone_id, coalesce(g.name, c.name), t.clear, t.valid, t.mean_k, t.sd_k,
    t.uncertainty_k, t.below, t.body
FROM heat_stat t
LEFT JOIN grid g ON t.kind = 1 AND g.park_id = t.park_id AND g.id = t.zone_id
LEFT JOIN heat_parcel c ON t.kind = 2 AND c.park_id = t.park_id AND c.id = t.zone_id
WHERE t.park_id = :park_id AND t.layer_id = :layer_id ORDER BY t.kind, g.code, c.code

-- heat_stat_of_zone :many
--   in: park_id int, kind int, zone_id int, light text, limit int
--   out: layer_id int, scene_id int, scene text, source text, about text, mask text, name text,
--   date_days int, time_us int?, light text, version text?, clear real, valid real, mean_k real,
--   sd_k real, uncertainty_k real, below bool, body text
SELECT l.id, l.scene_id, s.name, s.source, s.about, s.mask, l.name, l.date_days, l.time_us, l.light,
    l.version, t.clear, t.valid, t.mean_k, t.sd_k, t.uncertainty_k, t.below, t.body
FROM heat_stat t
JOIN heat_layer l ON l.park_id = t.park_id AND l.id = t.layer_id
JOIN heat_scene s ON s.park_id = l.park_id AND s.id = l.scene_id
WHERE t.park_id = :park_id AND t.kind = :kind AND t.zone_id = :zone_id AND s.state <> 'refused'
    AND (:light = '' OR l.light = :light)
ORDER BY l.date_days, l.light, l.time_us, l.id LIMIT :limit

-- heat_zone_grids :many in: park_id int out: id int, name text, polygon text
SELECT id, name, polygon FROM grid WHERE park_id = :park_id AND polygon IS NOT NULL ORDER BY id

-- heat_zone_parcels :many
--   in: park_id int, limit int
--   out: id int, code text, name text, enterprise_id int?, polygon text
SELECT id, code, name, enterprise_id, polygon FROM heat_parcel
WHERE park_id = :park_id ORDER BY id LIMIT :limit

-- heat_zone_one :one in: park_id int, kind int, id int out: name text
SELECT name FROM grid WHERE :kind = 1 AND park_id = :park_id AND id = :id
UNION ALL
SELECT name FROM heat_parcel WHERE :kind = 2 AND park_id = :park_id AND id = :id

-- heat_parcel_clear :exec in: park_id int
DELETE FROM heat_parcel WHERE park_id = :park_id

-- heat_parcel_insert :exec
--   in: park_id int, id int, code text, name text, enterprise_id int?, polygon text
INSERT INTO heat_parcel (park_id, id, code, name, enterprise_id, polygon)
VALUES (:park_id, :id, :code, :name, :enterprise_id, :polygon)

-- heat_parcel_known :many in: park_id int out: id int, code text
SELECT id, code FROM heat_parcel WHERE park_id = :park_id

-- heat_parcel_enterprise :one in: park_id int, code text out: id int, name text
SELECT id, short_name FROM enterprise WHERE park_id = :park_id AND code = :code

-- heat_fire_set_insert :exec
--   in: park_id int, id int, name text, source text, digest hash, points int, from_us int?,
--   to_us int?, added_by int?, added_us int
INSERT INTO heat_fire_set (park_id, id, name, source, digest, points, from_us, to_us, added_by,
    added_us)
VALUES (:park_id, :id, :name, :source, :digest, :points, :from_us, :to_us, :added_by, :added_us)

-- heat_fire_set_by_digest :one in: park_id int, digest hash out: id int
SELECT id FROM heat_fire_set WHERE park_id = :park_id AND digest = :digest

-- heat_fire_set_list :many
--   in: park_id int
--   out: id int, name text, source text, points int, from_us int?, to_us int?, added_us int
SELECT id, name, source, points, from_us, to_us, added_us FROM heat_fire_set
WHERE park_id = :park_id ORDER BY id DESC LIMIT 1000

-- heat_fire_set_delete :exec in: park_id int, id int
DELETE FROM heat_fire_set WHERE park_id = :park_id AND id = :id

-- heat_fire_delete :exec in: park_id int, set_id int
DELETE FROM heat_fire WHERE park_id = :park_id AND set_id = :set_id

-- heat_fire_insert :exec
--   in: park_id int, id int, set_id int, time_us int, lat real, lng real, kelvin real,
--   frp_mw real, confidence int, light text, satellite text, instrument text
INSERT INTO heat_fire (park_id, id, set_id, time_us, lat, lng, kelvin, frp_mw, confidence, light,
    satellite, instrument)
VALUES (:park_id, :id, :set_id, :time_us, :lat, :lng, :kelvin, :frp_mw, :confidence, :light,
    :satellite, :instrument)

-- heat_fire_list :many
--   in: park_id int, from_us int, to_us int, after_us int, after_id int, limit int
--   out: id int, time_us int, lat real, lng real, kelvin real, frp_mw real, confidence int,
--   light text, satellite text, instrument text
SELECT id, time_us, lat, lng, kelvin, frp_mw, confidence, light, satellite, instrument
FROM heat_fire
WHERE park_id = :park_id AND time_us >= :from_us AND time_us < :to_us
    AND (time_us > :after_us OR (time_us = :after_us AND id > :after_id))
ORDER BY time_us, id LIMIT :limit
