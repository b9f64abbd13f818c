// /v2 without a client library: what the paths take, and what they say to what they do not take.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rawExchange, startPark } from './harness.mjs';
import { bpmn, chain, end, engineClient, form, job, start, user } from './process.mjs';

let park, engine, client;
before(async () => {
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  engine = await engineClient(park);
  client = engine.client;
}, { timeout: 60000 });
after(() => park?.stop());

const SUB = `<subProcess id="inside">${chain(start('', 'in'), job('deep'), end('out'))}</subProcess>`;
const begin = (processDefinitionId, more = {}) => engine.post('/process-instances', { processDefinitionId, ...more });
const get = (processInstanceKey) => engine.get(`/process-instances/${processInstanceKey}`);
const active = async (processInstanceKey) => (await engine.search('element-instances', { processInstanceKey, state: 'ACTIVE' }))
  .map((e) => e.elementId);

test('an instance starts at the elements that it is told, with their scopes', async () => {
  await engine.deploy(bpmn('inner', `${chain(start(), job('first'), ['inside', SUB], job('last'), end())}`.replaceAll('id="f0" sourceRef="in"', 'id="g0" sourceRef="in"')
    .replaceAll('id="f1" sourceRef="deep"', 'id="g1" sourceRef="deep"')));
  const one = await begin('inner', { variables: { x: 1 }, startInstructions: [{ elementId: 'deep' }, { elementId: 'last' }] });
  assert.deepEqual((await active(one.processInstanceKey)).sort(), ['deep', 'inner', 'inside', 'last']);
  const { jobs } = await engine.post('/jobs/activation', { type: 'deep', timeout: 60000, maxJobsToActivate: 1 });
  assert.equal(jobs[0].variables.x, 1);
  const at = (startInstructions) => ({ processDefinitionId: 'inner', startInstructions });
  await engine.refused('/process-instances', at([{ elementId: 'nowhere' }]), 400, /no element 'nowhere'/);
  await engine.refused('/process-instances', at([{ elementId: 'start' }]), 409, /nothing can be started/);
  await engine.refused('/process-instances', at([{}]), 400);
  await engine.refused('/process-instances', at('deep'), 400);
  assert.equal((await engine.search('process-instances', { processDefinitionId: 'inner' })).length, 1);
});

test('an instance is found by its business id and its tags', async () => {
  await engine.deploy(bpmn('labeled', chain(start(), job('wait'), end())));
  const made = await begin('labeled', { businessId: '订单-17', tags: ['priority:high', 'B2B'] });
  assert.deepEqual([made.businessId, made.tags], ['订单-17', ['priority:high', 'B2B']]);
  const plain = await begin('labeled');
  assert.deepEqual([plain.businessId, plain.tags], [undefined, []]);
  const found = async (filter) => (await engine.search('process-instances', { processDefinitionId: 'labeled', ...filter }))
    .map((i) => i.processInstanceKey);
  assert.deepEqual(await found({ businessId: '订单-17' }), [made.processInstanceKey]);
  assert.deepEqual(await found({ businessId: { $like: '订单*' } }), [made.processInstanceKey]);
  assert.deepEqual(await found({ businessId: { $exists: false } }), [plain.processInstanceKey]);
  assert.deepEqual(await found({ tags: ['B2B'] }), [made.processInstanceKey]);
  assert.deepEqual(await found({ tags: ['B2B', 'B2C'] }), []);
  const bad = (more) => ({ processDefinitionId: 'labeled', ...more });
  await engine.refused('/process-instances', bad({ tags: ['1st'] }), 400, /a tag is a letter/);
  await engine.refused('/process-instances', bad({ tags: Array.from({ length: 11 }, (_, i) => `t${i}`) }), 400);
  await engine.refused('/process-instances', bad({ businessId: 'x'.repeat(257) }), 400);
});

