import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPark } from './harness.mjs';

let park;
before(async () => { park = await startPark(); });
after(() => park.stop());

const rename = (name) => park.admin.put('/api/v1/settings',
  { park_name: name, time_zone: 'Asia/Shanghai', map: { lat: 30, lng: 121, zoom: 12 } });

test('a change arrives after its commit, with the journal\'s number', async () => {
  const stream = park.admin.events();
  await stream.ready;
  assert.equal(stream.status, 200);
  assert.equal((await rename('一')).status, 200);
  const event = await stream.next();
  assert.equal(event.event, 'register');
  assert.equal(event.data.kind, 'settings.changed');
  assert.match(event.id, /^\d+$/);
  stream.close();
});

test('a page that comes back gets what it missed, once and in order', async () => {
  const first = park.admin.events();
  await first.ready;
  await rename('二');
  const { id } = await first.next();
  first.close();
  for (let i = 0; i < 60; i++) await rename(`名${i}`);
  const again = park.admin.events({ 'last-event-id': id });
  await again.ready;
  const seen = [];
  for (let i = 0; i < 60; i++) seen.push(Number((await again.next())?.id));
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  assert.equal(new Set(seen).size, 60);
  assert.ok(seen.every((n) => n > Number(id)));
  assert.equal(await again.next(300), undefined);
  await rename('三');
  assert.ok(Number((await again.next()).id) > seen.at(-1));
  again.close();
});

test('nobody listens without a session, or after it', async () => {
  const nobody = park.client().events();
  await nobody.ready;
  assert.equal(nobody.status, 401);
  const other = park.client();
  await other.signIn('admin');
  const stream = other.events();
  await stream.ready;
  await other.delete('/api/v1/session');
  await rename('四');
  assert.equal(await stream.next(1500), undefined);
  assert.equal(stream.closed, true);
  assert.equal((await park.admin.get('/events', { 'last-event-id': 'x' })).status, 422);
});

test('the server stops with streams open and requests on their way, whenever it is told', async () => {
  for (let round = 0; round < 8; round++) {
    const streams = Array.from({ length: 50 }, () => park.admin.events());
    await Promise.all(streams.map((s) => s.ready));
    const writes = Array.from({ length: 40 }, (_, i) => rename(`停${i}`).catch(() => undefined));
    await new Promise((resolve) => { setTimeout(resolve, round / 2); });
    await park.halt();
    await Promise.all(writes);
    assert.equal(park.log(), '');
    await park.restart();
    await park.admin.signIn('admin');
  }
  assert.equal((await park.admin.get('/api/v1/me')).status, 200);
});
