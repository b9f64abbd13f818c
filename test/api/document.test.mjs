// The OpenAPI document, the metrics, and the files of the web app.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startPark } from './harness.mjs';

let park, web;
before(async () => {
  web = mkdtempSync(path.join(tmpdir(), 'kuailian-web-'));
  mkdirSync(path.join(web, 'assets'));
  writeFileSync(path.join(web, 'index.html'), '<!doctype html><title>园</title>');
  writeFileSync(path.join(web, 'assets/app-1234.js'), 'console.log(1)');
  park = await startPark({ args: ['--web-dir', web] });
});
after(async () => {
  rmSync(web, { recursive: true, force: true });
  await park.stop();
});

function checkSchema(schema, where) {
  if (schema === true || Object.keys(schema).length === 0) return;
  const types = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'];
  for (const type of [schema.type ?? 'object'].flat()) assert.ok(types.includes(type), `${where}: ${type}`);
  if (schema.type === 'array') checkSchema(schema.items, `${where}[]`);
  for (const name of schema.required ?? []) assert.ok(schema.properties[name], `${where}: ${name} is required but unknown`);
  for (const [name, property] of Object.entries(schema.properties ?? {})) checkSchema(property, `${where}.${name}`);
}

test('the OpenAPI document is whole', async () => {
  const reply = await park.client().get('/api/v1/openapi.json');
  assert.equal(reply.status, 200);
  const { json } = reply;
  assert.equal(json.openapi, '3.1.0');
  assert.ok(json.info.title && json.info.version);
  const ids = new Set();
  for (const [target, methods] of Object.entries(json.paths)) {
    assert.match(target, /^\/[\w./{}-]*$/);
    for (const [method, operation] of Object.entries(methods)) {
      const where = `${method} ${target}`;
      assert.match(method, /^(get|post|put|patch|delete)$/);
      assert.ok(operation.summary, where);
      assert.ok(!ids.has(operation.operationId), `${where}: ${operation.operationId} stands twice`);
      ids.add(operation.operationId);
      const names = [...target.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
      const described = operation.parameters.filter((p) => p.in === 'path').map((p) => p.name);
      assert.deepEqual(described, names, where);
      for (const parameter of operation.parameters) checkSchema(parameter.schema, `${where} ${parameter.name}`);
      const body = operation.requestBody?.content['application/json']?.schema;
      if (body) checkSchema(body, where);
      const answers = Object.keys(operation.responses).filter((code) => code !== 'default');
      assert.equal(answers.length, 1, where);
      const content = operation.responses[answers[0]].content ?? {};
      for (const { schema } of Object.values(content)) if (schema) checkSchema(schema, where);
      assert.equal(operation.responses.default.$ref, '#/components/responses/Problem');
    }
  }
});

test('the document says what the program answers', async () => {
  const { json } = await park.client().get('/api/v1/openapi.json');
  for (const target of ['/api/v1/me', '/api/v1/settings', '/api/v1/setup']) {
    const { schema } = json.paths[target].get.responses[200].content['application/json'];
    const reply = await park.admin.get(target);
    assert.deepEqual(Object.keys(reply.json).sort(), [...schema.required].sort(), target);
  }
});

test('metrics count, and are not for everybody', async () => {
  const { text, headers } = await park.client().get('/metrics');
  assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  assert.match(text, /^kuailian_commits_total [1-9]/m);
  assert.match(text, /^kuailian_route_requests_total\{method="POST",route="\/api\/v1\/setup"\} 1$/m);
  for (const line of text.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) |[a-z_]+(\{[^}]*\})? -?[\d.]+$)/);
  assert.equal((await park.client().get('/healthz')).text, 'ok\n');
});

test('the web app is served, its pages too, and nothing besides', async () => {
  const anybody = park.client();
  for (const target of ['/', '/cases/12', '/index.html']) {
    const reply = await anybody.get(target);
    assert.equal(reply.status, 200, target);
    assert.match(reply.text, /园/);
    assert.equal(reply.headers['cache-control'], 'no-cache');
    const csp = reply.headers['content-security-policy'];
    assert.match(csp, /script-src 'self';/);
    assert.doesNotMatch(csp, /script-src[^;]*unsafe/);
    assert.match(csp, /frame-ancestors 'none'/);
  }
  const script = await anybody.get('/assets/app-1234.js');
  assert.match(script.headers['content-type'], /javascript/);
  assert.match(script.headers['cache-control'], /immutable/);
  assert.equal((await anybody.get('/assets/none.js')).status, 404);
  assert.equal((await anybody.get('/api/v1/nothing')).status, 404);
  assert.equal((await anybody.post('/')).status, 404);
});

test('versions guard against lost changes', async () => {
  const now = await park.admin.get('/api/v1/settings');
  assert.equal(now.headers.etag, `"${now.json.version}"`);
  assert.equal((await park.admin.get('/api/v1/settings', { 'if-none-match': now.headers.etag })).status, 304);
  const { version, ...body } = now.json;
  assert.equal((await park.admin.put('/api/v1/settings', body, { 'if-match': `"${version + 1}"` })).status, 412);
  assert.equal((await park.admin.put('/api/v1/settings', body, { 'if-match': now.headers.etag })).status, 200);
  assert.equal((await park.admin.put('/api/v1/settings', body, { 'if-match': now.headers.etag })).json.reason, 'version.old');
  const origin = await park.admin.put('/api/v1/settings', { ...body, origin: 'javascript:alert(1)' });
  assert.equal(origin.json.errors[0].field, 'origin');
});

test('how long the steps of closed cases are kept is a setting', async () => {
  const { version, ...now } = (await park.admin.get('/api/v1/settings')).json;
  assert.equal(now.history_days, 1095);
  const put = async (body) => park.admin.put('/api/v1/settings', body,
    { 'if-match': (await park.admin.get('/api/v1/settings')).headers.etag });
  assert.equal((await put({ ...now, history_days: 400 })).json.history_days, 400);
  const { history_days: unsaid, ...rest } = now; // Who does not speak of it changes nothing.
  assert.equal((await put(rest)).json.history_days, 400);
  const short = await put({ ...now, history_days: 29 });
  assert.deepEqual([short.status, short.json.errors[0].field], [422, 'history_days']);
  assert.equal((await put({ ...now, history_days: 1095 })).json.history_days, 1095);
});

test('the journal shows itself to everybody and its entries to auditors', async () => {
  const anybody = park.client();
  assert.match((await anybody.get('/journal/checkpoint')).text, /^kuailian\/1\n\d+\n/);
  assert.match((await anybody.get('/journal/key')).text, /^kuailian\/1\+[0-9a-f]{8}\+/);
  const size = Number((await anybody.get('/journal/checkpoint')).text.split('\n')[1]);
  const tile = await anybody.get(`/journal/tile/0/000.p/${size}`);
  assert.equal(tile.buffer.length, 32 * size);
  const list = (await park.admin.get('/api/v1/journal/entries?limit=3')).json;
  assert.equal(list.items.length, 3);
  const more = (await park.admin.get(`/api/v1/journal/entries?limit=3&cursor=${list.next}`)).json;
  assert.equal(more.items[0].seq, list.items[2].seq - 1);
  const kinds = (await park.admin.get('/api/v1/journal/entries?kind=role.')).json.items.map((e) => e.kind);
  assert.deepEqual([...new Set(kinds)], ['role.granted']);
});
