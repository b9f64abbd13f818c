-- heat_index_insert :exec
--   in: park_id int, id int, source text, light text, from_days int, to_days int, base_from int?,
--   base_to int?, asked_by int?, asked_us int
INSERT INTO heat_index (park_id, id, state, source, light, from_days, to_days, base_from, base_to,
    asked_by, asked_us)
VALUES (:park_id, :id, 'waiting', :source, :light, :from_days, :to_days, :base_from, :base_to,
    :asked_by, :asked_us)

-- heat_index_move :exec in: park_id int, id int, from_days int, to_days int
UPDATE heat_index SET from_days = :from_days, to_days = :to_days, inputs = NULL, state = 'waiting'
WHERE park_id = :park_id AND id = :id

-- heat_index_list :many
--   in: park_id int
--   out: id int, state text, source text, light text, from_days int, to_days int, base_from int?,
--   base_to int?, inputs blob?, version text?, reason text?, detail text?, asked_by int?,
--   asker text?, asked_us int, done_us int?
SELECT i.id, i.state, i.source, i.light, i.from_days, i.to_days, i.base_from, i.base_to, i.inputs,
    i.version, i.reason, i.detail, i.asked_by, p.name, i.asked_us, i.done_us
FROM heat_index i LEFT JOIN person p ON p.park_id = i.park_id AND p.id = i.asked_by
WHERE i.park_id = :park_id ORDER BY i.id DESC LIMIT 200

-- heat_index_done :exec
--   in: park_id int, id int, state text, inputs hash, version text, reason text?, detail text?,
--   done_us int
UPDATE heat_index SET state = :state, inputs = :inputs, version = :version, reason = :reason,
    detail = :detail, done_us = :done_us
WHERE park_id = :park_id AND id = :id

-- heat_index_delete :exec in: park_id int, id int
DELETE FROM heat_index WHERE park_id = :park_id AND id = :id

-- heat_change_delete :exec in: park_id int, index_id int
DELETE FROM heat_change WHERE park_id = :park_id AND index_id = :index_id

-- heat_change_insert :exec
--   in: park_id int, index_id int, kind int, zone_id int, verdict text, lack text, kelvin real,
--   interval_k real, views int, base_views int, below bool, body text
INSERT INTO heat_change (park_id, index_id, kind, zone_id, verdict, lack, kelvin, interval_k, views,
    base_views, below, body)
VALUES (:park_id, :index_id, :kind, :zone_id, :verdict, :lack, :kelvin, :interval_k, :views,
    :base_views, :below, :body)

-- heat_change_list :many
--   in: park_id int, index_id int
--   out: kind int, zone_id int, name text?, verdict text, lack text, kelvin real, interval_k real,
--   views int, base_views int, below bool, body text
SELECT t.kind, t.zone_id, coalesce(g.name, c.name), t.verdict, t.lack, t.kelvin, t.interval_k,
    t.views, t.base_views, t.below, t.body
FROM heat_change t
LEFT JOIN grid g ON t.kind = 1 AND g.park_id = t.park_id AND g.id = t.zone_id
LEFT JOIN heat_parcel c ON t.kind = 2 AND c.park_id = t.park_id AND c.id = t.zone_id
WHERE t.park_id = :park_id AND t.index_id = :index_id ORDER BY t.kind, g.code, c.code
