// FEEL and DMN over HTTP: results with their reasons, the analysis, and what hostile rules come to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPark } from './harness.mjs';

let park, officer;
before(async () => {
  park = await startPark();
  const department = await park.department();
  officer = await park.person({ name: '李工', roles: [['officer', department]] });
});
after(() => park.stop());

const feel = async (expression, context) => {
  const reply = await officer.post('/api/v1/decisions/feel', { expression, context });
  return { status: reply.status, ...reply.json, text: reply.text };
};

const TABLE = (rules, policy = '') => `<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"
  name="补助" namespace="urn:x"><inputData id="e" name="employees"><variable name="employees" typeRef="number"/></inputData>
  <decision id="d" name="amount"><variable name="amount"/><informationRequirement><requiredInput href="#e"/>
  </informationRequirement><decisionTable ${policy}><input><inputExpression typeRef="number"><text>employees</text>
  </inputExpression></input><output/>${rules.map(([when, then]) => `<rule><inputEntry><text>${when}</text></inputEntry>
  <outputEntry><text>${then}</text></outputEntry></rule>`).join('')}</decisionTable></decision></definitions>`;
const model = (...rules) => [{ name: '补助.dmn', text: TABLE(rules) }];

test('an expression with its variables', async () => {
  const { status, result, type, reasons } = await feel('sum(for x in list return x * 2)', { list: [1, 2, 3] });
  assert.deepEqual([status, result, type, reasons], [200, 12, 'number', []]);
});

test('numbers keep their spelling, and 2^63 its value', async () => {
  assert.match((await feel('{a: x, b: 9223372036854775808 + 1}', { x: 1 })).text, /9223372036854775809/);
  const reply = await officer.request('POST', '/api/v1/decisions/feel', {
    headers: { 'content-type': 'application/json' }, body: '{"expression": "x", "context": {"x": 1.10}}' });
  assert.match(reply.text, /"result":1\.10,/);
});

test('a number that decimal128 cannot hold is refused, not rounded', async () => {
  for (const number of ['1e9999', '12345678901234567890123456789012345']) {
    const reply = await officer.request('POST', '/api/v1/decisions/feel', {
      headers: { 'content-type': 'application/json' }, body: `{"expression": "x", "context": {"x": ${number}}}` });
    assert.equal(reply.status, 400);
    assert.match(reply.json.detail, new RegExp(number));
  }
});

test('null comes with its reason and place', async () => {
  const { result, reasons, reasons_total: total } = await feel('1 + (a.b / 0)', { a: { b: 3 } });
  assert.equal(result, null);
  assert.ok(total >= 1 && reasons[0].what && reasons[0].line === 1, JSON.stringify(reasons));
  assert.match(reasons[0].detail, /0/);
});

test('what cannot be read says where', async () => {
  const { status, detail } = await feel('1 + ');
  assert.equal(status, 400);
  assert.match(detail, /line 1/);
});

test('hostile rules end within the budget', async () => {
  const many = 'for a in 1..9999, b in 1..9999, c in 1..9999 return a';
  const grows = '{f: function(s) f(s + s), x: f("aaaaaaaa")}.x';
  const regex = `matches("${'a'.repeat(40)}!", "(a+)+(a+)+(a+)+$")`;
  for (const expression of [many, grows]) {
    const { status, detail } = await feel(expression);
    assert.equal(status, 413, `${expression}: ${detail}`);
  }
  const begin = Date.now();
  const { status } = await feel(regex);
  assert.ok(status === 200 || status === 413);
  assert.ok(Date.now() - begin < 20000);
  assert.equal((await feel('('.repeat(10000))).status, 413);
});

test('a decision with its trace', async () => {
  const { json, status } = await officer.post('/api/v1/decisions/evaluate', { models: model(['&lt;= 20', 5000], ['&gt; 20', 3000]),
    decision: 'amount', input: { employees: 12 }, trace: true });
  assert.equal(status, 200);
  assert.equal(json.result, 5000);
  assert.deepEqual(json.trace[0].rules.map((rule) => rule.fired), [true, false]);
  assert.equal(json.trace[0].rules[1].test, '> 20');
});

test('no rule fits: null, with a reason', async () => {
  const { json } = await officer.post('/api/v1/decisions/evaluate',
    { models: model(['&lt; 20', 5000]), decision: 'amount', input: { employees: 20 } });
  assert.equal(json.result, null);
  assert.ok(json.reasons.length > 0);
});

test('the analysis finds gap and overlap with examples', async () => {
  const { json } = await officer.post('/api/v1/decisions/check',
    { models: model(['&lt; 20', 5000], ['[10..30]', 3000]) });
  const whats = json.findings.map((finding) => finding.what);
  assert.ok(whats.includes('gap') && whats.includes('overlap'), JSON.stringify(json.findings));
  assert.deepEqual([json.decisions, json.inputs], [['amount'], ['employees']]);
  assert.ok(json.findings.every((finding) => finding.detail && finding.severity));
});

test('bad requests are named', async () => {
  const post = (body) => officer.post('/api/v1/decisions/evaluate', body);
  assert.equal((await post({ models: model(['-', 1]) })).status, 422);
  assert.equal((await post({ models: [], decision: 'x' })).status, 422);
  assert.equal((await post({ models: model(['-', 1]), decision: 'nothing' })).status, 404);
  assert.equal((await post({ models: [{ name: 'x', text: '<html/>' }], decision: 'x' })).status, 400);
  assert.equal((await post({ models: model(['-', 1]), decision: 'amount', input: [1] })).status, 422);
});

test('only those who write rules may', async () => {
  const grid = await park.grid();
  const contact = await park.person({ name: '王联', kind: 'contact', roles: [['contact', await park.enterprise(grid)]] });
  for (const path of ['feel', 'evaluate', 'check']) {
    const body = path === 'feel' ? { expression: '1' } : { models: model(['-', 1]), ...(path === 'evaluate' && { decision: 'amount' }) };
    assert.equal((await contact.post(`/api/v1/decisions/${path}`, body)).status, 403);
    assert.equal((await park.client().post(`/api/v1/decisions/${path}`, body)).status, 401);
  }
});