test('searches: operators, $or, order, cursors; a name that is none is refused', async () => {
  await engine.deploy(bpmn('sought', chain(start(), user('ask'), end())));
  const keys = [];
  for (let n = 0; n < 7; n++) keys.push((await begin('sought', { variables: { n, who: n % 2 ? '李' : '张' } })).processInstanceKey);
  const of = async (filter) => (await engine.search('process-instances', { processDefinitionId: 'sought', ...filter }))
    .map((i) => keys.indexOf(i.processInstanceKey));
  const n = (value) => ({ variables: [{ name: 'n', value }] });
  assert.deepEqual(await of(n('3')), [3]);
  assert.deepEqual(await of(n({ $in: ['1', '5'] })), [1, 5]);
  assert.deepEqual(await of({ variables: [{ name: 'n', value: { $neq: '2' } }, { name: 'who', value: '"张"' }] }), [0, 4, 6]);
  assert.deepEqual(await of({ $or: [n('1'), { processInstanceKey: keys[4] }] }), [1, 4]);
  assert.deepEqual(await of({ processInstanceKey: { $notIn: keys.slice(1) } }), [0]);
  assert.deepEqual(await of({ startDate: { $gt: '2026-11-23T02:00:00Z' } }), []);
  assert.deepEqual(await of({ endDate: { $exists: false }, state: { $in: ['ACTIVE'] } }), [0, 1, 2, 3, 4, 5, 6]);
  const page = (more) => engine.post('/process-instances/search', { filter: { processDefinitionId: 'sought' },
    sort: [{ field: 'processInstanceKey', order: 'DESC' }], page: more });
  const seen = (reply) => reply.items.map((i) => keys.indexOf(i.processInstanceKey));
  const first = await page({ limit: 3 }), second = await page({ limit: 3, after: first.page.endCursor });
  assert.deepEqual([seen(first), seen(second), first.page.totalItems], [[6, 5, 4], [3, 2, 1], 7]);
  assert.deepEqual(seen(await page({ limit: 3, before: second.page.startCursor })), [6, 5, 4]);
  assert.deepEqual(seen(await page({ from: 5, limit: 9 })), [1, 0]);
  for (const what of ['process-instances', 'element-instances', 'user-tasks', 'variables', 'jobs', 'incidents', 'process-definitions',
    'decision-definitions', 'decision-requirements', 'decision-instances']) {
    const refused = (body, pattern) => engine.refused(`/${what}/search`, body, 400, pattern);
    await refused({ filter: { misspelt: 1, state: 'NONE' } }, /there is no filter 'misspelt'/);
    await refused({ filter: { $or: [{ misspelt: 1 }] } }, /'misspelt'/);
    await refused({ filter: [] }, /must be an object/);
    await refused({ sort: [{ field: 'misspelt' }] }, /there is no field 'misspelt'/);
    await refused({ page: { limit: -1 } }, /limit must be/);
    await refused({ page: { after: 'nothing' } }, /not a cursor/);
    await refused({ filtre: {} });
  }
  await engine.refused('/process-instances/search', { filter: { startDate: 'yesterday' } }, 400, /wants a time/);
  await engine.refused('/process-instances/search', { filter: { startDate: { $after: '2026-01-01T00:00:00Z' } } }, 400, /knows no \$after/);
});

test('who awaits an end is told when it does not come, and gets the variables asked for when it does', async () => {
  await engine.deploy(bpmn('awaited', chain(start(), job('slow'), end())), bpmn('quick', chain(start(), end())));
  const late = await engine.refused('/process-instances', { processDefinitionId: 'awaited', awaitCompletion: true, requestTimeout: 100 }, 504, /still runs/);
  assert.equal(late.status, 504);
  const quick = await begin('quick', { awaitCompletion: true, variables: { a: 1, b: { c: '二' } }, fetchVariables: ['b', 'none'] });
  assert.deepEqual(quick.variables, { b: { c: '二' } });
});

