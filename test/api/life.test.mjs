// A case as a whole: stood still by an administrator, and run on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPark, table } from './harness.mjs';

const FORM = { title: '蒸汽压力不足', category: 'utilities', text: '昨晚起蒸汽压力只有 0.4 MPa，影响生产。' };
const WHY = { reason: '等待法院裁定' };

let park, admin, enterprise, contact, member, leader;

async function made(promise, status = 200) {
  const reply = await promise;
  assert.equal(reply.status, status, reply.text);
  return reply.json;
}
// Sessions end while the clock runs ahead; tokens do not.
async function person(about) {
  const client = await park.person(about);
  client.token = (await made(client.post('/api/v1/tokens', { name: 'test' }), 201)).token;
  client.cookie = client.csrf = undefined;
  return client;
}

before(async () => {
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  const grid = await park.grid();
  enterprise = await park.enterprise(grid);
  contact = await person({ name: '陈洁', kind: 'contact', roles: [['contact', enterprise]] });
  member = await person({ name: '王强', roles: [['grid_member', grid]] });
  leader = await person({ name: '吴刚', roles: [['leader']] });
  admin = await person({ name: '何平', roles: [['system_admin']] });
}, { timeout: 60000 });
after(() => park?.stop());

const file = () => made(contact.post('/api/v1/cases', { service: 'request', enterprise_id: enterprise, form: FORM, file_ids: [] }), 201);
const read = (id, who = leader) => made(who.get(`/api/v1/cases/${id}`));
const life = (id, act, body = WHY, status = 204, who = admin) => made(who.post(`/api/v1/cases/${id}/${act}`, body), status);
const taskOf = (found, element) => found.tasks.find((one) => one.element === element);

