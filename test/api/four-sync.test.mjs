// Four-sync over the API: departments side by side, and who may see and do what in it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { made, startPark, table } from './harness.mjs';

const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from('picture')]);
const FORM = { title: '5 万吨树脂扩建', category: 'expand', text: '扩建一条生产线。', need: 'plan', hazard: 'chemicals',
  environmental: 'form', construction: 'none', energy: 'below', utilities: 'none' };
const DUE = '2026-12-11T17:30:00+08:00';

let park, enterprise, contact, stranger, uninvolved, member, leader;
const officers = {}, seconds = {}, departments = {};

before(async () => {
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  const grid = await park.grid();
  enterprise = await park.enterprise(grid);
  contact = await park.person({ name: '陈洁', kind: 'contact', roles: [['contact', enterprise]] });
  stranger = await park.person({ name: '刘洋', kind: 'contact', roles: [['contact', await park.enterprise(grid, '博汇石化')]] });
  for (const code of ['service-office', 'economy', 'safety', 'environment', 'construction']) {
    departments[code] = await park.make('/api/v1/departments', { code, name: `${code} 局` });
    officers[code] = await park.person({ name: `${code}甲`, roles: [['officer', departments[code]]] });
    seconds[code] = await park.person({ name: `${code}乙`, roles: [['officer', departments[code]]] });
  }
  uninvolved = officers.construction;
  member = await park.person({ name: '王强', roles: [['grid_member', grid]] });
  leader = await park.person({ name: '吴刚', roles: [['leader']] });
}, { timeout: 60000 });
after(() => park?.stop());

const file = () => made(contact.post('/api/v1/cases', { service: 'four-sync', enterprise_id: enterprise, form: FORM, file_ids: [] }), 201);
const task = (found, element, department) => found.tasks.find((t) => t.element === element
  && (!department || t.department_id === departments[department]));
const complete = (who, found, element, department, body = {}) =>
  made(who.post(`/api/v1/tasks/${task(found, element, department).id}/complete`, body));
const photo = async (who) => (await made(who.request('POST', '/api/v1/files',
  { body: PNG, headers: { 'content-type': 'image/png', 'x-file-name': 'x.png' } }), 201)).id;

test('the service says its stages, lists and forms', async () => {
  const service = await made(contact.get('/api/v1/services/four-sync'));
  assert.deepEqual(service.stages.map((s) => s.key), ['accept', 'visit', 'rectify', 'acceptance', 'file']);
  assert.deepEqual(service.lists.map((l) => l.name_en), ['Merged checklist', 'Rectification list']);
  assert.ok(service.task_forms.plan.components.some((c) => c.key === 'visit_on'));
});

test('one form reaches three departments, and nobody else sees it', async (t) => {
  const found = await file();
  assert.match(found.number, /^ST20261123\d{4}$/);
  assert.equal(found.decided.urgent, false);
  assert.deepEqual(found.decided.departments, ['economy', 'safety', 'environment']);
  assert.deepEqual(found.steps.map((s) => [s.stage, s.department.code]), [['accept', 'economy'], ['accept', 'safety'], ['accept', 'environment']]);
  const c = `/api/v1/cases/${found.id}`, at = task(found, 'accept', 'safety').id, item = found.items[0].id;
  const attachment = await photo(contact);
  await made(contact.post(`${c}/messages`, { text: '总平面图', file_ids: [attachment] }), 201);
  const rows = [];
  for (const [name, who] of [['a second enterprise', stranger], ['a department not involved', uninvolved]]) {
    rows.push([`${name} reads`, [who, 'GET', c], 404], [`${name} asks for the proof`, [who, 'GET', `${c}/proof`], 404],
      [`${name} fetches a file`, [who, 'GET', `/api/v1/files/${attachment}`], 404],
      [`${name} writes`, [who, 'POST', `${c}/messages`, { body: { text: 'x' } }], 404],
      [`${name} accepts`, [who, 'POST', `/api/v1/tasks/${at}/complete`, { body: {} }], 404]);
    assert.equal((await who.get('/api/v1/cases')).text.includes(found.number), false, name);
    assert.deepEqual((await who.get('/api/v1/tasks')).json.items, [], name);
    assert.deepEqual((await who.get(`/api/v1/search?q=${encodeURIComponent('树脂')}`)).json.cases, [], name);
  }
  rows.push(['a department not involved marks an item', [uninvolved, 'POST', `/api/v1/tasks/${at}/items/${item}`, { body: { state: 'met' } }], 404],
    ['a second enterprise marks an item', [stranger, 'POST', `/api/v1/tasks/${at}/items/${item}`, { body: { state: 'met' } }], { status: 403, reason: 'role.none' }],
    ['another department of it sees it', [officers.economy, 'GET', c], 200],
    ['the lead department sees it before its turn', [officers['service-office'], 'GET', c], 200],
    ['the grid member sees it', [member, 'GET', c], 200],
    ['another department of it does not sign for this one', [officers.economy, 'POST', `/api/v1/tasks/${at}/complete`, { body: {} }], { status: 403, reason: 'task.not-yours' }],
    ['nor does the leader', [leader, 'POST', `/api/v1/tasks/${at}/complete`, { body: {} }], { status: 403, reason: 'task.not-yours' }],
    ['nor the grid member', [member, 'POST', `/api/v1/tasks/${at}/complete`, { body: {} }], { status: 403, reason: 'task.not-yours' }],
    ['nor the applicant', [contact, 'POST', `/api/v1/tasks/${at}/complete`, { body: {} }], 404],
    ['an item is not marked from another task', [officers.safety, 'POST', `/api/v1/tasks/${at}/items/${item}`, { body: { state: 'met' } }], { status: 409, reason: 'task.no-items' }],
    ['an answer nobody asked for is refused', [officers.safety, 'POST', `/api/v1/tasks/${at}/complete`, { body: { form: { x: 1 } } }], 422]);
  await table(t, assert, rows);
});

