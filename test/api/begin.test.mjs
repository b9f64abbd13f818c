// Processes that begin by themselves: at a time, by a message, by a signal; always the newest version.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { PROGRAM, startPark } from './harness.mjs';
import { bpmn, chain, end, engineClient, form, job, start, timer, until } from './process.mjs';

let park, engine;
before(async () => {
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  engine = await engineClient(park);
}, { timeout: 60000 });
after(() => park?.stop());

const instances = (processDefinitionId) => engine.search('process-instances', { processDefinitionId });
const count = async (id) => (await instances(id)).length;
const begins = (id, n) => until(`${id} begins ${n} times`, async () => await count(id) === n);
// The scheduler has looked since: what was due at the clock's time has begun.
async function quiet() {
  await engine.deploy(bpmn('bell', chain(start(timer('timeDuration', 'PT0S')), end())));
  const bells = await count('bell');
  await engine.deploy(bpmn('bell', `<documentation>${++rings}</documentation>${chain(start(timer('timeDuration', 'PT0S')), end())}`));
  await until('the bell', async () => await count('bell') > bells);
}
let rings = 0;
const model = (id, start_, type = 'idle') => bpmn(id, chain(start_, job(type), end()));

test('a duration begins one instance, once', async () => {
  await engine.deploy(model('once', start(timer('timeDuration', 'PT2H'))));
  await park.advance({ hours: 1 });
  await quiet();
  assert.equal(await count('once'), 0);
  await park.advance({ hours: 1 });
  await begins('once', 1);
  const [one] = await instances('once');
  assert.deepEqual([one.state, one.startDate], ['ACTIVE', '2026-11-23T03:00:00Z']);
  await park.advance({ hours: 48 });
  await quiet();
  assert.equal(await count('once'), 1);
});

test('a date that has passed begins it at once', async () => {
  await engine.deploy(model('past', start(timer('timeDate', '2020-01-01T00:00:00Z'))));
  await begins('past', 1);
});

test('a cycle as often as it says, and what a stop missed is caught up with', async () => {
  await engine.deploy(model('thrice', start(timer('timeCycle', 'R3/PT1H'))));
  await park.advance({ hours: 1 });
  await begins('thrice', 1);
  await park.advance({ hours: 2 });
  await begins('thrice', 3);
  await park.advance({ hours: 9 });
  await quiet();
  assert.equal(await count('thrice'), 3);
  await engine.deploy(model('ever', start(timer('timeCycle', '=&quot;R/PT10M&quot;'))));
  const time = await park.advance({ minutes: 10 });
  await begins('ever', 1);
  await park.restart();
  await park.setClock(new Date(new Date(time).getTime() + 4 * 3600e3).toISOString());
  engine.client.port = park.port;
  await begins('ever', 25);
});

test('a cron goes by the clocks of the park', async () => {
  await park.setClock('2026-12-04T16:30:00+08:00'); // A Friday.
  await engine.deploy(model('office', start(timer('timeCycle', '0 0 9-17 * * MON-FRI'))));
  await park.setClock('2026-12-04T17:00:00+08:00');
  await begins('office', 1);
  await park.setClock('2026-12-07T08:59:59+08:00');
  await quiet();
  assert.equal(await count('office'), 1);
  await park.setClock('2026-12-07T09:00:00+08:00');
  await begins('office', 2);
  await park.setClock('2026-12-07T12:30:00+08:00'); // 10, 11 and 12 have passed unseen: one begins.
  await begins('office', 3);
  await quiet();
  assert.equal(await count('office'), 3);
  const bad = await engine.client.request('POST', '/v2/deployments',
    form([model('bad', start(timer('timeCycle', '0 0 25 * * *')))]));
  assert.equal(bad.status, 400);
  assert.match(bad.json.detail, /is no date, duration or cycle/);
});

test('a cron inside a process', async () => {
  const body = `${chain(start(), job('idle'), end())}<boundaryEvent id="nudge" attachedToRef="idle" cancelActivity="false">
    ${timer('timeCycle', '0 0 * * * *')}</boundaryEvent><endEvent id="nudged"/>
    <sequenceFlow id="g" sourceRef="nudge" targetRef="nudged"/>`;
  await engine.deploy(bpmn('nudges', body));
  const { processInstanceKey } = await engine.post('/process-instances', { processDefinitionId: 'nudges' });
  const nudges = async () => (await engine.search('element-instances', { processInstanceKey, elementId: 'nudged' })).length;
  for (let i = 1; i <= 3; i++) {
    await park.advance({ hours: 1 });
    await until(`nudge ${i}`, async () => await nudges() === i);
  }
});

