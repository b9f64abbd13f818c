// The heat map's API: scenes in, statistics out, and what nobody saw said as such.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startPark } from './harness.mjs';
import { form, geotiff } from './tiff.mjs';

const WEST = 121.60, NORTH = 30.06, STEP = 0.001; // About 100 m.
const box = (w, s, e, n) => ({ type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] });
const near = (text, want, by) => assert.ok(Math.abs(Number(text) - want) < by, `${text} is not ${want}`);

// Two grids side by side: 20 × 20 pixels each, from column 20 and row 20 on.
const EAST_GRID = box(WEST + 0.04, NORTH - 0.04, WEST + 0.06, NORTH - 0.02);
const WEST_GRID = box(WEST + 0.02, NORTH - 0.04, WEST + 0.04, NORTH - 0.02);

// 290 K, the western grid warmer by `more`; `cloudy` says which pixels the mask leaves out.
const scene = (more, rest = {}) => geotiff({ west: WEST, north: NORTH, step: STEP, width: 80, height: 60,
  pixel: (x, y) => 290 + (x >= 20 && x < 40 && y >= 20 && y < 40 ? more : 0), ...rest });
const clouds = (cloudy) => geotiff({ west: WEST, north: NORTH, step: STEP, width: 80, height: 60, kind: 'byte',
  pixel: (x, y) => (cloudy(x, y) ? 1 : 0) });

let park, leader, contact, west, east;

async function settled(id, client = park.admin) {
  for (let i = 0; i < 100; i++) {
    const { json } = await client.get(`/api/v1/heat/scenes/${id}`);
    if (json?.state === 'ready' || json?.state === 'refused') return json;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`scene ${id} does not get ready: ${park.log()}`);
}

function upload(files, query = '') {
  const { body, headers } = form(files);
  return park.admin.request('POST', `/api/v1/heat/scenes${query}`, { body, headers });
}

const stats = async (id) => (await leader.get(`/api/v1/heat/scenes/${id}/stats`)).json.items;

before(async () => {
  park = await startPark({ at: '2026-03-02T09:00:00+08:00' });
  const grid = (code, polygon) => park.make('/api/v1/grids', { code, name: code, polygon });
  west = await grid('W', WEST_GRID);
  east = await grid('E', EAST_GRID);
  leader = await park.person({ name: '李四', roles: [['leader']] });
  const enterprise = await park.enterprise(west);
  contact = await park.person({ name: '王五', kind: 'contact', roles: [['contact', enterprise]] });
});
after(() => park.stop());

test('a scene of several files is read and counted', async () => {
  const reply = await upload([['park_20260201.tif', scene(6)], ['park_20260201_mask.tif', clouds((x) => x >= 50)]]);
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.json.state, 'waiting');
  const done = await settled(reply.json.id);
  assert.equal(done.state, 'ready');
  assert.equal(done.about.kind, 'plain');
  assert.equal(done.first_date, '2026-02-01');
  assert.equal(done.progress, 100);
  const rows = Object.fromEntries((await stats(done.id)).map((row) => [row.zone, row]));
  near(rows[`grid:${west}`].mean_k, 296, 1e-3);
  near(rows[`grid:${west}`].valid_fraction, 1, 1e-6);
  near(rows[`grid:${east}`].mean_k, 290, 1e-3);
  near(rows[`grid:${east}`].valid_fraction, 0.5, 1e-6);
  near(rows.park.clear, 600, 1e-3);
  near(rows.park.mean_k, (296 * 400 + 290 * 200) / 600, 1e-3);
  near(rows.park.body.masked.quality ?? rows.park.body.masked.cloud, 200, 1e-3);
});

