// A case as a whole: stood still by an administrator and run on, moved by hand, migrated.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { made, PROGRAM, startPark, table } from './harness.mjs';

const FORM = { title: '蒸汽压力不足', category: 'utilities', text: '昨晚起蒸汽压力只有 0.4 MPa，影响生产。' };
const WHY = { reason: '等待法院裁定' };

const SERVICES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../services');

let later; // A folder of services in which the step "handle" has another id.
const officers = {};
let park, admin, enterprise, contact, member, leader;

// Sessions end while the clock runs ahead; tokens do not.
async function person(about) {
  const client = await park.person(about);
  client.token = (await made(client.post('/api/v1/tokens', { name: 'test' }), 201)).token;
  client.cookie = client.csrf = undefined;
  return client;
}

before(async () => {
  later = mkdtempSync(path.join(tmpdir(), 'kuailian-services-'));
  cpSync(SERVICES, later, { recursive: true, filter: (from) => path.basename(from) !== 'scenarios' });
  for (const name of ['process.bpmn', 'messages.zh-CN.json', 'messages.en.json']) {
    const at = path.join(later, 'request', name);
    writeFileSync(at, readFileSync(at, 'utf8').replaceAll('"handle"', '"work_on"').replaceAll('element.handle"', 'element.work_on"')
      .replaceAll('outcome.handle.', 'outcome.work_on.'));
  }
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  const grid = await park.grid();
  enterprise = await park.enterprise(grid);
  contact = await person({ name: '陈洁', kind: 'contact', roles: [['contact', enterprise]] });
  member = await person({ name: '王强', roles: [['grid_member', grid]] });
  leader = await person({ name: '吴刚', roles: [['leader']] });
  for (const code of ['economy', 'safety', 'environment'])
    officers[code] = await person({ name: code, roles: [['officer', await park.make('/api/v1/departments', { code, name: `${code} 局` })]] });
  admin = await person({ name: '何平', roles: [['system_admin']] });
}, { timeout: 60000 });
after(async () => {
  await park?.stop();
  rmSync(later, { recursive: true, force: true });
});

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

  const standing = await made(admin.get(`/api/v1/operations/cases/${filed.id}`));
  assert.deepEqual([standing.suspended_at, standing.suspended_by.name, standing.suspended_reason],
    ['2026-11-23T01:20:00Z', '何平', '等待法院裁定']);
  assert.ok(standing.places.some((place) => place.element === 'sign' && !place.waits));
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

const words = (places) => places.filter((one) => !one.waits).map((one) => one.element).sort();
async function signed() {
  const found = await file();
  await made(member.post(`/api/v1/tasks/${taskOf(await read(found.id, member), 'sign').id}/claim`));
  return found.id;
}
const row = async (id) => (await made(admin.get('/api/v1/operations/cases'))).items.find((one) => one.id === id);
const replay = (...args) => execFileSync(PROGRAM, ['replay', '--dir', park.dir, ...args], { encoding: 'utf8' });

