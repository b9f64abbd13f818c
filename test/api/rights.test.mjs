// Every route with every role and with nobody, taken from the program's own document; and what one
// person may not see of another's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD, startPark } from './harness.mjs';

let park, people, routes, grid, department, enterprise;

const SCOPES = { contact: () => enterprise, grid_member: () => grid, grid_leader: () => grid,
  officer: () => department, department_head: () => department };
const ROLES = ['contact', 'grid_member', 'grid_leader', 'officer', 'department_head', 'leader', 'trading_officer',
  'gate_guard', 'auditor', 'system_admin', 'security_admin', 'audit_admin', 'engine_client'];

before(async () => {
  park = await startPark();
  grid = await park.grid();
  department = await park.department();
  enterprise = await park.enterprise(grid);
  people = {};
  for (const role of ROLES)
    people[role] = await park.person({ name: role, kind: role === 'contact' ? 'contact' : 'staff',
      roles: [[role, SCOPES[role]?.()]] });
  const paths = (await park.admin.get('/api/v1/openapi.json')).json.paths;
  routes = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, route]) => ({
    method: method.toUpperCase(), path: path.replace(/\{[^}]*\}/g, '999'), roles: route['x-roles'], what: `${method} ${path}` })));
});
after(() => park.stop());

const ask = (client, { method, path }) => {
  if (path === '/events') return askStream(client);
  return client.request(method, path, { body: method === 'GET' ? undefined : '{}', headers: { 'content-type': 'application/json' } });
};

async function askStream(client) {
  const stream = client.events();
  await stream.ready;
  stream.close();
  return { status: stream.status, text: '', json: stream.status === 403 ? { reason: 'role.none' } : {} };
}

test('nobody without a session reaches anything but what is public', async (t) => {
  const nobody = park.client(), stranger = park.client();
  stranger.token = `kl_${'A'.repeat(43)}`;
  const open = routes.filter((r) => !r.roles).map((r) => r.what).sort();
  t.diagnostic(`public: ${open.join(', ')}`);
  assert.deepEqual(open.filter((what) => !/setup|session|openapi|healthz|metrics|\/journal\/|\/open311|discovery|\/v2\/(license|status)$/.test(what)), []);
  for (const route of routes.filter((r) => r.roles)) {
    for (const client of [nobody, stranger]) {
      const reply = await ask(client, route);
      assert.equal(reply.status, 401, `${route.what}: ${reply.text}`);
    }
  }
});

test('each role reaches its own routes and no other', async (t) => {
  assert.ok(routes.length > 30);
  for (const role of ROLES) {
    await t.test(role, async () => {
      for (const route of routes) {
        if (!route.roles || route.what === 'delete /api/v1/session') continue;
        const reply = await ask(people[role], route);
        if (route.roles.includes(role)) {
          assert.notEqual(reply.status, 401, route.what);
          assert.notEqual(reply.json?.reason, 'role.none', route.what);
        } else {
          assert.equal(reply.status, 403, `${route.what}: ${reply.text}`);
          assert.equal(reply.json.reason, 'role.none', route.what);
        }
        assert.notEqual(reply.status, 500, `${route.what}: ${reply.text}`);
      }
    });
  }
});

test('a right that is taken away is gone with the next request', async () => {
  const officer = await park.person({ roles: [['system_admin']] });
  assert.equal((await officer.post('/api/v1/grids', {})).status, 422);
  const path = `/api/v1/people/${officer.id}/roles`;
  const left = await park.admin.delete(path, { role: 'system_admin' });
  assert.deepEqual(left.json.roles, []);
  assert.equal((await officer.post('/api/v1/grids', {})).json.reason, 'role.none');
  assert.equal((await park.admin.delete(path, { role: 'system_admin' })).status, 404);
});

test('a closed account ends sessions and tokens at once', async () => {
  const officer = await park.person({ roles: [['leader']] });
  const script = park.client();
  script.token = (await officer.post('/api/v1/tokens', { name: 'x' })).json.token;
  assert.equal((await script.get('/api/v1/me')).status, 200);
  const path = `/api/v1/people/${officer.id}/account`;
  const closed = await park.admin.put(path, { login: officer.login, state: 'disabled' });
  assert.equal(closed.json.state, 'disabled');
  assert.equal((await officer.get('/api/v1/me')).status, 401);
  assert.equal((await script.get('/api/v1/me')).status, 401);
  assert.equal((await park.client().post('/api/v1/session', { login: officer.login, password: PASSWORD })).status, 401);
  const own = await park.admin.put(`/api/v1/people/${park.admin.me.person.id}/account`, { login: 'admin', state: 'disabled' });
  assert.equal(own.json.reason, 'account.own');
});

