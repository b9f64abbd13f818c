// Real scenes through the upload API: the numbers of ../shared/heat/README.md, on grids that cover each of them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startPark } from './harness.mjs';
import { form } from './tiff.mjs';

const home = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../shared/heat');
const skip = existsSync(home) ? false : 'skipped: ../shared/heat is not there';
const box = (w, s, e, n) => ({ type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] });
const near = (found, want, by, what) => assert.ok(Math.abs(Number(found) - want) <= by, `${what}: ${found} is not ${want}`);

const AREAS = { colombia: box(-76.2, 0.3, -74, 2.6), greenland: box(-44, 70.5, -34, 74), brazil: box(-42, -11, -29, 1) };
const parks = {}; // One each: a park lies in one place.

before(async () => {
  for (const [name, polygon] of Object.entries(skip ? {} : AREAS)) {
    const park = await startPark({ at: '2026-03-02T09:00:00+08:00' });
    parks[name] = { park, zone: `grid:${await park.make('/api/v1/grids', { code: name, name, polygon })}` };
  }
});
after(() => Promise.all(Object.values(parks).map(({ park }) => park.stop())));

const files = (folder, wanted) => readdirSync(path.join(home, folder)).filter((name) => wanted.test(name))
  .map((name) => [name, readFileSync(path.join(home, folder, name))]);

// Uploads, waits, and gives the scene with what a layer of it says of the area.
async function read(area, list, query = '') {
  const { park, zone } = parks[area];
  const { body, headers } = form(list);
  const reply = await park.admin.request('POST', `/api/v1/heat/scenes${query}`, { body, headers });
  assert.equal(reply.status, 201, reply.text);
  for (let i = 0; i < 200; i++) {
    const { json: scene } = await park.admin.get(`/api/v1/heat/scenes/${reply.json.id}`);
    if (scene.state === 'ready') {
      const { items } = (await park.admin.get(`/api/v1/heat/scenes/${scene.id}/stats`)).json;
      const { items: layers } = (await park.admin.get(`/api/v1/heat/layers?scene_id=${scene.id}`)).json;
      return { scene, layers, of: (layer = layers[0]) => items.find((one) => one.zone === zone && one.layer_id === layer.id) };
    }
    assert.notEqual(scene.state, 'refused', scene.detail);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the scene does not get ready: ${park.log()}`);
}

test('Landsat Collection 2: clouds and the floor value are left out without being asked for', { skip }, async () => {
  const { scene, layers, of } = await read('colombia', files('landsat-c2l2-colombia-20191201', /(MTL\.txt|QA_PIXEL|ST_B10|ST_QA)/));
  assert.equal(scene.files, 4);
  assert.equal(scene.first_date, '2019-12-01');
  assert.equal(layers[0].light, 'day');
  near(of().clear, 21323, 1e-3, 'clear');
  near(of().mean_k, 308.3474, 1e-4, 'mean');
});

test('Landsat Collection 2: with water left out as well, a scene of its own', { skip }, async () => {
  const { of } = await read('colombia', files('landsat-c2l2-colombia-20191201', /(MTL\.txt|QA_PIXEL|ST_B10)/), '?mask=default,water');
  near(of().clear, 21238, 1e-3, 'clear');
  near(of().mean_k, 308.3417, 1e-4, 'mean');
});

test('Landsat of Greenland: under the snow bit nothing is left, and that is no observation', { skip }, async () => {
  const list = files('landsat-c2l2-greenland-20150710', /(MTL\.txt|QA_PIXEL|ST_B10|ST_QA)/);
  const plain = await read('greenland', list);
  near(plain.of().clear, 47323, 1e-3, 'clear');
  near(plain.of().mean_k, 265.1316, 1e-4, 'mean');
  const snow = await read('greenland', list.slice(0, 3).filter(([name]) => !/ST_QA/.test(name)), '?mask=default,snow');
  assert.equal(snow.of().state, 'no_observation');
  assert.equal(snow.of().mean_k, null);
});

test('MODIS as HDF4: day and night are layers of their own', { skip }, async () => {
  const { scene, layers, of } = await read('brazil', files('modis-mod11a1-h14v09-2019305', /\.hdf$/));
  assert.equal(scene.first_date, '2019-11-01');
  assert.deepEqual(layers.map((one) => one.light).sort(), ['day', 'night']);
  const light = (name) => of(layers.find((one) => one.light === name));
  near(light('day').clear, 251784, 1e-2, 'clear by day');
  near(light('day').mean_k, 314.064, 5e-4, 'mean by day');
  near(light('night').clear, 141975, 1e-2, 'clear by night');
  near(light('night').mean_k, 294.088, 5e-4, 'mean by night');
});

test('MODIS as GeoTIFF gives the same day', { skip }, async () => {
  const { of } = await read('brazil', files('modis-mod11a1-h14v09-2019305', /(LST_Day_1km|QC_Day)\.tif$/));
  near(of().clear, 251784, 1e-2, 'clear');
  near(of().mean_k, 314.064, 5e-4, 'mean');
});
