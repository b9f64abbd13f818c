// What the keeper of the system sees of running processes, and what stands still in them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { made, startPark, table } from './harness.mjs';

const MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="urn:test">
  <bpmn:process id="steam" name="供汽" isExecutable="true">
    <bpmn:startEvent id="begin"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="a" sourceRef="begin" targetRef="weigh" />
    <bpmn:exclusiveGateway id="weigh" name="核算"><bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing><bpmn:outgoing>n</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:sequenceFlow id="b" sourceRef="weigh" targetRef="confirm">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=tonnes &gt; 0</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="n" sourceRef="weigh" targetRef="none">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=tonnes &lt; 0</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:endEvent id="none" name="未供汽"><bpmn:incoming>n</bpmn:incoming></bpmn:endEvent>
    <bpmn:userTask id="confirm" name="确认"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements>
      <bpmn:incoming>b</bpmn:incoming><bpmn:outgoing>c</bpmn:outgoing></bpmn:userTask>
    <bpmn:sequenceFlow id="c" sourceRef="confirm" targetRef="end" />
    <bpmn:endEvent id="end"><bpmn:incoming>c</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>`;

let park, admin;

export function deployment(model) {
  const body = `--line\r\ncontent-disposition: form-data; name="resources"; filename="steam.bpmn"\r\n` +
    `content-type: text/xml\r\n\r\n${model}\r\n--line--\r\n`;
  return { body, headers: { 'content-type': 'multipart/form-data; boundary=line' } };
}

before(async () => {
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  admin = park.admin;
}, { timeout: 60000 });
after(() => park?.stop());

const overview = () => made(admin.get('/api/v1/operations'));
const still = async () => (await made(admin.get('/api/v1/operations/incidents'))).items;

test('who keeps the system sees all services, and nobody else does', async (t) => {
  const now = await overview();
  assert.deepEqual(now.definitions.map((one) => one.key).sort(), ['four-sync', 'request']);
  assert.ok(now.definitions.every((one) => one.open === 0 && one.incidents === 0 && one.steps.length === 0));
  assert.deepEqual(now.timers, []);
  const leader = await park.person({ name: '吴刚', roles: [['leader']] });
  await table(t, assert, [
    ['a leader', [leader, 'GET', '/api/v1/operations'], 403],
    ['nobody', [park.client(), 'GET', '/api/v1/operations'], 401],
    ['a leader tries again', [leader, 'POST', '/api/v1/operations/incidents/1/retry', { body: {} }], 403],
  ]);
});

test('cases are counted by the step where they wait', async () => {
  const enterprise = await park.enterprise(await park.grid());
  const contact = await park.person({ name: '陈洁', kind: 'contact', roles: [['contact', enterprise]] });
  for (let n = 0; n < 3; n++)
    await made(contact.post('/api/v1/cases', { service: 'request', enterprise_id: enterprise,
      form: { title: `路灯 ${n}`, category: 'consult', text: '路灯不亮。' }, file_ids: [] }), 201);
  const request = (await overview()).definitions.find((one) => one.key === 'request');
  assert.equal(request.open, 3);
  assert.equal(request.steps.reduce((sum, step) => sum + step.count, 0), 3);
  assert.ok(request.steps[0].name && request.steps[0].name_en);
});

test('an element that stands still is named with its values, and goes on once it is set right', async () => {
  await made(admin.request('POST', '/v2/deployments', deployment(MODEL)));
  const instance = await made(admin.post('/v2/process-instances', { processDefinitionId: 'steam', variables: { tonnes: 0 } }));
  await made(admin.post('/v2/process-instances', { processDefinitionId: 'steam', variables: { tonnes: 5 } }));
  const steam = (await overview()).definitions.find((one) => one.key === 'steam');
  assert.deepEqual([steam.name, steam.version, steam.open, steam.incidents], ['供汽', 1, 2, 1]);
  assert.deepEqual(steam.steps.map((step) => [step.element, step.name, step.count]).sort(),
    [['confirm', '确认', 1], ['weigh', '核算', 1]]);
  const [one] = await still();
  assert.deepEqual([one.instance_id, one.key, one.element], [instance.processInstanceKey, 'steam', 'weigh']);
  assert.match(`${one.message} ${JSON.stringify(one.detail)}`, /tonnes|condition/);
  await made(admin.post(`/api/v1/operations/incidents/${one.id}/retry`), 204);
  const [again] = await still(); // Nothing was set right.
  assert.equal(again.element, 'weigh');
  await made(admin.put(`/v2/element-instances/${instance.processInstanceKey}/variables`, { variables: { tonnes: 3 } }), 204);
  await made(admin.post(`/api/v1/operations/incidents/${again.id}/retry`), 204);
  assert.deepEqual(await still(), []);
  assert.deepEqual((await overview()).definitions.find((d) => d.key === 'steam').steps.map((s) => [s.element, s.count]), [['confirm', 2]]);
});

test('a definition is drawn with how many stand at each step, and each of them is listed', async (t) => {
  const now = await overview();
  const service = now.definitions.find((one) => one.key === 'request');
  const drawn = await made(admin.get('/api/v1/operations/picture?service=request'));
  assert.ok(drawn.model_id && drawn.files[0].text.includes('bpmndi:BPMNDiagram'));
  assert.deepEqual(drawn.steps.map((step) => [step.element, step.count]), service.steps.map((step) => [step.element, step.count]));
  assert.ok(drawn.steps.every((step) => step.name && step.name_en && step.incidents === 0 && step.timers === 0));
  const at = `service=request&model_id=${drawn.model_id}&element=${drawn.steps[0].element}`;
  const first = await made(admin.get(`/api/v1/operations/cases?${at}&limit=2`));
  const rest = await made(admin.get(`/api/v1/operations/cases?${at}&limit=2&cursor=${first.next}`));
  assert.deepEqual([first.items.length, rest.items.length, rest.next], [2, 1, null]);
  assert.deepEqual((await made(admin.get('/api/v1/operations/cases?element=elsewhere'))).items, []);
  assert.deepEqual((await made(admin.get('/api/v1/operations/cases?model_id=1'))).items, []);

  const empty = await made(admin.get('/api/v1/operations/picture?service=four-sync'));
  assert.deepEqual([empty.model_id, empty.steps], [null, []]); // Nothing was filed under it yet.
  await table(t, assert, [
    ['no such service', [admin, 'GET', '/api/v1/operations/picture?service=none'], 404],
    ['no such version', [admin, 'GET', '/api/v1/operations/picture?service=request&model_id=1'], 404],
    ['no such definition', [admin, 'GET', '/api/v1/operations/picture?definition_id=1'], 404],
    ['nothing named', [admin, 'GET', '/api/v1/operations/picture'], 422],
  ]);
});

test('instances of a definition are drawn and listed by step', async (t) => {
  await made(admin.post('/v2/process-instances', { processDefinitionId: 'steam', variables: { tonnes: 0 }, businessId: 'S-7' }));
  const steam = (await overview()).definitions.find((one) => one.key === 'steam');
  const drawn = await made(admin.get(`/api/v1/operations/picture?definition_id=${steam.definition_id}`));
  assert.deepEqual([drawn.key, drawn.name, drawn.version, drawn.files.length], ['steam', '供汽', 1, 1]);
  assert.deepEqual(drawn.steps.map((step) => [step.element, step.count, step.incidents]), [['confirm', 2, 0], ['weigh', 1, 1]]);
  const at = `/api/v1/operations/instances?definition_id=${steam.definition_id}`;
  const stuck = (await made(admin.get(`${at}&element=weigh`))).items;
  assert.deepEqual(stuck.map((one) => [one.key, one.business_id, one.incidents, one.suspended, one.stuck, one.steps]),
    [['steam', 'S-7', 1, false, false, [{ element: 'weigh', name: '核算' }]]]);
  assert.deepEqual((await made(admin.get(`/api/v1/operations/incidents?instance_id=${stuck[0].id}`))).items.map((one) => one.element), ['weigh']);
  assert.deepEqual((await made(admin.get(`/api/v1/operations/incidents?instance_id=${steam.definition_id}`))).items, []);
  const first = await made(admin.get(`${at}&element=confirm&limit=1`));
  const rest = await made(admin.get(`${at}&element=confirm&limit=1&cursor=${first.next}`));
  assert.deepEqual([first.items.length, rest.items.length, rest.next], [1, 1, null]);
  assert.deepEqual((await made(admin.get(`/api/v1/operations/instances?q=${stuck[0].id}`))).items.map((one) => one.id), [stuck[0].id]);
  assert.equal((await made(admin.get('/api/v1/operations/instances?q=S-7'))).items.length, 1);
  const leader = await park.person({ name: '郑军', roles: [['leader']] });
  await table(t, assert, [
    ['a leader, the picture', [leader, 'GET', '/api/v1/operations/picture?service=request'], 403],
    ['a leader, the instances', [leader, 'GET', '/api/v1/operations/instances'], 403],
  ]);
});
