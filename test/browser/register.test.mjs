import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { PHONE, startSample } from './sample.mjs';

let park;
before(async () => { park = await startSample(); });
after(() => park.stop());

const ROW = '.data-table tbody tr';

test('an enterprise is found by its initials, and its page says who answers', async () => {
  const page = await park.open('leader1');
  const { items } = await page.api('GET', '/enterprises?limit=1');
  await page.at('/register/enterprises');
  await page.getByPlaceholder('企业名称、拼音或首字母').fill(items[0].name.slice(0, 6));
  await page.waitForFunction((name) => document.querySelector('.data-table tbody a')?.textContent === name, items[0].name);
  await page.locator(`${ROW} a`).first().click();
  await page.waitForURL(`**/enterprises/${items[0].id}`);
  await page.getByRole('heading', { level: 1, name: items[0].name }).waitFor();
  assert.ok(await page.locator('.reg-history li.now').count() > 0);
  assert.match(await page.locator('.reg-panel').filter({ hasText: '联络员' }).last().innerText(), /\d{3}\*+\d+/);
  await page.waitForSelector('.park-map path.park-area');
  await park.axe(page);
  await page.at('/register/enterprises?q=zzzzzz');
  await page.getByText('没有符合条件的记录').waitFor();
  await page.context().close();
});

