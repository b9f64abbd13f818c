-- board_open :one in: park_id int out: open int, late int
SELECT coalesce(sum(open), 0), coalesce(sum(late), 0) FROM case_count WHERE park_id = :park_id

-- board_grids :many
--   in: park_id int, since_day int
--   out: id int, name text, open int, late int, resolved int, resolved_in_time int, rated int,
--   rating_sum int
SELECT g.id, g.name, coalesce(c.open, 0), coalesce(c.late, 0), coalesce(d.resolved, 0),
    coalesce(d.resolved_in_time, 0), coalesce(d.rated, 0), coalesce(d.rating_sum, 0)
FROM grid g
LEFT JOIN (SELECT grid_id, sum(open) AS open, sum(late) AS late FROM case_count
    WHERE park_id = :park_id GROUP BY grid_id) c ON c.grid_id = g.id
LEFT JOIN (SELECT grid_id, sum(resolved) AS resolved, sum(resolved_in_time) AS resolved_in_time,
        sum(rated1 + rated2 + rated3 + rated4 + rated5) AS rated,
        sum(rated1 + 2 * rated2 + 3 * rated3 + 4 * rated4 + 5 * rated5) AS rating_sum
    FROM case_day WHERE park_id = :park_id AND day >= :since_day GROUP BY grid_id) d
    ON d.grid_id = g.id
WHERE g.park_id = :park_id ORDER BY g.code, g.id

-- board_days :many
--   in: park_id int, since_day int
--   out: day int, filed int, signed_count int, signed_in_time int, resolved int, resolved_in_time int,
--   rated1 int, rated2 int, rated3 int, rated4 int, rated5 int
SELECT day, sum(filed), sum(signed), sum(signed_in_time), sum(resolved), sum(resolved_in_time),
    sum(rated1), sum(rated2), sum(rated3), sum(rated4), sum(rated5)
FROM case_day WHERE park_id = :park_id AND day >= :since_day GROUP BY day ORDER BY day

-- board_categories :many
--   in: park_id int, since_day int out: service text, category text, filed int
SELECT service, category, sum(filed) FROM case_day_category
WHERE park_id = :park_id AND day >= :since_day GROUP BY service, category ORDER BY 3 DESC, 2
