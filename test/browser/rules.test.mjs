// The rules page: a table with its gap, and values tried on it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from './harness.mjs';

let world;
before(async () => { world = await startWorld(); });
after(() => world.stop());

const rule = (kind, employees, amount) => `<rule><inputEntry><text>${kind}</text></inputEntry>
  <inputEntry><text>${employees}</text></inputEntry><outputEntry><text>${amount}</text></outputEntry></rule>`;
const MODEL = Buffer.from(`<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="补助" namespace="urn:x">
  <inputData id="k" name="kind"><variable name="kind" typeRef="string"/></inputData>
  <inputData id="e" name="employees"><variable name="employees" typeRef="number"/></inputData>
  <decision id="d" name="amount"><description>新员工补助</description><variable name="amount"/>
  <informationRequirement><requiredInput href="#k"/></informationRequirement>
  <informationRequirement><requiredInput href="#e"/></informationRequirement><decisionTable>
  <input label="kind"><inputExpression typeRef="string"><text>kind</text></inputExpression>
  <inputValues><text>"newcomer","resident"</text></inputValues></input>
  <input label="employees"><inputExpression typeRef="number"><text>employees</text></inputExpression></input>
  <output name="amount"/>${rule('"newcomer"', '&lt;= 20', 5000)}${rule('"newcomer"', '(20..100]', 3000)}
  ${rule('-', '&gt; 100', 0)}</decisionTable></decision></definitions>`);

const openFile = (page) => page.locator('input[type=file]').setInputFiles({ name: '补助.dmn', mimeType: 'text/xml', buffer: MODEL });
const choose = async (page, label, word) => {
  await page.locator('.line').filter({ hasText: label }).locator('.el-select').click();
  await page.getByRole('option', { name: word, exact: true }).click();
};

test('an officer opens a table, sees its gap, and tries it', async () => {
  const page = await world.open(world.officer);
  await page.locator('nav').getByText('规则', { exact: true }).click();
  await openFile(page);
  await page.getByRole('heading', { name: '新员工补助' }).waitFor();
  await page.locator('.findings').getByText(/没有规则覆盖 kind = "resident"/).waitFor();
  await choose(page, 'kind', 'newcomer');
  await page.locator('.line').filter({ hasText: 'employees' }).locator('input').fill('12');
  await page.getByRole('button', { name: '计算' }).click();
  await page.locator('.answer pre').getByText('5000').waitFor();
  assert.equal(await page.locator('tr.fired').count(), 1);
  assert.equal(await page.locator('td.why').count(), 2);
  await world.settle(page, 'rules-desk');
  await choose(page, 'kind', 'resident');
  await page.getByRole('button', { name: '计算' }).click();
  await page.locator('.reasons').getByText('没有规则适用于这些值').waitFor();
  await page.context().close();
});

test('the services\' own rules on a phone, in English', async () => {
  const page = await world.open(world.leader, { phone: true, language: 'en' });
  await page.goto(`${world.base}/rules`);
  await page.locator('.reg-panel table').first().waitFor();
  await page.locator('.findings, .fine').first().waitFor();
  await world.settle(page, 'rules-phone');
  assert.doesNotMatch(await page.locator('.findings, .fine').first().innerText(), /[\u4e00-\u9fff]/);
  await page.context().close();
});