test('what nobody saw is no observation, not zero', async () => {
  const reply = await upload([['p_20260209.tif', scene(6)], ['p_20260209_mask.tif', clouds((x) => x >= 40)]]);
  const done = await settled(reply.json.id);
  const row = (await stats(done.id)).find((one) => one.zone === `grid:${east}`);
  assert.equal(row.state, 'no_observation');
  assert.equal(row.mean_k, null);
  assert.equal(row.body.above_mean_m2, null);
  const series = (await leader.get(`/api/v1/heat/series?zone=grid:${east}`)).json;
  assert.equal(series.name, 'E');
  assert.deepEqual(series.points.map((one) => [one.date, one.state]),
    [['2026-02-01', 'observed'], ['2026-02-09', 'no_observation']]);
  const csv = await leader.get(`/api/v1/heat/series?zone=grid:${east}&format=csv`);
  assert.match(csv.headers['content-type'], /text\/csv/);
  assert.match(csv.text, /2026-02-09,,,grid:\d+,"E",no_observation,,,,0,0,no,"p_20260209.tif"/);
});

test('layers come by date with what was seen of the park', async () => {
  const { items } = (await leader.get('/api/v1/heat/layers')).json;
  assert.deepEqual(items.map((one) => [one.date, one.ready, one.observed]),
    [['2026-02-01', true, true], ['2026-02-09', true, true]]);
  near(items[1].valid_fraction, 0.5, 1e-6);
  near(items[0].low_k, 290, 1e-3);
  assert.equal(items[0].version.split('.').length, 3);
});

// Zoom, column and row of the tile that holds a place.
const tileAt = (lng, lat, z) => [z, Math.floor(((lng + 180) / 360) * 2 ** z),
  Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z)].join('/');

test('a layer is drawn tile by tile, and a tile one has is not drawn again', async () => {
  const { items: [layer] } = (await leader.get('/api/v1/heat/layers')).json;
  const at = `/api/v1/heat/tiles/${layer.id}/${tileAt(WEST + 0.03, NORTH - 0.03, 14)}.png`;
  const tile = await leader.get(`${at}?style=red`);
  assert.equal(tile.status, 200, tile.text.slice(0, 200));
  assert.equal(tile.headers['content-type'], 'image/png');
  assert.equal(tile.buffer.subarray(1, 4).toString(), 'PNG');
  assert.match(tile.headers['cache-control'], /private/);
  const again = await leader.get(`${at}?style=red`, { 'if-none-match': tile.headers.etag });
  assert.equal(again.status, 304);
  const other = await leader.get(`${at}?style=kelvin&low=280&high=300`, { 'if-none-match': tile.headers.etag });
  assert.equal(other.status, 200);
  assert.notEqual(other.headers.etag, tile.headers.etag);
  for (const [target, status] of [[`${at}?style=purple`, 422], [`${at}?low=300&high=280`, 400], ['/api/v1/heat/tiles/7/1/1/1.png', 404],
    [`/api/v1/heat/tiles/${layer.id}/3/99/1.png`, 400], [`/api/v1/heat/tiles/${layer.id}/99/1/1.png`, 404],
    [`/api/v1/heat/tiles/${layer.id}/1/1/1.jpg`, 404]])
    assert.equal((await leader.get(target)).status, status, target);
  const bursts = await Promise.all(Array.from({ length: 24 }, (_, i) => leader.get(`${at}?style=anomaly&span=${i + 1}`)));
  assert.ok(bursts.every((one) => one.status === 200));
});

test('the legend has the same numbers', async () => {
  const { items: [layer] } = (await leader.get('/api/v1/heat/layers')).json;
  const red = (await leader.get(`/api/v1/heat/legend?layer_id=${layer.id}&style=red`)).json;
  assert.equal(red.stops.length, 2);
  near(red.reference, layer.level_k, 1e-6);
  const scale = (await leader.get(`/api/v1/heat/legend?layer_id=${layer.id}&low=280&high=300`)).json;
  assert.equal(scale.stops[0].kelvin, 280);
  assert.equal(scale.stops.at(-1).kelvin, 300);
  near(scale.stops[0].celsius, 6.85, 1e-9);
});