test('what pages draw: counts, the way taken, who called, what stands still, what a task sees, who waits', async () => {
  const call = ['call', '<callActivity id="call"><extensionElements><zeebe:calledElement processId="below"/></extensionElements></callActivity>'];
  const fork = `${chain(start(), ['fork', '<parallelGateway id="fork"/>'], call, end())}${user('ask', '<zeebe:ioMapping><zeebe:input source="=x + 1" target="x"/></zeebe:ioMapping>')[1]}
    <sequenceFlow id="toAsk" sourceRef="fork" targetRef="ask"/>
    <intermediateCatchEvent id="paid"><messageEventDefinition messageRef="m"/></intermediateCatchEvent><sequenceFlow id="toPaid" sourceRef="fork" targetRef="paid"/>
    <endEvent id="over"/><sequenceFlow id="asked" sourceRef="ask" targetRef="over"/><sequenceFlow id="wasPaid" sourceRef="paid" targetRef="over"/>`;
  const message = `<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements></message>`;
  await engine.deploy(bpmn('below', chain(start(), ['rule', '<scriptTask id="rule"><extensionElements><zeebe:script expression="=assert(missing, missing != null)" resultVariable="r"/></extensionElements></scriptTask>'], end())));
  const { deployments } = await engine.deploy(bpmn('above', fork, message));
  const { processInstanceKey: key } = await begin('above', { variables: { x: 1, order: 'A-7', y: 'outer' } });
  const [below] = await engine.search('process-instances', { parentProcessInstanceKey: key });
  const counts = { active: 1, canceled: 0, incidents: 0, completed: 0 }, done = { ...counts, active: 0, completed: 1 };
  const expected = [{ elementId: 'ask', ...counts }, { elementId: 'call', ...counts }, { elementId: 'fork', ...done },
    { elementId: 'paid', ...counts }, { elementId: 'start', ...done }];
  assert.deepEqual((await engine.get(`/process-instances/${key}/statistics/element-instances`)).items, expected);
  const stands = await engine.get(`/process-instances/${below.processInstanceKey}/statistics/element-instances`);
  assert.deepEqual(stands.items.find((i) => i.elementId === 'rule'), { elementId: 'rule', ...counts, active: 0, incidents: 1 });
  const version = `/process-definitions/${deployments[0].processDefinition.processDefinitionKey}/statistics/element-instances`;
  assert.deepEqual((await engine.post(version, {})).items, expected);
  assert.deepEqual((await engine.post(version, { filter: { state: 'COMPLETED' } })).items, []);
  await engine.refused(version, { filter: { misspelt: 1 } }, 400, /'misspelt'/);
  const flows = (await engine.get(`/process-instances/${key}/sequence-flows`)).items;
  assert.deepEqual(flows.map((f) => f.elementId).sort(), ['f0', 'f1', 'toAsk', 'toPaid']);
  assert.equal(flows[0].processInstanceKey, key);
  const callers = await engine.get(`/process-instances/${below.processInstanceKey}/call-hierarchy`);
  assert.deepEqual(callers.map((c) => c.processInstanceKey), [key, below.processInstanceKey]);
  const incidents = (await engine.post(`/process-instances/${key}/incidents/search`, { filter: { state: 'ACTIVE' } })).items;
  assert.deepEqual(incidents.map((i) => [i.processInstanceKey, i.elementId]), [[below.processInstanceKey, 'rule']]);
  const [task] = await engine.search('user-tasks', { processInstanceKey: key });
  const seen = async (filter) => (await engine.post(`/user-tasks/${task.userTaskKey}/variables/search`, { filter, sort: [{ field: 'name' }] })).items
    .map((v) => [v.name, v.value]);
  assert.deepEqual(await seen({}), [['order', '"A-7"'], ['x', '2'], ['y', '"outer"']]);
  assert.deepEqual(await seen({ name: 'x' }), [['x', '2']]);
  const waits = await engine.search('message-subscriptions', { messageName: 'paid', correlationKey: 'A-7' });
  assert.deepEqual(waits.map((w) => [w.processInstanceKey, w.elementId, w.messageSubscriptionState]), [[key, 'paid', 'CREATED']]);
  assert.deepEqual((await engine.search('message-subscriptions', { processInstanceKey: key })).length, 1);
  for (const path of ['statistics/element-instances', 'sequence-flows', 'call-hierarchy']) await engine.refused(`/process-instances/17/${path}`, undefined, 404);
  for (const path of ['/process-definitions/17/statistics/element-instances', '/process-instances/17/incidents/search', '/user-tasks/17/variables/search'])
    await engine.refused(path, {}, 404);
  const nobody = park.client();
  assert.equal((await nobody.get('/v2/license')).json.isCommercial, false);
  assert.deepEqual([(await nobody.get('/v2/status')).status, (await nobody.get('/v2/topology')).status], [204, 401]);
});