test('a change is checked under its field, saved, and refused to who may not', async () => {
  const page = await park.open('sysadmin1');
  const { items } = await page.api('GET', '/enterprises?limit=2');
  await page.at(`/enterprises/${items[1].id}`);
  await page.getByRole('button', { name: '修改' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('统一社会信用代码').fill('91330000000000000X');
  await form.getByRole('button', { name: '保存' }).click();
  await form.locator('.el-form-item__error').first().waitFor();
  await form.getByLabel('统一社会信用代码').fill(items[1].code);
  await form.getByLabel('规模').fill('中型试验');
  await form.getByRole('button', { name: '保存' }).click();
  await page.locator('.reg-facts').getByText('中型试验').waitFor();
  await page.context().close();

  const reader = await park.open('leader1');
  await reader.at(`/enterprises/${items[1].id}`);
  await reader.locator('.reg-facts').getByText('中型试验').waitFor();
  assert.equal(await reader.getByRole('button', { name: '修改' }).count(), 0);
  await reader.context().close();
});

test('a handover keeps both in the history', async () => {
  const page = await park.open('sysadmin1');
  const grids = (await page.api('GET', '/grids')).items;
  const from = grids[2].leader;
  const to = grids[3].leader;
  await page.at(`/register/grids/${grids[2].id}`);
  await page.getByRole('button', { name: '工作交接' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('接手人').fill(to.name);
  await page.locator('.el-select-dropdown__item').filter({ hasText: to.name }).first().click();
  await dialog.getByLabel('交接说明').fill('岗位调整');
  await dialog.getByRole('button', { name: '交接', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  const grid = await page.api('GET', `/grids/${grids[2].id}`);
  assert.equal(grid.leader.name, to.name);
  const history = page.locator('.reg-history');
  assert.ok(await history.locator('li.now').filter({ hasText: to.name }).count() > 0);
  assert.ok(await history.locator('li:not(.now)').filter({ hasText: from.name }).count() > 0);
  await page.context().close();
});

test('a sheet is tried first; its errors name row, column and reason', async () => {
  const page = await park.open('sysadmin1');
  await page.at('/register/enterprises');
  await page.locator(ROW).first().waitFor();
  await page.getByRole('button', { name: '导出' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('CSV 文本').click()]);
  const lines = readFileSync(await download.path(), 'utf8').trimEnd().split(/\r?\n/);
  assert.ok(lines.length > 200);
  const code = /[0-9A-Z]{18}/.exec(lines[1])[0];
  const wrong = lines[1].replace(code, `${code.slice(0, 17)}${code[17] === '0' ? '1' : '0'}`);

  await page.getByRole('button', { name: '导入' }).click();
  const dialog = page.getByRole('dialog');
  const file = (text) => ({ name: 'enterprises.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await dialog.locator('input[type=file]').setInputFiles(file(`${lines[0]}\n${wrong}\n`));
  await dialog.getByText('没有导入任何数据').waitFor();
  assert.match(await dialog.locator(ROW).first().innerText(), /2/);
  assert.ok(await dialog.getByRole('button', { name: '正式导入' }).isDisabled());

  await dialog.locator('input[type=file]').setInputFiles(file(`${lines.slice(0, 4).join('\n')}\n`));
  await dialog.getByText('无需导入').waitFor();
  const name = (await page.api('GET', `/enterprises?q=${encodeURIComponent(code)}`)).items[0].name;
  await dialog.locator('input[type=file]').setInputFiles(file(`${lines[0]}\n${lines[1].replaceAll(name, `${name}甲`)}\n`));
  await dialog.getByText('更新 1').waitFor();
  await park.axe(page, '.el-dialog');
  await dialog.getByRole('button', { name: '正式导入' }).click();
  await dialog.getByText('已导入').waitFor();
  assert.equal((await page.api('GET', `/enterprises?q=${encodeURIComponent(code)}`)).items[0].name, `${name}甲`);
  await page.context().close();
});

test('a day of the calendar is turned over and saved; a year without its list warns', async () => {
  const page = await park.open('sysadmin1');
  await page.at('/admin/calendar');
  const day = page.locator('[data-date="2026-12-25"]');
  await day.click();
  assert.match(await day.getAttribute('class'), /holiday/);
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('日历已保存').waitFor();
  const year = await page.api('GET', '/calendar?calendar=office&year=2026');
  assert.equal(year.days.find((one) => one.date === '2026-12-25').kind, 'holiday');
  await park.axe(page);
  for (let i = 0; i < 4; i++) await page.getByRole('button', { name: '下一年' }).click();
  await page.getByText('2030 年的放假安排还不完整').waitFor();
  await page.context().close();
});

test('an account is made with a first password, gets a role, and the journal tells', async () => {
  const admin = await park.open('sysadmin1');
  const person = await admin.api('POST', '/people', { name: '试验员', kind: 'staff', title: '测试' });
  await admin.context().close();
  const page = await park.open('secadmin1');
  await page.at('/admin');
  await page.getByRole('button', { name: '开通账号' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('人员').fill('试验员');
  await page.locator('.el-select-dropdown__item').filter({ hasText: '试验员' }).first().click();
  await dialog.getByLabel('登录名').fill('tester');
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.getByText('密码只显示这一次').waitFor();
  await dialog.getByRole('button', { name: '已告知' }).click();
  await page.getByPlaceholder('登录名或姓名').fill('tester');
  await page.waitForFunction(() => document.querySelectorAll('.data-table tbody tr').length === 1);
  await page.getByRole('button', { name: '角色 试验员' }).click();
  const roles = page.getByRole('dialog').filter({ hasText: '试验员 的角色' });
  await roles.locator('.el-select').first().click();
  await page.locator('.el-select-dropdown__item').filter({ hasText: '审计员' }).first().click();
  await roles.getByRole('button', { name: '授予角色' }).click();
  await roles.locator('.reg-list').getByText('审计员').waitFor();
  await page.context().close();

  const auditor = await park.open('auditor1');
  await auditor.at('/admin/journal?kind=role.');
  await auditor.locator(ROW).filter({ hasText: '授予角色' }).first().waitFor();
  assert.ok(await auditor.locator(ROW).filter({ hasText: person.id }).count() > 0);
  assert.match(await auditor.locator('.reg-facts').innerText(), /kuailian\/\d+\+[0-9a-f]{8}\+/);
  assert.equal(await auditor.getByRole('button', { name: '删除个人信息' }).count(), 0);
  await auditor.context().close();
});

test('every page of register and administration fits a phone, in English, and passes axe', async () => {
  const pages = [['sysadmin1', ['/register/enterprises', '/register/grids', '/register/people', '/register/departments', '/admin/settings', '/admin/calendar']],
    ['secadmin1', ['/admin/accounts']], ['auditadmin1', ['/admin/journal']]];
  for (const [login, targets] of pages) {
    const page = await park.open(login, { size: PHONE, locale: 'en-US' });
    for (const target of targets) {
      await page.at(target);
      await page.locator('h1').first().waitFor();
      await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => {}); // The live stream never ends.
      await park.fits(page);
      await park.axe(page);
      // The journal shows its kinds' own names beside their texts.
      const text = await page.locator('#main').evaluate((main) => {
        for (const code of main.querySelectorAll('.reg-code')) code.remove();
        return main.innerText;
      });
      assert.doesNotMatch(text, /\b(register|admin|shell|map|board)\.[a-z][a-z-]+/, `${target} shows a key`);
    }
    await page.context().close();
  }
});
