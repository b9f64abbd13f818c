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

const shape = (id, x, y, w, h) => `<di:BPMNShape id="${id}_s" bpmnElement="${id}"><dc:Bounds x="${x}" y="${y}" width="${w}" height="${h}" /></di:BPMNShape>`;
const DRAWN = MODEL.replace('<definitions ', `<definitions xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" `)
  .replaceAll('steam', 'heat').replace('</definitions>', `<di:BPMNDiagram id="g"><di:BPMNPlane id="p" bpmnElement="heat">${shape('begin', 80, 82, 36, 36)}
    ${shape('weigh', 200, 75, 50, 50)}${shape('confirm', 330, 60, 100, 80)}${shape('end', 520, 82, 36, 36)}${shape('none', 207, 190, 36, 36)}</di:BPMNPlane></di:BPMNDiagram></definitions>`);

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
  const row = page.getByRole('region', { name: '停滞的步骤' }).getByRole('row').filter({ hasText: processInstanceKey });
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

// Two instances of a drawn model: one waits, one stands still.
async function heated(page) {
  await v2(page, 'POST', '/deployments', { multipart: { resources: { name: 'heat.bpmn', mimeType: 'text/xml', buffer: Buffer.from(DRAWN) } } });
  const made = [];
  for (const tonnes of [5, 0])
    made.push((await v2(page, 'POST', '/process-instances', { data: { processDefinitionId: 'heat', variables: { tonnes } } })).processInstanceKey);
  return made;
}

test('a definition is drawn with its counts, and a click on a step lists who stands there', async () => {
  const page = await park.open('sysadmin1', { size: DESK });
  const [waits, still] = await heated(page);
  await page.at('/admin/operations');
  await page.getByRole('row').filter({ hasText: 'heat v1' }).getByRole('link', { name: '供汽' }).click();
  await page.locator('.djs-element.kl-stuck[data-element-id=weigh]').waitFor();
  await page.locator('.kl-badge.stuck').getByText('停滞 1').waitFor();
  await page.getByRole('link', { name: waits }).waitFor();
  await page.locator('.djs-element[data-element-id=weigh]').click();
  await page.getByRole('link', { name: waits }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: still }).waitFor();
  await park.axe(page);
  await page.getByRole('button', { name: /^确认/ }).press('Enter'); // The same by keyboard.
  await page.getByRole('link', { name: waits }).waitFor();
  await page.at('/admin/operations/services/request');
  await page.locator('.djs-element.kl-active').first().waitFor();
  await page.locator('.steps button').first().click();
  assert.match(page.url(), /step=/);
  await park.axe(page);
});

test('an instance is drawn, its variable set, its step tried again, and it is stood still and ended', async () => {
  const page = await park.open('sysadmin1', { size: DESK });
  const [, still] = await heated(page);
  await page.at(`/admin/operations/instances/${still}`);
  await page.locator('.djs-element.kl-stuck[data-element-id=weigh]').waitFor();
  await page.locator('.djs-element.kl-done[data-element-id=begin]').waitFor();
  await park.axe(page);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: '修改 tonnes' }).click();
  await dialog.locator('textarea').fill('{');
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.getByText('不是有效的 JSON').waitFor();
  await dialog.locator('textarea').fill('7');
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: '重试 weigh' }).click();
  await page.locator('.djs-element.kl-active[data-element-id=confirm]').waitFor();
  await page.getByRole('button', { name: '调整' }).click();
  await dialog.locator('.el-checkbox').first().click();
  await dialog.getByRole('combobox', { name: '从这里开始' }).fill('weigh');
  await page.getByRole('option', { name: /weigh/ }).click();
  await dialog.getByRole('heading').click(); // The list of steps folds up.
  await dialog.getByRole('button', { name: '确认执行' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.kl-badge').getByText(/2 次/).first().waitFor();
  await page.getByRole('button', { name: '暂停' }).click();
  await dialog.getByRole('button', { name: '暂停' }).click();
  await page.getByText('已暂停').first().waitFor();
  await page.getByRole('button', { name: '终止' }).click();
  await dialog.getByRole('button', { name: '终止' }).click();
  await page.getByText('已终止').first().waitFor();
  assert.equal(await page.getByRole('button', { name: '调整' }).count(), 0);
});

test('both fit a phone, in English, also where a model has no drawing', async () => {
  const page = await park.open('sysadmin1', { size: PHONE, locale: 'en-GB' });
  const { processInstanceKey, processDefinitionKey } = await v2(page, 'POST', '/process-instances', { data: { processDefinitionId: 'steam', variables: { tonnes: 0 } } });
  for (const at of [`processes/${processDefinitionKey}`, `instances/${processInstanceKey}`]) {
    await page.at(`/admin/operations/${at}`);
    await page.getByText('This process has no drawing').waitFor();
    await park.fits(page);
    await park.axe(page);
  }
});
