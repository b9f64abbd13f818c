// The picture of a case whose process calls others: the drawing that is open furthest in, and the way out.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { startWorld } from './harness.mjs';

const SERVICES = fileURLToPath(new URL('../park/services', import.meta.url));
const TITLE = '请看看围墙';
let world, url;
before(async () => {
  world = await startWorld({ args: ['--services', SERVICES] });
}, { timeout: 120000 });
after(() => world?.stop());

const send = async (who, path, body, status = 200) => {
  const reply = await who.post(path, body);
  assert.equal(reply.status, status, reply.text);
  return reply.json;
};
const task = async (who, element) => (await who.get(`/api/v1${url}`)).json.tasks.find((t) => t.element === element).id;

async function picture(who, options) {
  const page = await world.open(who, options);
  await page.goto(world.base + url);
  await page.getByRole('heading', { name: TITLE }).waitFor();
  await page.getByRole('tab', { name: options.language === 'en' ? 'Process' : '流程图' }).click();
  await page.locator('.djs-element.kl-active').first().waitFor();
  return page;
}
const active = (page) => page.locator('.djs-element.kl-active').evaluateAll((all) => all.map((one) => one.dataset.elementId));

test('each called process has its drawing', async () => {
  const made = await send(world.contact, '/api/v1/cases', { service: 'visit', enterprise_id: world.enterprise,
    form: { title: TITLE, category: 'safety', text: '围墙有裂缝。' } }, 201);
  url = `/cases/${made.id}`;
  await send(world.member, `/api/v1/tasks/${await task(world.member, 'sign')}/claim`, {});
  const page = await picture(world.member, {});
  assert.deepEqual(await active(page), ['inspect']);
  await page.locator('dd').getByText('查看现场').waitFor();
  await world.settle(page, 'calls-inside');
  await page.locator('.which').click();
  await page.getByRole('option', { name: '上门服务' }).click();
  await page.locator('.djs-element.kl-active[data-element-id=look]').waitFor();
  assert.deepEqual(await active(page), ['look']);
  await world.settle(page, 'calls-outside');
  await page.context().close();
});

test('two calls deep, on a phone', async () => {
  await send(world.member, `/api/v1/tasks/${await task(world.member, 'inspect')}/complete`, { outcome: 'done', text: '裂缝不深' });
  const page = await picture(world.gridLeader, { phone: true, language: 'en' });
  assert.deepEqual(await active(page), ['approve']);
  await world.settle(page, 'calls-deep-phone');
  await page.context().close();
});