test('nobody lifts oneself up, and the door is never locked from inside', async () => {
  const guard = await park.person({ roles: [['security_admin']] });
  const self = `/api/v1/people/${guard.id}/roles`;
  assert.equal((await guard.post(self, { role: 'system_admin' })).json.reason, 'role.own');
  const admin = `/api/v1/people/${park.admin.me.person.id}/roles`;
  for (const id of [people.security_admin.id, park.admin.me.person.id])
    assert.equal((await guard.delete(`/api/v1/people/${id}/roles`, { role: 'security_admin' })).status, 200);
  assert.equal((await guard.delete(self, { role: 'security_admin' })).json.reason, 'role.last-security-admin');
  assert.equal((await guard.post(admin, { role: 'security_admin' })).status, 200);
});

test('roles need the scope that fits them', async (t) => {
  const path = `/api/v1/people/${people.leader.id}/roles`;
  for (const [body, want] of [[{ role: 'grid_member' }, 422], [{ role: 'leader', scope_id: grid }, 422],
    [{ role: 'grid_member', scope_id: department }, 422], [{ role: 'king' }, 422],
    [{ role: 'grid_member', scope_id: grid }, 200], [{ role: 'grid_member', scope_id: grid }, 200]]) {
    await t.test(JSON.stringify(body), async () => {
      assert.equal((await park.admin.post(path, body)).status, want);
    });
  }
  assert.equal((await park.admin.post('/api/v1/people/12345/roles', { role: 'leader' })).status, 404);
});

test('a person with a given password can do nothing but change it', async () => {
  const id = await park.make('/api/v1/people', { name: '新人', kind: 'staff' });
  await park.admin.put(`/api/v1/people/${id}/account`, { login: 'newcomer', password: 'given by admin', state: 'active' });
  await park.admin.post(`/api/v1/people/${id}/roles`, { role: 'leader' });
  const client = park.client();
  await client.signIn('newcomer', 'given by admin');
  assert.equal(client.me.must_change_password, true);
  assert.equal((await client.get('/api/v1/settings')).json.reason, 'password.must-change');
  assert.equal((await client.post('/api/v1/me/password', { old: 'given by admin', new: PASSWORD })).status, 204);
  assert.equal((await client.get('/api/v1/settings')).status, 200);
});

test('one person\'s tokens are nobody else\'s', async () => {
  const made = await people.leader.post('/api/v1/tokens', { name: 'mine' });
  assert.equal((await people.officer.delete(`/api/v1/tokens/${made.json.id}`)).status, 404);
  assert.deepEqual((await people.officer.get('/api/v1/tokens')).json.items, []);
  assert.equal((await people.leader.delete(`/api/v1/tokens/${made.json.id}`)).status, 204);
});

test('a contact learns nothing of another enterprise', async () => {
  const other = await park.enterprise(grid, '海天石化');
  const { contact } = people;
  const hidden = await contact.get(`/api/v1/enterprises/${other}`);
  const missing = await contact.get('/api/v1/enterprises/999');
  assert.equal(hidden.status, 404);
  assert.equal(hidden.text, missing.text);
  const all = await contact.get('/api/v1/enterprises');
  assert.ok(!all.text.includes('海天石化'));
  assert.equal((await contact.get(`/api/v1/enterprises/${enterprise}`)).status, 200);
});

test('accounts are listed with state and roles, page by page', async () => {
  const first = await park.admin.get('/api/v1/accounts?limit=5');
  assert.equal(first.json.items.length, 5);
  assert.ok(first.json.next);
  const seen = new Set(first.json.items.map((a) => a.login));
  for (let { next } = first.json; next;) {
    const page = (await park.admin.get(`/api/v1/accounts?limit=5&cursor=${next}`)).json;
    for (const a of page.items) assert.ok(!seen.has(a.login)) ?? seen.add(a.login);
    next = page.next;
  }
  assert.ok(seen.size >= ROLES.length);
  const found = (await park.admin.get('/api/v1/accounts?q=grid_mem')).json.items;
  assert.equal(found.length, 1);
  assert.equal(found[0].roles[0].name, '一号网格');
  for (let i = 0; i < 5; i++) await park.client().post('/api/v1/session', { login: found[0].login, password: 'x' });
  const locked = (await park.admin.get('/api/v1/accounts?q=grid_mem')).json.items[0];
  assert.equal(locked.state, 'locked');
  const unlocked = await park.admin.post(`/api/v1/people/${locked.person.id}/unlock`);
  assert.equal(unlocked.json.state, 'active');
});