test('supplement, visit, rectification with evidence, a refusal, acceptance', async () => {
  let found = await file();
  found = await complete(officers.safety, found, 'accept', 'safety', { outcome: 'supplement', text: '缺安全评价报告' });
  assert.equal(found.clocks.find((c) => c.key === 'safety').state, 'paused');
  assert.equal(found.clocks.find((c) => c.key === 'economy').state, 'running');
  const asked = task(found, 'supply').id;
  assert.deepEqual((await made(contact.get('/api/v1/tasks'))).items.map((t) => t.id), [asked]);
  const lately = (body) => contact.post(`/api/v1/tasks/${asked}/complete`, body);
  found = await made(lately({ text: '已补', file_ids: [await photo(contact)] }));
  assert.equal(found.steps.find((s) => s.element === 'supply').files.length, 1);
  for (const code of ['economy', 'safety', 'environment']) {
    found = await made(officers[code].get(`/api/v1/cases/${found.id}`));
    found = await complete(officers[code], found, 'accept', code);
  }
  found = await made(officers['service-office'].get(`/api/v1/cases/${found.id}`));
  found = await complete(officers['service-office'], found, 'plan', null,
    { form: { visit_on: '2026-11-27', place: '正门', guide: '陈工' } });
  assert.equal(found.steps.find((s) => s.element === 'plan').answers.visit_on, '2026-11-27');
  for (const code of ['economy', 'safety', 'environment']) {
    const who = officers[code], { id } = task(found, 'inspect', code);
    for (const item of found.items.filter((i) => i.department.id === departments[code])) {
      const bad = code === 'safety' && item.number === 2;
      found = await made(who.post(`/api/v1/tasks/${id}/items/${item.id}`,
        bad ? { state: 'unmet', text: '联锁未投用', due_at: DUE, file_ids: [await photo(who)] } : { state: 'met' }));
    }
    found = await complete(who, found, 'inspect', code, { form: { inspectors: '王强、李娜' } });
  }
  const lead = officers['service-office'];
  found = await complete(lead, found, 'issue');
  const [item] = found.items.filter((i) => i.list === 'rectification');
  assert.equal(item.files.length, 1);
  const bare = await contact.post(`/api/v1/tasks/${task(found, 'fix').id}/complete`, { text: '好了' });
  assert.equal(bare.json.reason, 'task.evidence');
  found = await made(contact.get(`/api/v1/cases/${found.id}`));
  found = await complete(contact, found, 'fix', null, { text: '已投用', file_ids: [await photo(contact)] });
  found = await made(officers.safety.get(`/api/v1/cases/${found.id}`));
  found = await complete(officers.safety, found, 'recheck', 'safety', { outcome: 'passed' });
  assert.equal(found.items.find((i) => i.id === item.id).state, 'closed');
  const sign = (code, body = {}) => complete(officers[code], found, 'opinion', code, { form: { document: `${code}-1` }, ...body });
  found = await sign('economy');
  found = await made(officers.environment.post(`/api/v1/tasks/${task(found, 'opinion', 'environment').id}/items`,
    { title: '补环保标识', text: '排口标识缺失', due_at: DUE, owner_id: departments.safety }), 200);
  found = await sign('environment', { outcome: 'declined', text: '标识缺失' });
  found = await sign('safety');
  found = await complete(lead, await made(lead.get(`/api/v1/cases/${found.id}`)), 'issue');
  found = await made(officers.safety.get(`/api/v1/cases/${found.id}`));
  found = await complete(officers.safety, found, 'fix', null, { text: '已挂牌', file_ids: [await photo(officers.safety)] });
  found = await complete(officers.environment, found, 'recheck', 'environment');
  for (const code of ['economy', 'safety', 'environment']) found = await sign(code);
  assert.deepEqual(found.steps.filter((s) => s.element === 'opinion').map((s) => s.outcome.key),
    ['agreed', 'agreed', 'declined', 'agreed', 'agreed', 'agreed']);
  found = await complete(lead, found, 'file', null, { form: { file_number: 'A-1' }, text: '办结' });
  assert.equal(found.status, 'to_rate');
  found = await made(contact.post(`/api/v1/cases/${found.id}/rating`, { level: 5 }));
  assert.equal(found.status, 'archived');
});
