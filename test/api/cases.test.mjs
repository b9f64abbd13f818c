// The loop of an enterprise's request, from filing to rating, and who may do what in it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { creditCode, made, startPark, table } from './harness.mjs';

const CODES = ['91330200MA2AABCD0K', '91330200144052096T'];
const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from('picture')]);
const FORM = { title: '蒸汽压力不足', category: 'utilities', text: '昨晚起蒸汽压力只有 0.4 MPa，影响生产。' };

// Sessions end while the clock runs ahead; tokens do not.
async function person(about) {
  const client = await park.person(about);
  client.token = (await made(client.post('/api/v1/tokens', { name: 'test' }))).token;
  client.cookie = client.csrf = undefined;
  return client;
}

let park, grid, otherGrid, department, enterprise, other;
let contact, stranger, member, member2, gridLeader, officer, head, leader;

before(async () => {
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  const admin = park.admin;
  grid = (await made(admin.post('/api/v1/grids', { code: 'G01', name: '一号网格' }))).id;
  otherGrid = (await made(admin.post('/api/v1/grids', { code: 'G02', name: '二号网格' }))).id;
  department = (await made(admin.post('/api/v1/departments', { code: 'utilities', name: '公用事业部' }))).id;
  const firm = (n, name, grid_id) => made(admin.post('/api/v1/enterprises', {
    code: creditCode(n), name, short_name: name, grid_id, industry: '化工', status: 'active',
    address: '海天路 1 号', scale: '', note: '' }));
  enterprise = (await firm(1, '镇洋化工', grid)).id;
  other = (await firm(2, '博汇石化', grid)).id;
  contact = await person({ name: '陈洁', kind: 'contact', roles: [['contact', enterprise]] });
  stranger = await person({ name: '刘洋', kind: 'contact', roles: [['contact', other]] });
  member = await person({ name: '王强', roles: [['grid_member', grid]] });
  member2 = await person({ name: '李娜', roles: [['grid_member', grid]] });
  gridLeader = await person({ name: '赵敏', roles: [['grid_leader', grid]] });
  officer = await person({ name: '孙磊', roles: [['officer', department]] });
  head = await person({ name: '周涛', roles: [['department_head', department]] });
  leader = await person({ name: '吴刚', roles: [['leader']] });
});
after(() => park?.stop());

async function file(form = FORM, more = {}) {
  return made(contact.post('/api/v1/cases', { service: 'request', enterprise_id: enterprise, form, ...more }));
}
const read = async (who, id) => made(who.get(`/api/v1/cases/${id}`), 200);
const task = (found, element) => found.tasks.find((t) => t.element === element);
async function act(who, found, element, action, body = {}) {
  const at = task(found, element);
  assert.ok(at, `no task ${element} among ${found.tasks.map((t) => t.element)}`);
  return made(who.post(`/api/v1/tasks/${at.id}/${action}`, body), 200);
}
async function resolved() {
  let found = await file();
  found = await act(member, found, 'sign', 'claim');
  found = await act(member, found, 'handle', 'complete', { outcome: 'resolved', text: '已恢复供汽' });
  return act(gridLeader, found, 'callback', 'complete', { text: '企业确认' });
}

