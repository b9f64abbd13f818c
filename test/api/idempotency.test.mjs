import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPark } from './harness.mjs';

let park;
before(async () => { park = await startPark(); });
after(() => park.stop());

const add = (key, body, client = park.admin) => client.post('/api/v1/departments', body, { 'idempotency-key': key });
const count = async () => (await park.admin.get('/api/v1/departments')).json.items.length;

test('the same request under the same key acts once and answers the same', async () => {
  const first = await add('k1', { code: 'A', name: '安监' });
  assert.equal(first.status, 201);
  const before = await count();
  const again = await add('k1', { code: 'A', name: '安监' });
  assert.equal(again.status, 201);
  assert.equal(again.text, first.text);
  assert.equal(again.headers.location, first.headers.location);
  assert.equal(await count(), before);
});

test('at the same time too', async () => {
  const before = await count();
  const all = await Promise.all(Array.from({ length: 20 }, () => add('k2', { code: 'B', name: '环保' })));
  assert.deepEqual([...new Set(all.map((r) => r.status))], [201]);
  assert.equal(new Set(all.map((r) => r.json.id)).size, 1);
  assert.equal(await count(), before + 1);
});

test('another request under the key is refused', async () => {
  const reply = await add('k1', { code: 'C', name: '规建' });
  assert.equal(reply.status, 422);
  assert.equal(reply.json.reason, 'idempotency.other');
  const elsewhere = await park.admin.post('/api/v1/grids', { code: 'A', name: '安监' }, { 'idempotency-key': 'k1' });
  assert.equal(elsewhere.json.reason, 'idempotency.other');
});

test('a refused request may be repeated', async () => {
  assert.equal((await add('k3', { code: 'A', name: '重号' })).status, 409);
  assert.equal((await add('k3', { code: 'D', name: '重号' })).status, 201);
});

test('keys belong to their person, and end after a day', async () => {
  const other = await park.person({ roles: [['system_admin']] });
  assert.equal((await add('k1', { code: 'E', name: '应急' }, other)).status, 201);
  await park.advance({ hours: 25 });
  await park.admin.signIn('admin');
  assert.equal((await add('k1', { code: 'F', name: '综合' })).status, 201);
});

test('it survives the end of the program', async () => {
  const first = await add('k4', { code: 'G', name: '招商' });
  await park.restart();
  await park.admin.signIn('admin');
  assert.equal((await add('k4', { code: 'G', name: '招商' })).json.id, first.json.id);
});

test('a secret is not kept for the repeat', async () => {
  const make = () => park.admin.post('/api/v1/tokens', { name: 't' }, { 'idempotency-key': 'k5' });
  assert.equal((await make()).status, 201);
  assert.equal((await make()).json.reason, 'idempotency.secret');
  assert.equal((await park.admin.get('/api/v1/tokens')).json.items.length, 1);
});

test('a key has bounds', async () => {
  assert.equal((await add('x'.repeat(200), { code: 'H', name: 'h' })).json.reason, 'idempotency.key');
});