const DMN = ['fees.dmn', `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="Fees" namespace="urn:fees">
<decision id="base" name="Base"><variable name="Base"/><literalExpression><text>size * 2</text></literalExpression></decision>
<decision id="charge" name="Charge"><variable name="Charge"/><informationRequirement><requiredDecision href="#base"/></informationRequirement>
<decisionTable id="t" hitPolicy="COLLECT"><input id="i1" label="基数"><inputExpression><text>base</text></inputExpression></input>
<output id="o1" name="sum"/><output id="o2" name="why"/>
<rule id="r1"><inputEntry><text>&lt; 10</text></inputEntry><outputEntry><text>1</text></outputEntry><outputEntry><text>"small"</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>&gt;= 10</text></inputEntry><outputEntry><text>base + 1</text></outputEntry><outputEntry><text>"large"</text></outputEntry></rule>
<rule id="r3"><inputEntry><text>-</text></inputEntry><outputEntry><text>3</text></outputEntry><outputEntry><text>"always"</text></outputEntry></rule>
</decisionTable></decision></definitions>`];

test('what was decided is kept with its inputs and the rules that it answered with', async () => {
  const { deployments } = await engine.deploy(DMN);
  const answer = await engine.post('/decision-definitions/evaluation', { decisionDefinitionId: 'charge', variables: { size: 6 } });
  assert.equal(answer.output, '[{"sum":13,"why":"large"},{"sum":3,"why":"always"}]');
  assert.deepEqual(answer.evaluatedDecisions.map((d) => [d.decisionDefinitionId, d.decisionDefinitionType, d.output]),
    [['base', 'LITERAL_EXPRESSION', '12'], ['charge', 'DECISION_TABLE', answer.output]]);
  const inputs = [{ inputId: 'i1', inputName: '基数', inputValue: '12' }];
  const output = (id, name, value) => ({ outputId: id, outputName: name, outputValue: value });
  const rules = [{ ruleId: 'r2', ruleIndex: 2, evaluatedOutputs: [output('o1', 'sum', '13'), output('o2', 'why', '"large"')] },
    { ruleId: 'r3', ruleIndex: 3, evaluatedOutputs: [output('o1', 'sum', '3'), output('o2', 'why', '"always"')] }];
  const { evaluatedDecisions: [, charge] } = answer;
  assert.deepEqual([charge.evaluatedInputs, charge.matchedRules], [inputs, rules]);
  const kept = await engine.get(`/decision-instances/${charge.decisionEvaluationInstanceKey}`);
  assert.deepEqual([kept.evaluatedInputs, kept.matchedRules, kept.result, kept.state, kept.decisionEvaluationKey, kept.processInstanceKey],
    [inputs, rules, answer.output, 'EVALUATED', answer.decisionEvaluationKey, undefined]);
  assert.equal(kept.decisionDefinitionKey, deployments.find((d) => d.decisionDefinition?.decisionDefinitionId === 'charge').decisionDefinition.decisionDefinitionKey);
  await engine.refused('/decision-instances/17', undefined, 404);
  const rule = ['rule', `<businessRuleTask id="rule"><extensionElements><zeebe:calledDecision decisionId="charge" resultVariable="c"/></extensionElements>
    <multiInstanceLoopCharacteristics isSequential="true"><extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 9]" inputElement="size"/></extensionElements>
    </multiInstanceLoopCharacteristics></businessRuleTask>`];
  await engine.deploy(bpmn('charged', chain(start(), rule, end())));
  const made = await begin('charged');
  const filter = { processInstanceKey: made.processInstanceKey };
  const found = await engine.search('decision-instances', filter);
  assert.deepEqual(found.map((d) => [d.decisionDefinitionId, d.result]), [['base', '2'], ['charge', '[{"sum":1,"why":"small"},{"sum":3,"why":"always"}]'],
    ['base', '18'], ['charge', '[{"sum":19,"why":"large"},{"sum":3,"why":"always"}]']]);
  assert.deepEqual([found[0].evaluatedInputs, found[0].processDefinitionKey], [undefined, made.processDefinitionKey]);
  const elements = (await engine.search('element-instances', { ...filter, type: 'BUSINESS_RULE_TASK' })).map((e) => e.elementInstanceKey);
  assert.deepEqual([...new Set(found.map((d) => d.elementInstanceKey))], elements);
  const tables = await engine.search('decision-instances', { decisionDefinitionType: 'DECISION_TABLE', decisionDefinitionId: { $in: ['charge'] } },
    { sort: [{ field: 'evaluationDate', order: 'ASC' }, { field: 'decisionEvaluationInstanceKey', order: 'DESC' }], page: { limit: 2 } });
  assert.deepEqual(tables.map((d) => d.processInstanceKey ?? 'none').length, 2);
  const none = await engine.post('/decision-definitions/evaluation', { decisionDefinitionId: 'base', variables: { size: 'x' } });
  assert.deepEqual([none.output, none.failedDecisionDefinitionId], ['null', 'base']);
  const [failed] = await engine.search('decision-instances', { state: 'FAILED' });
  assert.deepEqual([failed.decisionEvaluationKey, failed.evaluationFailure], [none.decisionEvaluationKey, none.failureMessage]);
  await engine.post('/decision-definitions/evaluation', { decisionDefinitionId: 'base', variables: { size: 'y'.repeat(500000) } });
});