test('the whole loop: file, sign, resolve, call back, rate', async () => {
  const photo = await made(contact.request('POST', '/api/v1/files', { body: PNG,
    headers: { 'content-type': 'image/png', 'x-file-name': encodeURIComponent('压力表.png') } }));
  let found = await file(FORM, { file_ids: [photo.id] });
  assert.match(found.number, /^QY20261123\d{4}$/);
  assert.equal(found.status, 'dispatched');
  assert.equal(found.clock, 'sign');
  assert.equal(found.due_at, '2026-11-23T02:00:00Z');
  assert.equal(found.light, 'green');
  assert.equal(found.files[0].name, '压力表.png');
  assert.deepEqual(found.timeline.map((e) => e.kind), ['case.filed', 'case.dispatched']);
  assert.ok(found.process.active.includes('sign'));
  assert.deepEqual(found.process.incidents, []);
  assert.deepEqual(found.process.elements.map(({ id, times, waiting }) => [id, times, waiting]), [['sign', 1, 1]]);
  assert.equal(found.process.elements[0].since, found.filed_at);

  const todo = await made(member.get('/api/v1/tasks?box=todo'), 200);
  assert.equal(todo.items[0].case.id, found.id);
  assert.equal(todo.items[0].element, 'sign');
  assert.ok(todo.counts.todo >= 1);

  found = await act(member, found, 'sign', 'claim');
  assert.equal(found.status, 'signed');
  assert.equal(found.holder.id, member.id);
  assert.equal(found.clock, 'resolve');
  assert.equal(found.clocks.find((c) => c.name === 'sign').state, 'met');

  found = await made(member.post(`/api/v1/cases/${found.id}/messages`, { text: '正在联系供汽公司', file_ids: [] }), 201);
  assert.equal(found.status, 'in_progress');
  await made(member.post(`/api/v1/cases/${found.id}/messages`, { text: '内部：管线检修', internal: true }), 201);
  assert.deepEqual((await read(contact, found.id)).messages.map((m) => m.text), ['正在联系供汽公司']);
  assert.equal((await read(gridLeader, found.id)).messages.length, 2);
  assert.ok(!JSON.stringify(await read(contact, found.id)).includes('内部'));

  found = await act(member, found, 'handle', 'complete', { outcome: 'resolved', text: '已恢复供汽' });
  assert.equal(found.status, 'resolved');
  assert.equal(found.result.text, '已恢复供汽');
  found = await act(gridLeader, found, 'callback', 'complete', { outcome: 'confirmed', text: '企业确认' });
  assert.equal(found.status, 'to_rate');
  assert.ok((await read(contact, found.id)).actions.includes('rate'));
  found = await made(contact.post(`/api/v1/cases/${found.id}/rating`, { level: 5, text: '很快' }), 200);
  assert.equal(found.status, 'archived');
  assert.equal(found.rating.level, 5);
  assert.equal(found.light, 'done');
  const again = await contact.post(`/api/v1/cases/${found.id}/rating`, { level: 1 });
  assert.equal(again.status, 409);
  assert.equal(again.json.reason, 'case.rated');

  const board = await made(leader.get('/api/v1/board'), 200);
  assert.equal(board.today.filed, 1);
  assert.equal(board.today.resolved, 1);
  assert.deepEqual(board.ratings, [0, 0, 0, 0, 1]);
  const proof = await made(contact.get(`/api/v1/cases/${found.id}/proof`), 200);
  assert.ok(proof.entries.length >= 7);
});

test('nothing leaks to another enterprise, nor to another grid', async (t) => {
  const photo = await made(contact.request('POST', '/api/v1/files', { body: PNG,
    headers: { 'content-type': 'image/png' } }));
  const found = await file({ ...FORM, title: '秘密' }, { file_ids: [photo.id] });
  const outsider = await person({ name: '外人', roles: [['grid_member', otherGrid]] });
  const at = task(found, 'sign').id, c = `/api/v1/cases/${found.id}`;
  const rows = [];
  for (const [name, who] of [['another contact', stranger], ['another grid', outsider]]) {
    rows.push([`${name} reads`, [who, 'GET', c], 404],
      [`${name} asks for the proof`, [who, 'GET', `${c}/proof`], 404],
      [`${name} fetches the file`, [who, 'GET', `/api/v1/files/${photo.id}`], 404],
      [`${name} writes`, [who, 'POST', `${c}/messages`, { body: { text: 'x' } }], 404],
      [`${name} rates`, [who, 'POST', `${c}/rating`, { body: { level: 1 } }], 404],
      [`${name} watches`, [who, 'PUT', `${c}/watch`], 404]);
  }
  rows.push(['another contact reminds', [stranger, 'POST', `${c}/remind`, { body: {} }], 404],
    ['another contact withdraws', [stranger, 'POST', `${c}/withdraw`, { body: { reason: 'x' } }], 404],
    ['another contact completes', [stranger, 'POST', `/api/v1/tasks/${at}/complete`, { body: {} }], 404],
    ['another grid signs', [outsider, 'POST', `/api/v1/tasks/${at}/claim`, { body: {} }], 404],
    ['the contact cannot sign', [contact, 'POST', `/api/v1/tasks/${at}/claim`, { body: {} }], 403],
    ['the contact cannot complete', [contact, 'POST', `/api/v1/tasks/${at}/complete`, { body: {} }], 404],
    ['staff cannot rate', [member, 'POST', `${c}/rating`, { body: { level: 5 } }], 403],
    ['the administrator sees no cases', [park.admin, 'GET', c], 403],
    ['nobody files for another', [stranger, 'POST', '/api/v1/cases',
      { body: { service: 'request', enterprise_id: enterprise, form: FORM } }], 422]);
  await table(t, assert, rows);
  for (const who of [stranger, outsider])
    for (const box of ['all', 'mine', 'grid', 'department', 'watched'])
      assert.ok(!(await made(who.get(`/api/v1/cases?box=${box}&q=${encodeURIComponent('秘密')}`), 200)).items.length);
  assert.equal((await made(contact.get(`/api/v1/cases?q=${encodeURIComponent('秘密')}`), 200)).items.length, 1);
});

