import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, startSample } from './sample.mjs';

let park;
before(async () => { park = await startSample(); });
after(() => park.stop());

const tile = (page, name) => page.locator('.tile').filter({ hasText: name }).locator('b');

test('the board shows what the API says, and a figure leads to its cases', async () => {
  const page = await park.open('leader1');
  const board = await page.api('GET', '/board');
  await page.at('/board');
  await tile(page, '在办').waitFor();
  assert.equal(await tile(page, '今日新增').innerText(), String(board.today.filed));
  assert.match(await tile(page, '超期').innerText(), new RegExp(`${board.today.overdue}$`));
  assert.match(await page.locator('.as-of').innerText(), /数据截至 \d{4}-\d\d-\d\d \d\d:\d\d/);
  await page.locator('.chart svg').waitFor();
  await park.axe(page);
  const busy = [...board.by_grid].sort((a, b) => b.open - a.open)[0];
  await page.locator('.grids a').filter({ hasText: busy.grid.name }).first().click();
  await page.waitForURL(`**/cases?*grid_id=${busy.grid.id}*`);
  await page.context().close();
});

test('a request that is filed moves the board without a reload', async () => {
  const page = await park.open('leader1');
  await page.at('/board');
  await tile(page, '今日新增').waitFor();
  const filed = Number(await tile(page, '今日新增').innerText());
  const contact = await park.open('contact1');
  const mine = (await contact.api('GET', '/enterprises')).items[0];
  const { categories } = await contact.api('GET', '/services/request');
  await contact.api('POST', '/cases', { service: 'request', enterprise_id: mine.id, file_ids: [],
    form: { title: '路灯不亮', category: categories[0].key, text: '北门路灯三天不亮，夜班职工不便。', location: null } });
  await page.waitForFunction(([n]) => [...document.querySelectorAll('.tile')].some((one) =>
    one.textContent.includes('今日新增') && Number(one.querySelector('b').textContent) === n), [filed + 1], { timeout: 8000 });
  await page.locator('.newest').getByText('路灯不亮').waitFor();
  await contact.context().close();
  await page.context().close();
});

test('the wall screen fits 1920 × 1080 and ends with one press', async () => {
  const page = await park.open('leader1', { size: { width: 1920, height: 1080 } });
  await page.at('/board?wall=1');
  await page.locator('.board.wall .chart svg').waitFor();
  const over = await page.evaluate(() => {
    const wall = document.querySelector('.board.wall');
    return [wall.scrollHeight - wall.clientHeight, wall.scrollWidth - wall.clientWidth];
  });
  assert.deepEqual(over, [0, 0]);
  await page.getByRole('button', { name: '退出大屏' }).click();
  await page.waitForFunction(() => !document.querySelector('.wall'));
  await page.context().close();
});

test('the map tells load by text and shape, and a grid opens its card', async () => {
  const page = await park.open('leader1');
  const grids = (await page.api('GET', '/grids')).items;
  await page.at('/map');
  await page.waitForSelector('path.park-area');
  assert.equal(await page.locator('path.park-area').count(), grids.length);
  const drawn = await page.locator('path.park-area-overdue').count();
  assert.equal(drawn, grids.filter((one) => one.overdue_cases > 0).length);
  await page.locator('[data-grid]').filter({ hasText: grids[0].name }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.detail').getByText(grids[0].leader.name).first().waitFor();
  assert.equal(await page.locator('.detail .list li').count(), grids[0].enterprises);
  await park.axe(page);
  await page.getByRole('button', { name: '关闭' }).click();
  await page.getByPlaceholder('找网格、企业、责任人').fill(grids[5].leader.name);
  await page.locator('[data-grid]').filter({ hasText: grids[5].name }).waitFor();
  await page.context().close();
});

test('on a phone the map has a sheet to pull up, and the board is one column', async () => {
  const page = await park.open('leader1', { size: PHONE, locale: 'en-US' });
  await page.at('/map');
  await page.waitForSelector('path.park-area');
  const before = (await page.locator('.side').boundingBox()).height;
  await page.getByRole('button', { name: 'Open the list' }).click();
  await page.waitForFunction((height) => document.querySelector('.side').clientHeight > height + 200, before);
  await park.fits(page);
  await page.at('/board');
  await page.locator('.tile').first().waitFor();
  await park.fits(page);
  await park.axe(page);
  const text = await page.locator('#main').innerText();
  assert.doesNotMatch(text, /\b(register|admin|shell|map|board|cases)\.[a-z][a-z-]+/);
  await page.context().close();
});