test('a user task has the form of the version that its binding named when it began', async () => {
  const form_ = (n, versionTag) => ['bound.form', JSON.stringify({ id: 'bound', n, versionTag })];
  const ask = (id, more) => user(id, `<zeebe:formDefinition formId="bound" ${more}/>`);
  await engine.deploy(form_(1, 'stable'));
  await engine.deploy(form_(2), bpmn('formed', chain(start(), ask('latest', ''), ask('beside', 'bindingType="deployment"'),
    ask('tagged', 'bindingType="versionTag" versionTag="stable"'), ask('lost', 'bindingType="versionTag" versionTag="none"'), end())));
  await engine.deploy(form_(3));
  const { processInstanceKey } = await begin('formed');
  const seen = [];
  for (let i = 0; i < 4; i++) {
    const [task] = await engine.search('user-tasks', { processInstanceKey, state: 'CREATED' });
    if (i === 0) await engine.deploy(form_(4));
    const reply = await client.get(`/v2/user-tasks/${task.userTaskKey}/form`);
    assert.equal(reply.json?.formKey, task.formKey);
    seen.push([task.elementId, reply.status, reply.json && JSON.parse(reply.json.schema).n, reply.json?.version]);
    await engine.post(`/user-tasks/${task.userTaskKey}/completion`, {}, 204);
  }
  assert.deepEqual(seen.map((s) => s.slice(0, 2)), [['latest', 200], ['beside', 200], ['tagged', 200], ['lost', 204]]);
  assert.deepEqual(seen.slice(0, 3).map((s) => s.slice(2)), [[3, 3], [2, 2], [1, 1]]);
  const { deployments } = await engine.deploy(bpmn('asks', chain(start('<extensionElements><zeebe:formDefinition formId="bound"/></extensionElements>'), end())));
  const key = deployments[0].processDefinition.processDefinitionKey;
  assert.deepEqual([(await engine.get(`/process-definitions/${key}/form`)).version, (await engine.get(`/process-definitions/${key}/form`)).formId], [4, 'bound']);
  const { processDefinitionKey } = (await engine.search('process-definitions', { processDefinitionId: 'formed' }))[0];
  assert.equal((await client.get(`/v2/process-definitions/${processDefinitionKey}/form`)).status, 204);
  await engine.refused('/process-definitions/17/form', undefined, 404);
});