test('a form is checked against its schema', async (t) => {
  const post = (form) => [contact, 'POST', '/api/v1/cases',
    { body: { service: 'request', enterprise_id: enterprise, form } }];
  const field = (name) => ({ status: 422, check: (r) => assert.equal(r.json.errors[0].field, name) });
  await table(t, assert, [
    ['without a title', post({ ...FORM, title: undefined }), field('form.title')],
    ['an unknown category', post({ ...FORM, category: 'x' }), field('form.category')],
    ['too long', post({ ...FORM, title: '长'.repeat(61) }), field('form.title')],
    ['what is not asked', post({ ...FORM, admin: true }), field('form.admin')],
    ['a place that is none', post({ ...FORM, location: { lat: 91, lng: 0 } }), field('form.location')],
  ]);
});

test('nobody signs: it warns, then rises level by level, also from an inbox', async () => {
  await park.setClock('2026-11-24T09:00:00+08:00');
  let found = await file();
  const overdue = async () => (await made(leader.get('/api/v1/board'), 200)).today.overdue;
  assert.equal(task(found, 'sign').assignee, null);
  await park.advance({ minutes: 46 });
  found = await until(member, found.id, (f) => f.timeline.some((e) => e.kind === 'case.warned'));
  assert.equal(found.light, 'yellow');
  await park.advance({ minutes: 15 });
  found = await until(member, found.id, (f) => f.level === 1);
  assert.equal(found.light, 'red');
  assert.ok((await made(gridLeader.get('/api/v1/tasks'), 200)).items.some((t) => t.case.id === found.id));
  await park.advance({ hours: 1 });
  found = await until(leader, found.id, (f) => f.level === 3);
  assert.ok((await made(leader.get('/api/v1/tasks'), 200)).items.some((t) => t.case.id === found.id));
  assert.ok((await made(leader.get('/api/v1/cases?state=overdue'), 200)).items.some((c) => c.id === found.id));
  const late = await overdue();
  found = await act(member2, found, 'sign', 'claim');
  assert.equal(found.clocks.find((c) => c.name === 'sign').state, 'late');
  assert.equal(await overdue(), late - 1);
});

