// An administrator stands a case still, moves another by hand, and sees what a migration would do; who follows the case sees why.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESK, PHONE, startSample } from './sample.mjs';

let park, number, id;
before(async () => { park = await startSample(); }, { timeout: 60000 });
after(() => park?.stop());

const shot = async (page, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: name.includes('case') });
};
const rowOf = (page) => page.getByRole('row').filter({ hasText: number });

test('a case is suspended with a reason, and its page says so', async () => {
  const leader = await park.open('leader1', { size: DESK });
  const cases = (await leader.api('GET', '/cases?box=all&state=open&limit=50')).items;
  ({ number, id } = cases.find((one) => one.service === 'request' && one.status === 'in_progress' && one.light !== 'red')
    ?? cases.find((one) => one.service === 'request' && ['dispatched', 'signed'].includes(one.status)));
  const page = await park.open('sysadmin1', { size: DESK });
  await page.at('/admin/operations');
  await page.getByPlaceholder('按办件编号查找').fill(number);
  await rowOf(page).getByRole('button', { name: /^中止/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: '中止' }).click();
  await dialog.getByText('请填写').first().waitFor(); // Not without a reason.
  await dialog.getByRole('textbox').fill('等待法院裁定');
  await shot(page, 'life-suspend');
  await dialog.getByRole('button', { name: '中止' }).click();
  await rowOf(page).getByText('中止办理').waitFor();
  await park.axe(page);
  await shot(page, 'life-operations-desk');

  await leader.at(`/cases/${id}`);
  await leader.getByText('本件已中止办理').waitFor();
  await leader.getByText('等待法院裁定').first().waitFor();
  assert.equal(await leader.getByRole('button', { name: '督办' }).count(), 0);
  await park.axe(leader);
  await shot(leader, 'life-case-desk');
  const phone = await park.open('leader1', { size: PHONE, locale: 'en-GB' });
  await phone.at(`/cases/${id}`);
  await phone.getByText('This case is suspended').waitFor();
  await park.fits(phone);
  await park.axe(phone);
  await shot(phone, 'life-case-phone');
});

test('it is resumed, looked at, and moved by hand', async () => {
  const page = await park.open('sysadmin1', { size: DESK });
  await page.at('/admin/operations');
  await page.getByPlaceholder('按办件编号查找').fill(number);
  await rowOf(page).getByRole('button', { name: /^恢复/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('等待法院裁定').waitFor();
  await dialog.getByRole('textbox').fill('裁定已下');
  await dialog.getByRole('button', { name: '恢复' }).click();
  await rowOf(page).getByText('中止办理').waitFor({ state: 'detached' });

  await rowOf(page).getByRole('button', { name: /^调整/ }).click();
  for (const box of await dialog.locator('.el-checkbox').all()) await box.click();
  await dialog.getByRole('combobox', { name: '从这里开始' }).fill('callback');
  await page.getByRole('option', { name: /callback/ }).first().click();
  await dialog.getByRole('textbox').last().fill('电话里已经办结');
  await dialog.getByRole('button', { name: '预览' }).click();
  await dialog.getByText('执行后').waitFor();
  await shot(page, 'life-modify-desk');
  await park.axe(page, '.el-dialog');
  await dialog.getByRole('button', { name: '确认执行' }).click();
  await rowOf(page).getByRole('cell', { name: '回访', exact: true }).waitFor();

  await rowOf(page).getByRole('button', { name: /^转版本/ }).click();
  await dialog.getByText('该事项只有一个版本').waitFor();
  await dialog.getByRole('button', { name: '取消' }).click();
});

test('the page fits a phone, in English', async () => {
  const page = await park.open('sysadmin1', { size: PHONE, locale: 'en-GB' });
  await page.at('/admin/operations');
  await page.getByRole('heading', { name: 'Running cases' }).waitFor();
  await page.getByRole('button', { name: /^Suspend / }).first().waitFor();
  await park.fits(page);
  await park.axe(page);
  await page.getByRole('heading', { name: 'Running cases' }).scrollIntoViewIfNeeded();
  await shot(page, 'life-operations-phone');
  await page.getByRole('button', { name: /^Move / }).first().click();
  await page.getByRole('dialog').getByText('Start from').waitFor();
  await shot(page, 'life-modify-phone');
  await park.axe(page, '.el-dialog');
});