test('a case is moved by hand, after a look at what that ends and begins', async (t) => {
  await park.setClock('2026-11-27T09:00:00+08:00');
  const id = await signed();
  assert.deepEqual((await row(id)).steps.map((step) => [step.element, step.name_en]), [['handle', 'Handle']]);
  const change = { reason: '派错了，退回重签', cancel: ['handle'], start: ['sign'] };
  const before = await read(id, member);
  const look = await life(id, 'modify', { ...change, preview: true }, 200);
  assert.deepEqual([words(look.ends), words(look.begins), look.faults], [['handle'], ['sign'], []]);
  assert.deepEqual((await read(id, member)).timeline, before.timeline);
  assert.equal((await read(id, member)).version, before.version);
  await table(t, assert, [
    ['a leader may not', [leader, 'POST', `/api/v1/cases/${id}/modify`, { body: change }], 403],
    ['nor to an element that is not there', [admin, 'POST', `/api/v1/cases/${id}/modify`, { body: { ...change, start: ['no'] } }], 422],
    ['nor so that nothing is left', [admin, 'POST', `/api/v1/cases/${id}/modify`, { body: { reason: 'x', cancel: ['handle'] } }], 409],
    ['nor where nothing is', [admin, 'POST', `/api/v1/cases/${id}/modify`, { body: { ...change, cancel: ['callback'] } }], 404],
    ['nor for nothing', [admin, 'POST', `/api/v1/cases/${id}/modify`, { body: { reason: 'x' } }], 422],
  ]);
  await life(id, 'modify', change, 200);
  const moved = await read(id, member);
  assert.deepEqual(moved.tasks.map((one) => one.element), ['sign']);
  assert.deepEqual([moved.status, moved.timeline.at(-1).kind, moved.timeline.at(-1).data.text],
    ['dispatched', 'case.modified', '派错了，退回重签']);
  assert.ok(!(await read(id, contact)).timeline.some((one) => one.kind === 'case.modified')); // Only staff read that.
  await made(member.post(`/api/v1/tasks/${taskOf(moved, 'sign').id}/claim`));
  await life(id, 'suspend'); // Also while it stands still; what begins waits until it runs on.
  await life(id, 'modify', { reason: '直接回访', cancel: ['handle'], start: ['callback'] }, 200);
  const still = await read(id, leader);
  assert.deepEqual([still.tasks.map((one) => one.element), still.suspended], [['callback'], true]);
  assert.ok(still.clocks.filter((clock) => !clock.stopped_at).every((clock) => clock.state === 'paused'));
  await life(id, 'resume');
  assert.match(replay(id), /^1 cases as stored, 0 differ/);
});

test('cases go to another version of their service, one or all of them', async (t) => {
  await park.setClock('2026-11-30T09:00:00+08:00');
  const ids = [await signed(), await signed(), await signed()];
  await life(ids[2], 'suspend');
  await park.restart(['--services', later]);
  for (const one of [contact, member, leader, admin, ...Object.values(officers)]) one.port = park.port;
  await park.setClock('2026-11-30T09:10:00+08:00');
  const versions = (await made(admin.get('/api/v1/operations/versions?service=request'))).items;
  assert.deepEqual(versions.map((one) => [one.current, one.model_id !== null]), [[true, false], [false, true]]);
  assert.ok(versions[0].elements.some((one) => one.element === 'work_on' && one.starts && one.name_en === 'Handle'));
  const look = await life(ids[0], 'migrate', { reason: '新版流程', preview: true }, 200);
  assert.deepEqual(look.faults.map((one) => [one.element, one.rule]), [['handle', 'migration.unmapped']]);
  const refused = await life(ids[0], 'migrate', { reason: '新版流程' }, 409);
  assert.deepEqual([refused.reason, /handle \(migration.unmapped\)/.test(refused.detail)], ['case.migration', true]);
  const moves = [{ from: 'handle', to: 'work_on' }];
  const bad = await life(ids[0], 'migrate', { reason: 'x', moves: [{ from: 'handle', to: 'outcome' }], preview: true }, 200);
  assert.equal(bad.faults[0].rule, 'migration.kind');
  const good = await life(ids[0], 'migrate', { reason: '新版流程', moves, preview: true }, 200);
  assert.ok(good.stays.some((one) => one.from === 'handle' && one.to === 'work_on'));
  assert.deepEqual([good.faults, words(good.ends), words(good.begins)], [[], [], []]);
  const before = await read(ids[0], member);
  assert.equal(before.tasks[0].element, 'handle');

  await life(ids[0], 'migrate', { reason: '新版流程', moves }, 200);
  const moved = await read(ids[0], member);
  assert.deepEqual(moved.tasks.map((one) => [one.id, one.element, one.name_en, one.assignee.id]),
    [[before.tasks[0].id, 'work_on', 'Handle', before.tasks[0].assignee.id]]);
  assert.ok(moved.process.done.includes('sign') && moved.process.active.includes('work_on'));
  assert.deepEqual(moved.clocks, before.clocks);
  await life(ids[0], 'migrate', { reason: '再来', moves }, 409);
  const from = (await made(admin.get('/api/v1/operations/versions?service=request'))).items.find((one) => !one.current);
  await table(t, assert, [
    ['a leader may not', [leader, 'POST', '/api/v1/operations/migrations', { body: { reason: 'x', from_model_id: from.model_id } }], 403],
    ['a version that is not there', [admin, 'POST', `/api/v1/cases/${ids[1]}/migrate`, { body: { reason: 'x', model_id: '77' } }], 422],
  ]);

  const all = { from_model_id: from.model_id, reason: '新版流程' };
  const tried = await made(admin.post('/api/v1/operations/migrations', { ...all, preview: true }));
  const blocked = tried.refused.find((one) => one.case_id === ids[1]);
  assert.deepEqual(blocked.faults.map((one) => one.element), ['handle']);
  const done = await made(admin.post('/api/v1/operations/migrations', { ...all, moves }));
  assert.deepEqual([done.refused, done.next, done.moved], [[], null, from.open]);
  assert.deepEqual((await read(ids[2], member)).suspended, true);
  assert.equal((await made(admin.get('/api/v1/operations/versions?service=request'))).items.find((one) => one.current).open, from.open + 1);
  await life(ids[2], 'resume');
  for (const id of ids) {
    const task = taskOf(await read(id, member), 'work_on');
    await made(member.post(`/api/v1/tasks/${task.id}/complete`, { outcome: 'resolved', text: '已恢复供汽' }));
    assert.equal((await read(id)).status, 'resolved');
  }
  assert.match(replay('--services', later), /^\d+ cases as stored, 0 differ/);
});