test('a single file needs its day said if it does not say it', async () => {
  const send = (query) => park.admin.request('POST', `/api/v1/heat/scenes${query}`,
    { body: scene(3), headers: { 'content-type': 'image/tiff', 'x-file-name': 'thermal.tif' } });
  const refused = await send('');
  assert.equal(refused.status, 422);
  assert.equal(refused.json.reason, 'heat.no-date');
  const taken = await send('?date=2026-02-17&light=night&name=Night');
  assert.equal(taken.status, 201, taken.text);
  assert.equal((await settled(taken.json.id)).name, 'Night');
  const { items } = (await leader.get(`/api/v1/heat/layers?scene_id=${taken.json.id}`)).json;
  assert.equal(items[0].light, 'night');
  const night = (await leader.get('/api/v1/heat/series?zone=park&light=night')).json;
  assert.deepEqual(night.points.map((one) => one.date), ['2026-02-17']);
  const twice = await send('?date=2026-02-17&light=night');
  assert.equal(twice.status, 409);
  assert.equal(twice.json.reason, 'heat.twice');
});

test('what is no scene is refused at the door, and leaves nothing behind', async () => {
  const kept = readdirSync(path.join(park.dir, 'heat')).length;
  for (const [name, bytes] of [['a.tif', Buffer.from('no raster at all')], ['b_20260101.tif', scene(1).subarray(0, 300)],
    ['c.txt', Buffer.from('text')], ['../../evil.tif', Buffer.from('x')]]) {
    const reply = await upload([[name, bytes]], '?date=2026-01-01');
    assert.ok([413, 422].includes(reply.status), `${name}: ${reply.status} ${reply.text}`);
    assert.match(reply.json.reason, /^heat\./);
  }
  assert.equal((await upload([])).status, 422);
  assert.equal((await upload([['d.tif', scene(1)]], '?mask=nonsense')).json.errors[0].field, 'mask');
  assert.equal(readdirSync(path.join(park.dir, 'heat')).length, kept);
});

