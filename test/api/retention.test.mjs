// Instances of /v2 that are over are kept for as long as the park says, then they are found no more.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { PROGRAM, startPark } from './harness.mjs';
import { bpmn, chain, end, engineClient, job, start, until, user } from './process.mjs';

let park, engine, admin;
before(async () => {
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  engine = await engineClient(park);
  admin = park.client();
  admin.token = park.token('admin');
  const many = ['many', `<manualTask id="many"><multiInstanceLoopCharacteristics><extensionElements>
    <zeebe:loopCharacteristics inputCollection="=for i in 1..3000 return i" inputElement="i"/></extensionElements></multiInstanceLoopCharacteristics></manualTask>`];
  const call = ['call', '<callActivity id="call"><extensionElements><zeebe:calledElement processId="inner"/></extensionElements></callActivity>'];
  await engine.deploy(bpmn('short', chain(start(), end())), bpmn('long', chain(start(), job('idle'), end())),
    bpmn('wide', chain(start(), many, end())), bpmn('inner', chain(start(), user('ask'), end())),
    ['twice.dmn', `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="g" name="g" namespace="urn:g"><decision id="twice" name="twice">
      <variable name="twice"/><literalExpression><text>x * 2</text></literalExpression></decision></definitions>`],
    bpmn('decides', chain(start(), ['rule', `<businessRuleTask id="rule"><extensionElements><zeebe:calledDecision decisionId="twice" resultVariable="r"/>
      </extensionElements></businessRuleTask>`], end())),
    bpmn('outer', chain(start(), call, end())), bpmn('waits', chain(start(), call, job('idle'), end())));
}, { timeout: 60000 });
after(() => park?.stop());

const begin = (processDefinitionId) => engine.post('/process-instances', { processDefinitionId, variables: { x: 1 } });
const count = async (what, filter = {}) => (await engine.post(`/${what}/search`, { filter, page: { limit: 1 } })).page.totalItems;
const settings = () => admin.get('/api/v1/settings');
async function keep(process_days) {
  const now = await settings();
  const { version, ...body } = now.json;
  return admin.put('/api/v1/settings', { ...body, process_days }, { 'if-match': now.headers.etag });
}

test('how long is a setting', async () => {
  assert.equal((await settings()).json.process_days, 90);
  assert.equal((await keep(30)).json.process_days, 30);
  const { process_days: unsaid, version, ...rest } = (await settings()).json;
  const put = await admin.put('/api/v1/settings', rest, { 'if-match': (await settings()).headers.etag });
  assert.equal(put.json.process_days, 30, 'who does not speak of it changes nothing');
  const none = await keep(0);
  assert.deepEqual([none.status, none.json.errors[0].field], [422, 'process_days']);
});

test('what is over goes with all that belongs to it; what runs stays', async () => {
  for (let i = 0; i < 120; i++) await begin('short');
  const running = await begin('long');
  await begin('decides');
  await engine.post('/decision-definitions/evaluation', { decisionDefinitionId: 'twice', variables: { x: 2 } });
  assert.deepEqual((await engine.search('decision-instances')).map((d) => d.result).sort(), ['2', '4']);
  const wide = await begin('wide');
  const outer = await begin('outer');
  const waits = await begin('waits');
  for (const { userTaskKey } of await engine.search('user-tasks', { state: 'CREATED' }))
    await engine.post(`/user-tasks/${userTaskKey}/completion`, {}, 204);
  assert.equal(await count('element-instances', { processInstanceKey: wide.processInstanceKey }), 3004);
  await park.advance({ days: 29 });
  await begin('short');
  assert.equal(await count('process-instances'), 128);
  await park.advance({ days: 1 });
  // What was called by one that still runs stays with it.
  await until('they go', async () => await count('process-instances') === 4);
  const left = await engine.search('process-instances');
  assert.deepEqual(left.map((i) => [i.processDefinitionId, i.state]).sort(),
    [['inner', 'COMPLETED'], ['long', 'ACTIVE'], ['short', 'COMPLETED'], ['waits', 'ACTIVE']]);
  assert.equal(await count('decision-instances'), 0, 'what a client asked for goes, too');
  assert.equal(await count('user-tasks'), 1);
  for (const what of ['element-instances', 'variables', 'user-tasks'])
    for (const { processInstanceKey } of [wide, outer]) assert.equal(await count(what, { processInstanceKey }), 0);
  await engine.refused(`/process-instances/${wide.processInstanceKey}`, undefined, 404);
  assert.equal(await count('element-instances', { processInstanceKey: running.processInstanceKey }), 3);
  await engine.post(`/process-instances/${waits.processInstanceKey}/cancellation`, {}, 204);
  await park.advance({ days: 30 });
  await until('only what runs is left', async () => await count('process-instances') === 1);
  assert.equal(await count('element-instances'), 3);
  assert.equal(await count('variables'), 1);
});

test('the journal keeps what happened, and still verifies', async () => {
  assert.match(execFileSync(PROGRAM, ['replay', '--dir', park.dir], { encoding: 'utf8' }), /\b0 differ/);
  const auditor = await park.client();
  auditor.token = admin.token;
  assert.match((await auditor.get('/journal/checkpoint')).text, /^kuailian\/1\n\d+\n/);
});