test('a suspended case stands still: its clock, its timers, and everybody', async (t) => {
  await park.setClock('2026-11-23T09:00:00+08:00');
  const filed = await file();
  const sign = taskOf(await read(filed.id, member), 'sign');
  assert.deepEqual([filed.suspended, filed.suspension, filed.due_at], [false, null, '2026-11-23T02:00:00Z']);
  await table(t, assert, [
    ['a leader may not', [leader, 'POST', `/api/v1/cases/${filed.id}/suspend`, { body: WHY }], 403],
    ['nor without a reason', [admin, 'POST', `/api/v1/cases/${filed.id}/suspend`, { body: {} }], 422],
    ['nor one that is not there', [admin, 'POST', '/api/v1/cases/1/suspend', { body: WHY }], 404],
    ['nor resume one that runs', [admin, 'POST', `/api/v1/cases/${filed.id}/resume`, { body: WHY }], 409],
    ['an administrator sees no case by it', [admin, 'GET', `/api/v1/cases/${filed.id}`], 403],
  ]);
  await park.setClock('2026-11-23T09:20:00+08:00');
  await life(filed.id, 'suspend');
  const still = await read(filed.id, contact);
  assert.deepEqual([still.suspended, still.light, still.status, still.suspension.by.name, still.suspension.reason],
    [true, 'paused', 'dispatched', '何平', '等待法院裁定']);
  assert.deepEqual(still.clocks.map((clock) => [clock.name, clock.state]),
    [['resolve', 'paused'], ['sign', 'paused']]);
  assert.deepEqual(still.actions, ['message', 'watch']);
  assert.deepEqual(still.timeline.at(-1).data.text, '等待法院裁定');
  const seen = await read(filed.id, member);
  assert.deepEqual(taskOf(seen, 'sign').actions, []);
  const refused = await made(member.post(`/api/v1/tasks/${sign.id}/claim`), 409);
  assert.equal(refused.reason, 'case.suspended');
  assert.match(refused.detail, /^何平 has suspended the case since 2026-11-23T09:20:00\+08:00: 等待法院裁定$/);
  await table(t, assert, [
    ['nobody reminds', [contact, 'POST', `/api/v1/cases/${filed.id}/remind`, { body: {} }], 409],
    ['nor withdraws', [contact, 'POST', `/api/v1/cases/${filed.id}/withdraw`, { body: { reason: '不办了' } }], 409],
    ['nor supervises', [leader, 'POST', `/api/v1/cases/${filed.id}/supervise`, { body: { text: '快' } }], 409],
    ['but a word may be said', [contact, 'POST', `/api/v1/cases/${filed.id}/messages`, { body: { text: '还要多久？' } }], 201],
    ['it is suspended once', [admin, 'POST', `/api/v1/cases/${filed.id}/suspend`, { body: WHY }], 409],
  ]);

  await park.setClock('2026-11-25T09:20:00+08:00'); // Two working days: it would have been late.
  assert.deepEqual((await made(admin.get('/api/v1/operations'))).timers, []);
  const later = await read(filed.id);
  assert.deepEqual([later.light, later.level, later.timeline.filter((e) => /warned|escalated/.test(e.kind)).length],
    ['paused', 0, 0]);
  const [todo] = (await made(member.get('/api/v1/tasks?box=todo'))).items.filter((one) => one.case.id === filed.id);
  assert.deepEqual([todo.light, todo.case.suspended], ['paused', true]);

  await life(filed.id, 'resume', { reason: '裁定已下' });
  const on = await read(filed.id, member);
  assert.deepEqual([on.suspended, on.suspension, on.light, on.due_at], [false, null, 'green', '2026-11-25T02:00:00Z']);
  assert.deepEqual(on.clocks.find((clock) => clock.name === 'sign').pauses.map((pause) => [pause.reason, pause.text, pause.from, pause.to]),
    [['suspended', '等待法院裁定', '2026-11-23T01:20:00Z', '2026-11-25T01:20:00Z']]);
  assert.deepEqual(on.timeline.map((entry) => entry.kind).filter((kind) => /suspended/.test(kind)),
    ['case.suspended', 'case.unsuspended']);
  assert.equal(taskOf(on, 'sign').due_at, '2026-11-25T02:00:00Z');
  await park.setClock('2026-11-25T09:50:00+08:00'); // Its warning comes when it would have come.
  for (let n = 0; n < 40 && !(await read(filed.id)).timeline.some((e) => e.kind === 'case.warned'); n++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok((await read(filed.id)).timeline.some((e) => e.kind === 'case.warned'));
  await made(member.post(`/api/v1/tasks/${sign.id}/claim`));
});

test('what is late stays late, and a pause outlasts a suspension', async () => {
  await park.setClock('2026-11-26T09:00:00+08:00');
  const late = await file();
  await park.setClock('2026-11-26T10:30:00+08:00');
  await life(late.id, 'suspend');
  const still = await read(late.id);
  assert.deepEqual([still.light, still.clocks.map((clock) => clock.state)], ['red', ['paused', 'late']]);
  await life(late.id, 'resume');
  assert.equal((await read(late.id)).due_at, '2026-11-26T02:00:00Z');

  const waits = await file();
  await made(member.post(`/api/v1/tasks/${taskOf(await read(waits.id, member), 'sign').id}/claim`));
  const handle = taskOf(await read(waits.id, member), 'handle');
  await made(member.post(`/api/v1/tasks/${handle.id}/pause`, { reason: 'wait_applicant', text: '请补照片' }));
  await life(waits.id, 'suspend');
  await made(contact.post(`/api/v1/cases/${waits.id}/messages`, { text: '照片来了' }), 201);
  assert.equal((await read(waits.id)).status, 'paused');
  await life(waits.id, 'resume');
  const paused = await read(waits.id, member);
  assert.deepEqual([paused.status, paused.light], ['paused', 'paused']);
  await made(member.post(`/api/v1/tasks/${handle.id}/resume`));
  assert.equal((await read(waits.id)).light, 'green');
});
