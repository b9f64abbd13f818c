// A service whose process calls processes of other files: their tasks are tasks of the same case.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { made, PROGRAM, startPark } from './harness.mjs';

const SERVICES = fileURLToPath(new URL('../park/services', import.meta.url));
const FORM = { title: '请看看围墙', category: 'safety', text: '围墙有裂缝。' };

let park, enterprise, contact, stranger, member, leader;
before(async () => {
  park = await startPark({ args: ['--services', SERVICES], at: '2026-11-23T09:00:00+08:00' });
  const grid = await park.grid();
  enterprise = await park.enterprise(grid);
  contact = await park.person({ name: '陈洁', kind: 'contact', roles: [['contact', enterprise]] });
  stranger = await park.person({ name: '刘洋', kind: 'contact', roles: [['contact', await park.enterprise(grid, '博汇石化')]] });
  member = await park.person({ name: '王强', roles: [['grid_member', grid]] });
  leader = await park.person({ name: '赵敏', roles: [['grid_leader', grid]] });
});
after(() => park?.stop());

const task = (found, element) => found.tasks.find((t) => t.element === element);

test('the files of the process, the first of them where a case begins', async () => {
  const { items } = await made(contact.get('/api/v1/services/visit/processes'));
  assert.deepEqual(items.map((f) => [f.file, f.name]),
    [['process.bpmn', '上门服务'], ['sign-off.bpmn', '复核'], ['site-visit.bpmn', '现场查看']]);
  assert.ok(items.every((f) => f.text.includes('BPMNDiagram')));
});

test('tasks two calls deep: whose they are, who sees them, where the case is', async () => {
  let found = await made(contact.post('/api/v1/cases', { service: 'visit', enterprise_id: enterprise, form: FORM }), 201);
  const at = `/api/v1/cases/${found.id}`;
  await made(member.post(`/api/v1/tasks/${task(await made(member.get(at)), 'sign').id}/claim`, {}));
  found = await made(member.get(at));
  assert.deepEqual(found.process.active, ['look', 'inspect']);
  const inspect = task(found, 'inspect');
  assert.deepEqual([inspect.name_en, inspect.assignee.name], ['Look at the place', '王强']);
  const mine = await made(member.get('/api/v1/tasks'));
  assert.ok(mine.items.some((t) => t.id === inspect.id));
  assert.equal((await stranger.get(at)).status, 404);
  found = await made(member.post(`/api/v1/tasks/${inspect.id}/complete`, { outcome: 'done', text: '裂缝不深' }));
  assert.deepEqual((await made(leader.get(at))).process.active, ['look', 'confirm', 'approve']);
  const approve = task(await made(leader.get(at)), 'approve');
  await made(leader.post(`/api/v1/tasks/${approve.id}/complete`, { outcome: 'approved', text: '同意' }));
  found = await made(contact.get(at));
  assert.equal(found.status, 'archived');
  for (const id of ['look', 'inspect', 'confirm', 'approve', 'archive']) assert.ok(found.process.done.includes(id), id);
});

test('the journal rebuilds such a case', async () => {
  const said = execFileSync(PROGRAM, ['replay', '--dir', park.dir, '--services', SERVICES]).toString();
  assert.match(said, /^1 cases as stored, 0 differ/m);
});