async function until(who, id, holds, ms = 5000) {
  for (const end = Date.now() + ms; ;) {
    const found = await read(who, id);
    if (holds(found)) return found;
    if (Date.now() > end) assert.fail(`not within ${ms} ms: ${JSON.stringify(found.timeline.map((e) => e.kind))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a bad rating reopens one level higher, once', async () => {
  let found = await resolved();
  found = await made(contact.post(`/api/v1/cases/${found.id}/rating`, { level: 1, text: '没解决' }), 200);
  assert.equal(found.level, 1);
  assert.equal(found.status, 'dispatched');
  assert.equal(task(found, 'sign').assignee.id, gridLeader.id);
  assert.equal(found.clocks.find((c) => c.name === 'rectify').state, 'running');
  found = await act(gridLeader, found, 'sign', 'claim');
  found = await act(gridLeader, found, 'handle', 'complete', { outcome: 'resolved', text: '换了阀门' });
  found = await act(gridLeader, found, 'callback', 'complete', {});
  assert.equal(found.status, 'archived');
  assert.equal((await contact.post(`/api/v1/cases/${found.id}/rating`, { level: 5 })).json.reason, 'case.rated');
});

test('hand-backs go to the leader, are capped, and then the committee decides', async () => {
  let found = await file();
  for (let n = 1; n <= 2; n++) {
    found = await act(n === 1 ? member : officer, found, 'sign', 'return', { reason: `不归我管 ${n}` });
    assert.equal(found.handbacks, n);
    found = await act(gridLeader, found, 'redispatch', 'complete', { variables: { department_id: department } });
    assert.equal(found.department.id, department);
    assert.equal(found.status, 'dispatched');
  }
  found = await act(officer, found, 'sign', 'claim');
  found = await act(officer, found, 'handle', 'return', { reason: '还是不归' });
  found = await act(leader, found, 'decide', 'complete', { variables: { department_id: department }, text: '由你部办理' });
  const capped = await officer.post(`/api/v1/tasks/${task(found, 'sign').id}/return`, { reason: '再退' });
  assert.equal(capped.status, 409);
  assert.equal(capped.json.reason, 'task.return-capped');
  assert.equal(found.clocks.find((c) => c.name === 'resolve').started_at, found.filed_at);
});

test('a pause stops the clock, with a reason', async () => {
  await park.setClock('2026-11-25T09:00:00+08:00');
  let found = await file();
  found = await act(member, found, 'sign', 'claim');
  const due = found.due_at;
  found = await act(member, found, 'handle', 'pause', { reason: 'wait_applicant', text: '请补照片' });
  assert.equal(found.status, 'paused');
  assert.equal(found.light, 'paused');
  await park.setClock('2026-12-25T09:00:00+08:00');
  await new Promise((resolve) => setTimeout(resolve, 200));
  found = await read(member, found.id);
  assert.equal(found.level, 0);
  found = await made(contact.post(`/api/v1/cases/${found.id}/messages`, { text: '照片来了' }), 201);
  assert.equal(found.status, 'in_progress');
  assert.ok(found.due_at > due);
  assert.equal(found.clocks.find((c) => c.name === 'resolve').pauses[0].reason, 'wait_applicant');
});

test('an extension is asked before the deadline and approved by the leader', async () => {
  let found = await file();
  found = await act(member, found, 'sign', 'claim');
  const due = found.due_at;
  found = await act(member, found, 'handle', 'extend', { days: 5, reason: '等备件' });
  assert.equal(found.extension.state, 'asked');
  found = await act(gridLeader, found, 'extension', 'complete', { outcome: 'approved' });
  assert.equal(found.extension.state, 'approved');
  assert.ok(found.due_at > due);
  assert.equal((await member.post(`/api/v1/tasks/${task(found, 'handle').id}/extend`, { days: 1, reason: '又' })).status, 409);
  let late = await file();
  late = await act(member, late, 'sign', 'claim');
  await park.advance({ days: 40 });
  const refused = await member.post(`/api/v1/tasks/${task(late, 'handle').id}/extend`, { days: 1, reason: '晚了' });
  assert.equal(refused.json.reason, 'clock.expired');
});

test('reminding, supervising, watching, withdrawing', async () => {
  let found = await file();
  found = await made(contact.post(`/api/v1/cases/${found.id}/remind`, { text: '快一点' }), 200);
  assert.equal(found.reminders, 1);
  assert.equal((await contact.post(`/api/v1/cases/${found.id}/remind`, {})).status, 429);
  found = await made(leader.post(`/api/v1/cases/${found.id}/supervise`, { text: '本周办结' }), 200);
  assert.equal(found.supervised, true);
  assert.equal((await leader.put(`/api/v1/cases/${found.id}/watch`)).status, 204);
  assert.ok((await made(leader.get('/api/v1/cases?box=watched'), 200)).items.some((c) => c.id === found.id));
  assert.equal((await leader.delete(`/api/v1/cases/${found.id}/watch`)).status, 204);
  found = await made(contact.post(`/api/v1/cases/${found.id}/withdraw`, { reason: '已解决' }), 200);
  assert.equal(found.status, 'withdrawn');
  assert.equal(found.tasks.length, 0);
  const done = await resolved();
  assert.equal((await contact.post(`/api/v1/cases/${done.id}/withdraw`, { reason: 'x' })).json.reason, 'case.withdraw-late');
});

test('drafts are their author\'s', async () => {
  const draft = await made(contact.post('/api/v1/drafts', { service: 'request', form: { title: '草稿' }, file_ids: [] }));
  assert.equal((await stranger.put(`/api/v1/drafts/${draft.id}`, { service: 'request', form: {} })).status, 404);
  const kept = await made(contact.put(`/api/v1/drafts/${draft.id}`, { service: 'request', enterprise_id: enterprise,
    form: FORM }, { 'if-match': '"1"' }), 200);
  assert.equal(kept.version, 2);
  await file(FORM, { draft_id: draft.id });
  assert.equal((await made(contact.get('/api/v1/drafts'), 200)).items.length, 0);
});

test('lists page without gaps or repeats', async () => {
  for (let i = 0; i < 7; i++) await file({ ...FORM, title: `第 ${i} 件` });
  const all = (await made(contact.get('/api/v1/cases?limit=200'), 200)).items.map((c) => c.id);
  const paged = [];
  for (let next = ''; next !== null;) {
    const page = await made(contact.get(`/api/v1/cases?limit=3&cursor=${next}`), 200);
    paged.push(...page.items.map((c) => c.id));
    next = page.next;
  }
  assert.deepEqual(paged, all);
  const tasks = [];
  for (let next = ''; next !== null;) {
    const page = await made(member.get(`/api/v1/tasks?limit=2&cursor=${next}`), 200);
    tasks.push(...page.items.map((t) => t.id));
    next = page.next;
  }
  assert.equal(new Set(tasks).size, tasks.length);
  assert.deepEqual(tasks, (await made(member.get('/api/v1/tasks?limit=200'), 200)).items.map((t) => t.id));
});

test('a list exports as a sheet, with only what one may see', async () => {
  const csv = await contact.get('/api/v1/cases/export?format=csv');
  assert.equal(csv.status, 200, csv.text);
  assert.match(csv.headers['content-type'], /^text\/csv/);
  const rows = csv.text.trim().split('\n').length - 1;
  assert.equal(rows, (await made(contact.get('/api/v1/cases?limit=200'), 200)).items.length);
  assert.equal((await stranger.get('/api/v1/cases/export?format=csv')).text.trim().split('\n').length, 1);
  const xlsx = await leader.get('/api/v1/cases/export?format=xlsx');
  assert.equal(xlsx.buffer.subarray(0, 2).toString(), 'PK');
});