test('the watched folder is emptied once, and refusals are listed by name', async () => {
  const incoming = path.join(park.dir, 'heat/incoming');
  writeFileSync(path.join(incoming, 'dropped_20260225.tif'), scene(2));
  mkdirSync(path.join(park.dir, 'two'));
  writeFileSync(path.join(park.dir, 'two/field_20260226.tif'), scene(4));
  writeFileSync(path.join(park.dir, 'two/field_20260226_mask.tif'), clouds(() => false));
  renameSync(path.join(park.dir, 'two'), path.join(incoming, 'two'));
  writeFileSync(path.join(incoming, 'broken.tif'), 'nothing');
  let items;
  for (let i = 0; i < 100; i++) {
    items = (await leader.get('/api/v1/heat/scenes')).json.items.filter((one) => one.source === 'folder');
    if (items.length === 3 && items.every((one) => ['ready', 'refused'].includes(one.state))) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const byName = Object.fromEntries(items.map((one) => [one.name, one]));
  assert.equal(byName['dropped_20260225.tif'].state, 'ready');
  assert.equal(byName.two.state, 'ready');
  assert.equal(byName.two.files, 2);
  assert.equal(byName['broken.tif'].state, 'refused');
  assert.match(byName['broken.tif'].reason, /^heat\./);
  assert.deepEqual(readdirSync(incoming), []);
});

test('redrawn grids make statistics anew', async () => {
  const { items: [first] } = (await leader.get('/api/v1/heat/layers')).json;
  const { json: grid } = await park.admin.get(`/api/v1/grids/${east}`);
  const smaller = box(WEST + 0.04, NORTH - 0.04, WEST + 0.05, NORTH - 0.02);
  const reply = await park.admin.put(`/api/v1/grids/${east}`, { code: 'E', name: 'E', polygon: smaller },
    { 'if-match': `"${grid.version}"` });
  assert.equal(reply.status, 200, reply.text);
  for (let i = 0; i < 100; i++) {
    const row = (await stats(first.scene_id)).find((one) => one.zone === `grid:${east}`);
    if (Number(row.valid_fraction) > 0.99) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the old statistics stay');
});

test('parcels have a series of their own, and small ones are marked', async () => {
  const feature = (code, geometry) => ({ type: 'Feature', properties: { code, name: `地块${code}` }, geometry });
  const put = (features) => park.admin.request('PUT', '/api/v1/heat/parcels',
    { body: JSON.stringify({ type: 'FeatureCollection', features }), headers: { 'content-type': 'application/geo+json' } });
  const tiny = box(WEST + 0.0302, NORTH - 0.0304, WEST + 0.0304, NORTH - 0.0302);
  const bow = { type: 'Polygon', coordinates: [[[121, 30], [121.1, 30.1], [121.1, 30], [121, 30.1], [121, 30]]] };
  const refused = await put([feature('P1', tiny), feature('P2', bow)]);
  assert.equal(refused.status, 422);
  assert.equal(refused.json.reason, 'heat.parcel-shape');
  assert.match(refused.json.detail, /P2/);
  const taken = await put([feature('P1', tiny)]);
  assert.equal(taken.status, 200, taken.text);
  const [{ id }] = taken.json.items;
  for (let i = 0; i < 100; i++) {
    const { json } = await leader.get(`/api/v1/heat/series?zone=parcel:${id}`);
    if (json.points.length > 0) {
      assert.equal(json.points[0].below_resolution, true);
      near(json.points[0].mean_k, 296, 1e-3);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('no series');
});

test('fires are a layer of their own', async () => {
  const csv = 'latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,daynight\n'
    + '30.03,121.63,331.2,0.4,0.4,2026-02-11,0512,N,VIIRS,n,2.0NRT,290.1,3.4,D\n'
    + '30.02,121.62,345.9,0.4,0.4,2026-02-12,1800,N,VIIRS,h,2.0NRT,291.1,8.1,N\n';
  const send = (body) => park.admin.request('POST', '/api/v1/heat/fires',
    { body, headers: { 'content-type': 'text/csv', 'x-file-name': 'viirs.csv' } });
  assert.equal((await send('nothing\n1\n')).status, 400);
  const reply = await send(csv);
  assert.equal(reply.status, 201, reply.text);
  const { items } = (await leader.get('/api/v1/heat/fires?from=2026-02-12')).json;
  assert.equal(items.length, 1);
  assert.equal(items[0].confidence, 'high');
  assert.equal(items[0].at, '2026-02-12T18:00:00Z');
  assert.equal((await send(csv)).json.reason, 'heat.twice');
  assert.equal((await park.admin.delete(`/api/v1/heat/fires/sets/${reply.json.id}`)).status, 204);
  assert.deepEqual((await leader.get('/api/v1/heat/fires')).json.items, []);
});

const done = async (id) => {
  for (let i = 0; i < 200; i++) {
    const { json } = await leader.get(`/api/v1/heat/index/${id}`);
    if (json.state !== 'waiting') return json;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no comparison');
};

test('a zone that warms is found against its surroundings, and the other one is not', async () => {
  // Each day has a level and a weather of its own; from June on the western grid is 3 K warmer.
  const day = (date, n, more) => upload([[`w_${date}.tif`, geotiff({ west: WEST, north: NORTH, step: STEP, width: 80, height: 60,
    pixel: (x, y) => 285 + n + Math.sin(x / 9 + n) * 0.3 + ((x * 7 + y * 13 + n * 5) % 11) / 20
      + (x >= 20 && x < 40 && y >= 20 && y < 40 ? more : 0) })]], '?light=day');
  const ids = [];
  for (const [i, date] of ['20250502', '20250510', '20250518', '20250526'].entries()) ids.push((await day(date, i, 0)).json.id);
  for (const [i, date] of ['20250603', '20250611', '20250619', '20250627'].entries()) ids.push((await day(date, i + 6, 3)).json.id);
  for (const id of ids) assert.equal((await settled(id)).state, 'ready');
  const ask = { light: 'day', from: '2025-06-01', to: '2025-06-30', baseline_from: '2025-05-01', baseline_to: '2025-05-31' };
  assert.equal((await contact.post('/api/v1/heat/index', ask)).status, 403);
  assert.equal((await leader.post('/api/v1/heat/index', { ...ask, baseline_to: '2025-06-02' })).json.errors[0].reason, 'heat.period');
  const dark = await done((await leader.post('/api/v1/heat/index', { ...ask, light: 'night' })).json.id);
  assert.ok(dark.zones.every((one) => one.verdict === 'no-observation'), JSON.stringify(dark));
  const made = await leader.post('/api/v1/heat/index', ask);
  assert.equal(made.status, 201, made.text);
  const found = await done(made.json.id);
  assert.equal(found.state, 'ready', found.detail);
  const zone = (id) => found.zones.find((one) => one.zone === `grid:${id}`);
  assert.equal(zone(west).verdict, 'warmer', JSON.stringify(zone(west)));
  near(zone(west).kelvin, 3, 0.3);
  assert.equal(zone(west).views, 4);
  assert.notEqual(zone(east).verdict, 'warmer');
  assert.equal(zone(west).body.points.length, 8);
  assert.equal((await park.admin.delete(`/api/v1/heat/index/${found.id}`)).status, 204);
  assert.equal((await leader.get(`/api/v1/heat/index/${found.id}`)).status, 404);
});

test('a grid that covers all there is shows no change: there is nothing outside', async () => {
  const ids = [];
  for (const date of ['20240502', '20240510', '20240518', '20240603', '20240611', '20240619'])
    ids.push((await upload([[`all_${date}.tif`, geotiff({ west: WEST + 0.02, north: NORTH - 0.02, step: STEP, width: 20, height: 20,
      pixel: (x, y) => 280 + Number(date.slice(5)) / 100 + ((x * 7 + y * 13) % 11) / 20 })]], '?light=day')).json.id);
  for (const id of ids) assert.equal((await settled(id)).state, 'ready');
  const found = await done((await leader.post('/api/v1/heat/index',
    { light: 'day', from: '2024-06-01', to: '2024-06-30', baseline_from: '2024-05-01', baseline_to: '2024-05-31' })).json.id);
  const zone = (id) => found.zones.find((one) => one.zone === `grid:${id}`);
  const { verdict, lack, kelvin, interval, views, baseline_views: before, body } = zone(west);
  assert.deepEqual({ verdict, lack, kelvin, interval, views, before },
    { verdict: 'no-change-shown', lack: 'reference', kelvin: null, interval: null, views: 3, before: 3 });
  assert.deepEqual([body.scatter, body.drift, body.reference_pixels], [null, null, 0]);
  assert.deepEqual([zone(east).verdict, zone(east).lack], ['no-observation', 'baseline']);
});

test('contacts see none of it, and only the administrator changes it', async () => {
  assert.equal((await contact.get('/api/v1/heat/layers')).status, 403);
  assert.equal((await leader.request('POST', '/api/v1/heat/scenes?date=2026-01-01',
    { body: scene(9), headers: { 'content-type': 'image/tiff' } })).status, 403);
  assert.equal((await leader.get('/api/v1/heat/series?zone=grid:999')).status, 404);
  assert.equal((await leader.get('/api/v1/heat/series?zone=moon')).status, 422);
});

test('a restart goes on, and a removed scene is gone with its files', async () => {
  const reply = await upload([['later_20260301.tif', scene(1)]]);
  await park.restart();
  await park.setClock('2026-03-02T09:05:00+08:00');
  leader.port = contact.port = park.port;
  const done = await settled(reply.json.id);
  assert.equal(done.state, 'ready');
  assert.ok(readdirSync(path.join(park.dir, 'heat')).includes(done.id));
  assert.equal((await park.admin.delete(`/api/v1/heat/scenes/${done.id}`)).status, 204);
  assert.equal((await park.admin.get(`/api/v1/heat/scenes/${done.id}`)).status, 404);
  for (let i = 0; i < 50 && readdirSync(path.join(park.dir, 'heat')).includes(done.id); i++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(!readdirSync(path.join(park.dir, 'heat')).includes(done.id));
});