test('only the newest version begins; taken back, the one before it does again', async () => {
  const version = (n, every) => model('versions', start(timer('timeCycle', `R/${every}`)), `v${n}`);
  await engine.deploy(version(1, 'PT1H'));
  const second = await engine.deploy(version(2, 'PT2H'));
  await park.advance({ hours: 2 });
  await begins('versions', 1);
  await quiet();
  assert.deepEqual((await instances('versions')).map((i) => i.processDefinitionVersion), [2]);
  const [{ processInstanceKey }] = await instances('versions');
  await engine.post(`/process-instances/${processInstanceKey}/cancellation`, {}, 204);
  await engine.post(`/resources/${second.deployments[0].processDefinition.processDefinitionKey}/deletion`, {}, 204);
  await park.advance({ hours: 1 });
  await until('version 1 begins', async () => (await instances('versions')).some((i) => i.processDefinitionVersion === 1));
  await engine.deploy(model('versions', start()));
  const before_ = await count('versions');
  await park.advance({ hours: 6 });
  await quiet();
  assert.equal(await count('versions'), before_, 'a version without a timer waits for a client');
});

test('messages and signals begin the newest version; their names are FEEL, answered at deployment', async () => {
  const message = '<message id="m" name="=&quot;order-&quot; + string(1 + 1)"/><signal id="s" name="alarm"/>';
  const model_ = (n) => bpmn('told', chain(start('<messageEventDefinition messageRef="m"/>'), job(`t${n}`), end())
    + `<startEvent id="other"><signalEventDefinition signalRef="s"/></startEvent><sequenceFlow id="h" sourceRef="other" targetRef="t${n}"/>`, message);
  await engine.deploy(model_(1));
  await engine.deploy(model_(2));
  await engine.post('/messages/publication', { name: 'order-2', correlationKey: '', variables: { n: 7 } });
  await engine.post('/signals/broadcast', { signalName: 'alarm', variables: {} });
  assert.deepEqual((await instances('told')).map((i) => i.processDefinitionVersion), [2, 2]);
  const bad = await engine.client.request('POST', '/v2/deployments', form([bpmn('told',
    chain(start('<messageEventDefinition messageRef="m"/>'), end()), '<message id="m" name="=order.name"/>')]));
  assert.deepEqual([bad.status, bad.json.reason], [400, 'process.begin']);
  assert.match(bad.json.detail, /start event 'start': /);
  await engine.post('/messages/publication', { name: 'order-2', correlationKey: '', variables: {} });
  assert.equal(await count('told'), 3, 'a deployment that was refused changes nothing');
});

test('one open instance for each correlation key: the next message waits for its end', async () => {
  const message = '<message id="m" name="order"/><message id="m2" name="reorder"/>';
  await engine.deploy(bpmn('keyed', chain(start('<messageEventDefinition messageRef="m"/>'), job('pack'), end())
    + '<startEvent id="again"><messageEventDefinition messageRef="m2"/></startEvent><sequenceFlow id="h" sourceRef="again" targetRef="pack"/>', message));
  const publish = (correlationKey, n, timeToLive = 3600000, name = 'order') =>
    engine.post('/messages/publication', { name, correlationKey, timeToLive, variables: { n } });
  const open = async () => (await engine.search('process-instances', { processDefinitionId: 'keyed', state: 'ACTIVE' })).map((i) => i.processInstanceKey);
  const seen = async () => {
    const { jobs } = await engine.post('/jobs/activation', { type: 'pack', timeout: 60000, maxJobsToActivate: 10 });
    for (const one of jobs) await engine.post(`/jobs/${one.jobKey}/completion`, {}, 204);
    return jobs.map((one) => one.variables.n);
  };
  await publish('A', 1);
  await publish('A', 2);
  await publish('A', 3, 0);
  await publish('A', 4, 3600000, 'reorder');
  await publish('B', 5);
  assert.equal((await open()).length, 2, 'A and B, once each');
  await engine.refused('/messages/correlation', { name: 'order', correlationKey: 'A' }, 404, /nobody waits/);
  assert.deepEqual((await seen()).sort(), [1, 5]);
  assert.deepEqual(await seen(), [2], 'what had no time to live is gone');
  assert.deepEqual(await seen(), [4], 'the other start event of the process has the same limit');
  assert.deepEqual([await seen(), await open()], [[], []]);
  await publish('A', 6);
  await publish('A', 7);
  await engine.post(`/process-instances/${(await open())[0]}/cancellation`, {}, 204);
  assert.deepEqual(await seen(), [7], 'an instance that is canceled makes room, too');
  await publish('', 8);
  await publish('', 9);
  assert.deepEqual((await seen()).sort(), [8, 9]);
  await engine.deploy(bpmn('brief', chain(start('<messageEventDefinition messageRef="m"/>'), end()), '<message id="m" name="brief"/>'));
  for (const n of [1, 2]) await publish('A', n, 3600000, 'brief');
  assert.equal((await instances('brief')).length, 2, 'one that ends at once holds nothing back');
});

test('the journal rebuilds what began', () => {
  assert.match(execFileSync(PROGRAM, ['replay', '--dir', park.dir], { encoding: 'utf8' }), /\b0 differ/);
});
