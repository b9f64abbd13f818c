// All open cases of a version go to the next one, after a look at what has no place there.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startWorld } from './harness.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const FORM = { title: '蒸汽压力不足', category: 'utilities', text: '昨晚起蒸汽压力只有 0.4 MPa。' };
let world, later;

// The services with the step "handle" under another id.
function renamed() {
  const dir = mkdtempSync(path.join(tmpdir(), 'kuailian-services-'));
  cpSync(path.join(ROOT, 'services'), dir, { recursive: true, filter: (from) => path.basename(from) !== 'scenarios' });
  for (const name of ['process.bpmn', 'messages.zh-CN.json', 'messages.en.json']) {
    const at = path.join(dir, 'request', name);
    writeFileSync(at, readFileSync(at, 'utf8').replaceAll('"handle"', '"work_on"').replaceAll('element.handle"', 'element.work_on"')
      .replaceAll('outcome.handle.', 'outcome.work_on.'));
  }
  return dir;
}

before(async () => {
  world = await startWorld();
  later = renamed();
  for (let n = 0; n < 3; n++) {
    const filed = await world.contact.post('/api/v1/cases', { service: 'request', enterprise_id: world.enterprise, form: FORM, file_ids: [] });
    const found = await world.member.get(`/api/v1/cases/${filed.json.id}`);
    if (n > 0) await world.member.post(`/api/v1/tasks/${found.json.tasks[0].id}/claim`);
  }
  await world.park.restart(['--web-dir', path.join(ROOT, 'web/dist'), '--services', later]);
  world.base = `http://127.0.0.1:${world.park.port}`;
}, { timeout: 60000 });
after(async () => {
  await world?.stop();
  rmSync(later, { recursive: true, force: true });
});

test('a version is previewed, what has no place gets one, and all of it moves', async () => {
  const page = await world.open({ login: 'admin' });
  await page.goto(`${world.base}/admin/operations`);
  await page.getByRole('combobox', { name: '全部事项' }).click({ force: true });
  await page.getByRole('option', { name: '企业诉求' }).click();
  await page.getByRole('button', { name: '整批转版本' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').last().fill('新版流程上线');
  await dialog.getByRole('button', { name: '预览' }).click();
  await dialog.getByText('可转 1 件，不能转 2 件').waitFor();
  await dialog.getByRole('combobox', { name: '步骤 handle 对应到' }).fill('work_on');
  await page.getByRole('option', { name: /work_on/ }).click();
  await dialog.getByRole('button', { name: '预览' }).click();
  await dialog.getByText('可转 3 件，不能转 0 件').waitFor();
  await world.settle(page, 'migrate-desk');
  await dialog.getByRole('button', { name: '确认执行' }).click();
  await dialog.getByText('已转 3 件，未转 0 件').waitFor();
  await dialog.getByRole('button', { name: '完成' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('one case is looked at on a phone, in English', async () => {
  const page = await world.open({ login: 'admin' }, { phone: true, language: 'en' });
  await page.goto(`${world.base}/admin/operations`);
  await page.getByRole('button', { name: /^Migrate QY/ }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'To version' }).click({ force: true });
  await page.getByRole('option').first().click();
  await dialog.getByRole('textbox').last().fill('Back to the old one');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByText('It cannot be done. Reasons: 1').waitFor();
  await dialog.getByText('has no place in the target version').waitFor();
  await world.settle(page, 'migrate-phone');
});
