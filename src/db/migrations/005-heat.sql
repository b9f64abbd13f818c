-- Heat scenes: the files stand beside the store under heat/<scene id>/, here is what is known of
-- them. A zone without a clear pixel has a row too: "no observation" is a result.
CREATE TABLE heat_scene (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    state TEXT NOT NULL, -- waiting, working, ready, refused
    name TEXT NOT NULL, -- Of the file or folder as it came.
    source TEXT NOT NULL, -- upload, folder, sample
    digest BLOB NOT NULL, -- Of the files: the same scene is taken once.
    bytes INTEGER NOT NULL,
    files INTEGER NOT NULL,
    mask TEXT NOT NULL, -- heat/heat.h: heat_mask_parse
    date_days INTEGER, -- Said by the admin, for files that do not say it themselves.
    light TEXT NOT NULL, -- The same: day, night, or empty
    about TEXT NOT NULL, -- JSON: product, sensor, method, mask in words, resolution; {} until read
    reason TEXT, -- Of a refusal: key of the text for people
    detail TEXT,
    added_by INTEGER,
    added_us INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX heat_scene_digest ON heat_scene (park_id, digest) WHERE state <> 'refused';

CREATE TABLE heat_layer (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    scene_id INTEGER NOT NULL,
    place INTEGER NOT NULL, -- In its scene, from 0.
    name TEXT NOT NULL,
    date_days INTEGER NOT NULL,
    time_us INTEGER,
    light TEXT NOT NULL,
    zones BLOB, -- Digest of the polygons that the statistics were worked out for.
    version TEXT, -- Of the program that did.
    low_k REAL, -- The 2nd and the 98th of a hundred pixels, in the park and around it.
    high_k REAL,
    level_k REAL, -- Their mean: what "warmer than the scene" is measured from.
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX heat_layer_scene ON heat_layer (park_id, scene_id, place);
CREATE INDEX heat_layer_date ON heat_layer (park_id, date_days, id);

CREATE TABLE heat_stat (
    park_id INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- park/heat_store.h: enum heat_zone_kind
    zone_id INTEGER NOT NULL, -- 0: the park
    layer_id INTEGER NOT NULL,
    clear REAL NOT NULL, -- Pixels; 0: no observation, and no temperatures.
    valid REAL NOT NULL, -- Clear part of the whole zone, 0 to 1.
    mean_k REAL,
    sd_k REAL,
    uncertainty_k REAL,
    below INTEGER NOT NULL, -- Smaller than the sensor resolves.
    body TEXT NOT NULL, -- JSON: all else that is known.
    PRIMARY KEY (park_id, kind, zone_id, layer_id)
) WITHOUT ROWID;
CREATE INDEX heat_stat_layer ON heat_stat (park_id, layer_id);

-- Parcels: smaller than a grid, drawn by the park's surveyors; an enterprise may stand on one.
CREATE TABLE heat_parcel (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    enterprise_id INTEGER,
    polygon TEXT NOT NULL, -- GeoJSON geometry (RFC 7946)
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX heat_parcel_code ON heat_parcel (park_id, code);

-- Active fires: points that another sensor's algorithm found, never mixed with temperatures.
CREATE TABLE heat_fire_set (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    digest BLOB NOT NULL,
    points INTEGER NOT NULL,
    from_us INTEGER,
    to_us INTEGER,
    added_by INTEGER,
    added_us INTEGER NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX heat_fire_digest ON heat_fire_set (park_id, digest);

CREATE TABLE heat_fire (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    set_id INTEGER NOT NULL,
    time_us INTEGER NOT NULL,
    lat REAL NOT NULL,
    lng REAL NOT NULL,
    kelvin REAL,
    frp_mw REAL,
    confidence INTEGER NOT NULL, -- 0 low, 1 nominal, 2 high
    light TEXT NOT NULL,
    satellite TEXT NOT NULL,
    instrument TEXT NOT NULL,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;
CREATE INDEX heat_fire_time ON heat_fire (park_id, time_us, id);
CREATE INDEX heat_fire_of_set ON heat_fire (park_id, set_id);

-- Comparisons of two periods, and what each zone shows between them.
CREATE TABLE heat_index (
    park_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    state TEXT NOT NULL, -- waiting, ready, refused
    source TEXT NOT NULL, -- program: the newest weeks; person, sample
    light TEXT NOT NULL,
    from_days INTEGER NOT NULL,
    to_days INTEGER NOT NULL,
    base_from INTEGER, -- NULL: the same season of earlier years
    base_to INTEGER,
    inputs BLOB, -- Digest of the zones and layers it was worked out from.
    version TEXT,
    reason TEXT,
    detail TEXT,
    asked_by INTEGER,
    asked_us INTEGER NOT NULL,
    done_us INTEGER,
    PRIMARY KEY (park_id, id)
) WITHOUT ROWID;

CREATE TABLE heat_change (
    park_id INTEGER NOT NULL,
    index_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    zone_id INTEGER NOT NULL,
    verdict TEXT NOT NULL, -- heat/change.h
    lack TEXT NOT NULL,
    kelvin REAL,
    interval_k REAL,
    views INTEGER NOT NULL,
    base_views INTEGER NOT NULL,
    below INTEGER NOT NULL,
    body TEXT NOT NULL, -- JSON: the interval's parts, and the views
    PRIMARY KEY (park_id, index_id, kind, zone_id)
) WITHOUT ROWID;