test('all open cases of a version move in batches', async () => {
  const current = async () => (await made(admin.get('/api/v1/operations/versions?service=request'))).items.find((one) => one.current);
  for (let n = 0; n < 25; n++) await file();
  const from = await current();
  await park.restart();
  for (const one of [contact, member, leader, admin, ...Object.values(officers)]) one.port = park.port;
  const all = { from_model_id: from.model_id, reason: '退回旧版', moves: [{ from: 'work_on', to: 'handle' }] };
  let moved = 0, cursor, calls = 0;
  do {
    const batch = await made(admin.post('/api/v1/operations/migrations', { ...all, cursor }));
    assert.deepEqual(batch.refused, []);
    moved += batch.moved;
    cursor = batch.next ?? undefined;
    calls++;
  } while (cursor);
  assert.deepEqual([moved, calls], [from.open, Math.ceil(from.open / 20)]);
  assert.match(replay(), /^\d+ cases as stored, 0 differ/);
});

test('an instance of /v2 is stood still by the paths of its clients, and rebuilt from the journal', async (t) => {
  const model = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="urn:test">
    <process id="steam" isExecutable="true"><startEvent id="s" /><sequenceFlow id="a" sourceRef="s" targetRef="weigh" />
    <serviceTask id="weigh"><extensionElements><zeebe:taskDefinition type="weigh" /></extensionElements></serviceTask>
    <sequenceFlow id="b" sourceRef="weigh" targetRef="e" /><endEvent id="e" /></process></definitions>`;
  const deploy = async (xml) => {
    const body = `--line\r\ncontent-disposition: form-data; name="resources"; filename="steam.bpmn"\r\ncontent-type: text/xml\r\n\r\n${xml}\r\n--line--\r\n`;
    const made2 = await made(admin.request('POST', '/v2/deployments', { body, headers: { 'content-type': 'multipart/form-data; boundary=line' } }));
    return made2.deployments[0].processDefinition.processDefinitionKey;
  };
  await deploy(model);
  const { processInstanceKey: key } = await made(admin.post('/v2/process-instances', { processDefinitionId: 'steam', variables: {} }));
  const jobs = async () => (await made(admin.post('/v2/jobs/activation', { type: 'weigh', timeout: 60000, maxJobsToActivate: 1, requestTimeout: -1 }))).jobs;
  const at = `/v2/process-instances/${key}`;
  await made(admin.post(`${at}/suspension`), 204);
  assert.equal((await made(admin.get(at))).state, 'SUSPENDED');
  assert.deepEqual(await jobs(), []);
  const target = await deploy(model.replaceAll('"weigh"', '"scale"').replace('type="scale"', 'type="weigh"'));
  const refused = await made(admin.post(`${at}/migration`, { targetProcessDefinitionKey: target, mappingInstructions: [] }), 409);
  assert.match(refused.detail, /no mapping instruction for the active elements 'weigh'/);
  await table(t, assert, [
    ['it is suspended once', [admin, 'POST', `${at}/suspension`, { body: {} }], 409],
    ['and one that is not there never', [admin, 'POST', '/v2/process-instances/1/suspension', { body: {} }], 404],
  ]);
  await made(admin.post(`${at}/migration`, { targetProcessDefinitionKey: target,
    mappingInstructions: [{ sourceElementId: 'weigh', targetElementId: 'scale' }] }), 204);
  await made(admin.post(`${at}/resumption`), 204);
  await made(admin.post(`${at}/resumption`), 409);
  const [job] = await jobs();
  assert.equal(job.elementId, 'scale');
  assert.match(replay(key), /^1 process instances as stored, 0 differ/);
  await made(admin.post(`/v2/jobs/${job.jobKey}/completion`), 204);
  assert.equal((await made(admin.get(at))).state, 'COMPLETED');
  assert.match(replay(), /cases as stored, 0 differ.*\n\d+ process instances as stored, 0 differ/);
});

test('departments side by side: each its own clock, and moved by hand each for itself', async () => {
  await park.setClock('2026-12-01T09:00:00+08:00');
  const form = { title: '5 万吨树脂扩建', category: 'expand', text: '扩建一条生产线。', need: 'plan', hazard: 'chemicals',
    environmental: 'form', construction: 'none', energy: 'below', utilities: 'none' };
  const { id } = await made(contact.post('/api/v1/cases', { service: 'four-sync', enterprise_id: enterprise, form, file_ids: [] }), 201);
  const standing = async () => (await made(admin.get(`/api/v1/operations/cases/${id}`))).places.filter((place) => !place.waits);
  const own = async (who) => (await standing()).find((place) => place.element === 'accept' && place.who === who);
  assert.deepEqual((await standing()).filter((place) => place.element === 'accept').map((place) => place.who),
    ['economy 局', 'safety 局', 'environment 局']);
  const at = await own('safety 局');
  const again = { reason: '重新受理', cancel_tokens: [at.token], start: ['accept'] };
  assert.equal((await life(id, 'modify', again, 409)).reason, 'modify.ambiguous');
  const look = await life(id, 'modify', { ...again, scope_token: at.scope, preview: true }, 200);
  assert.deepEqual([words(look.ends), words(look.begins)], [['accept'], ['accept']]);
  await life(id, 'modify', { ...again, scope_token: at.scope }, 200);
  const now = await own('safety 局');
  assert.deepEqual([now.token !== at.token, now.scope], [true, at.scope]);

  const clocks = async () => Object.fromEntries((await read(id)).clocks.filter((clock) => clock.name === 'accept')
    .map((clock) => [clock.key, [clock.state, clock.due_at]]));
  assert.equal((await clocks()).safety[0], 'running'); // It is another task, under the same clock.
  const seen = await read(id, officers.safety);
  await made(officers.safety.post(`/api/v1/tasks/${seen.tasks.find((one) => one.actions.includes('complete')).id}/complete`,
    { outcome: 'supplement', text: '缺安全评价报告' }));
  const before = await clocks();
  assert.deepEqual([before.safety[0], before.economy[0]], ['paused', 'running']);
  await life(id, 'suspend');
  assert.ok(Object.values(await clocks()).every(([state]) => state === 'paused'));
  await park.setClock('2026-12-03T09:00:00+08:00');
  await life(id, 'resume');
  const after2 = await clocks(); // What waited for the enterprise goes on waiting.
  assert.deepEqual([after2.safety, after2.economy[0]], [before.safety, 'running']);
  assert.equal(Date.parse(after2.economy[1]) - Date.parse(before.economy[1]), 2 * 86400e3);
  assert.match(replay(id), /^1 cases as stored, 0 differ/);
});