test('input that cannot be taken ends in a problem with a sentence', async () => {
  const at = { processDefinitionId: 'sought' };
  const deep = `${'['.repeat(2000)}${']'.repeat(2000)}`;
  const raw = (body) => client.request('POST', '/v2/process-instances', { body, headers: { 'content-type': 'application/json' } });
  const problem = async (reply, status, pattern = /./) => {
    const got = await reply;
    assert.equal(got.status, status, got.text);
    assert.match(got.headers['content-type'], /^application\/problem\+json/);
    assert.equal(got.json.status, status);
    assert.match(got.json.detail, pattern);
  };
  const { text } = await rawExchange(park.port, `POST /v2/process-instances HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${client.token}\r\n`
    + `Content-Type: application/json\r\nContent-Length: ${1024 * 1024 + 1}\r\n\r\n{"processDefinitionId"`);
  assert.match(text, /^HTTP\/1.1 413 [^]*\r\nContent-Type: application\/problem\+json[^]*"detail":"/i);
  await problem(raw(`{"processDefinitionId":"sought","variables":{"deep":${deep}}}`), 413);
  await problem(raw('{"processDefinitionId":'), 400);
  await problem(raw('[]'), 400);
  await problem(raw(JSON.stringify({ ...at, variables: [1] })), 400, /must be an object/);
  await problem(raw(JSON.stringify({ ...at, variables: 'text' })), 400, /must be an object/);
  await problem(raw(JSON.stringify({ variables: {} })), 400, /name a processDefinitionId/);
  await problem(raw(JSON.stringify({ processDefinitionKey: 'abc' })), 400, /a key is expected/);
  await problem(raw(JSON.stringify({ processDefinitionKey: '99999999999999999999999' })), 400, /a key is expected/);
  await problem(raw(JSON.stringify({ processDefinitionKey: '17' })), 404);
  await problem(raw(JSON.stringify({ ...at, processDefinitionVersion: 99 })), 404, /no process 'sought'/);
  await problem(raw(JSON.stringify({ ...at, runtimeInstructions: [{ type: 'TERMINATE_PROCESS_INSTANCE', afterElementId: 'ask' }] })), 400, /no runtime instruction/);
  await engine.refused('/process-instances', { ...at, tenantId: 'other' }, 400, /there is no tenant 'other'/);
  await engine.refused('/messages/publication', { name: 'm', correlationKey: 'k', tenantId: 'other' }, 400, /no tenant/);
  await engine.refused('/signals/broadcast', { signalName: 's', tenantId: 'other' }, 400, /no tenant/);
  await engine.refused('/decision-definitions/evaluation', { decisionDefinitionId: 'd', tenantId: 'other' }, 400, /no tenant/);
  await engine.refused('/decision-definitions/evaluation', {}, 400, /by its id or its key/);
  await engine.refused('/jobs/activation', { type: 'j', timeout: 1, maxJobsToActivate: 1, tenantIds: ['other'] }, 400, /no tenant/);
  await engine.post('/signals/broadcast', { signalName: 's', tenantId: '<default>' });
  for (const path of ['process-instances', 'element-instances', 'user-tasks', 'variables', 'incidents', 'process-definitions'])
    for (const key of ['17', 'abc', '-1', '99999999999999999999999']) await engine.refused(`/${path}/${key}`, undefined, 404);
  for (const path of ['/jobs/17/completion', '/jobs/17/failure', '/user-tasks/17/completion', '/incidents/17/resolution',
    '/process-instances/17/cancellation', '/process-instances/abc/cancellation', '/resources/17/deletion'])
    await engine.refused(path, {}, 404);
  await engine.refused('/jobs/17/error', { errorCode: 'E' }, 404);
  await engine.refused('/process-instances/17/migration', { targetProcessDefinitionKey: '18', mappingInstructions: [] }, 404);
});

test('a deployment of too many files, of none, of what is no file', async () => {
  const deploy = (files) => client.request('POST', '/v2/deployments', form(files));
  const refused = async (files, status, pattern) => {
    const reply = await deploy(files);
    assert.equal(reply.status, status, reply.text);
    assert.match(reply.headers['content-type'], /^application\/problem\+json/);
    assert.match(reply.json.detail, pattern);
  };
  const forms = (count) => Array.from({ length: count }, (_, i) => [`f${i}.form`, JSON.stringify({ id: `f${i}` })]);
  assert.equal((await deploy(forms(100))).status, 200);
  await refused(forms(101), 413, /more than 100 files/);
  await refused([], 400, /./);
  await refused([['note.txt', 'hello']], 400, /ends in none of/);
  await refused([['a.bpmn', 'no xml']], 400, /./);
  await refused([['a.dmn', '<a/>']], 400, /./);
  await refused([['a.form', '{']], 400, /./);
  await refused([['a.form', '{"type":"default"}']], 400, /no id/);
  await refused([['a.bpmn', '\xff\xfe']], 400, /./);
  const other = form([]);
  other.body = `--line\r\ncontent-disposition: form-data; name="tenantId"\r\n\r\nother\r\n${forms(1).map(([name, content]) => `--line\r\n`
    + `content-disposition: form-data; name="resources"; filename="${name}"\r\n\r\n${content}\r\n`).join('')}--line--\r\n`;
  const reply = await client.request('POST', '/v2/deployments', other);
  assert.equal(reply.status, 400);
  assert.match(reply.json.detail, /no tenant 'other'/);
});
