// The operations page: what stands still is seen with its reason, set right, and goes on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESK, PHONE, startSample } from './sample.mjs';

const MODEL = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:test">
  <process id="steam" name="供汽" isExecutable="true"><startEvent id="begin" />
  <sequenceFlow id="a" sourceRef="begin" targetRef="weigh" /><exclusiveGateway id="weigh" name="核算" />
  <sequenceFlow id="b" sourceRef="weigh" targetRef="confirm"><conditionExpression>=tonnes &gt; 0</conditionExpression></sequenceFlow>
  <sequenceFlow id="n" sourceRef="weigh" targetRef="none"><conditionExpression>=tonnes &lt; 0</conditionExpression></sequenceFlow>
  <endEvent id="none" name="未供汽" /><userTask id="confirm" name="确认" /><sequenceFlow id="c" sourceRef="confirm" targetRef="end" /><endEvent id="end" /></process></definitions>`;

let park;
before(async () => { park = await startSample(); }, { timeout: 60000 });
after(() => park?.stop());

// One request to /v2 as the page's person.
async function v2(page, method, target, options) {
  const { csrf } = await (await page.context().request.get(`${park.base}/api/v1/me`)).json();
  const reply = await page.context().request.fetch(`${park.base}/v2${target}`, { method, headers: { 'X-CSRF-Token': csrf }, ...options });
  assert.ok(reply.ok(), await reply.text());
  return reply.status() === 204 ? undefined : reply.json();
}

test('an instance stands still, is seen with its values, set right and tried again', async () => {
  const page = await park.open('sysadmin1', { size: DESK });
  await v2(page, 'POST', '/deployments',
    { multipart: { resources: { name: 'steam.bpmn', mimeType: 'text/xml', buffer: Buffer.from(MODEL) } } });
  const { processInstanceKey } = await v2(page, 'POST', '/process-instances',
    { data: { processDefinitionId: 'steam', variables: {} } });
  await page.at('/admin/operations');
  const row = page.getByRole('row').filter({ hasText: processInstanceKey });
  await row.getByText('weigh').waitFor();
  await row.getByText('表达式得不出结果').waitFor();
  await row.getByText('表达式与取值').click();
  await row.locator('pre').filter({ hasText: 'tonnes' }).waitFor();
  const running = page.getByRole('row').filter({ hasText: 'steam v1' }).filter({ hasText: '供汽' });
  await running.getByText('核算').waitFor();
  await park.axe(page);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/operations-desk.png`, fullPage: true });
  await v2(page, 'PUT', `/element-instances/${processInstanceKey}/variables`, { data: { variables: { tonnes: 3 } } });
  await row.getByRole('button', { name: /重试/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: '重试' }).click();
  await row.waitFor({ state: 'detached' });
  await running.getByText('确认').waitFor();
});

test('the page fits a phone, in English', async () => {
  const page = await park.open('sysadmin1', { size: PHONE, locale: 'en-GB' });
  await v2(page, 'POST', '/process-instances', { data: { processDefinitionId: 'steam', variables: { tonnes: 0 } } });
  await page.at('/admin/operations');
  await page.getByRole('heading', { name: 'Steps that stand still' }).waitFor();
  await page.getByText('weigh').first().waitFor();
  await park.fits(page);
  await park.axe(page);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/operations-phone.png`, fullPage: true });
});
