// The heat layer of the map page: dates, two of them side by side, a grid's series, where it comes from.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { geotiff } from '../api/tiff.mjs';
import { DESK, PHONE, startSample } from './sample.mjs';

let sample;
const complaints = [];

async function openHeat(login, options) {
  const page = await sample.open(login, options);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${login}: ${message.text()}`);
  });
  await page.at('/map?layer=heat');
  await page.locator('.dates b').first().waitFor();
  return page;
}

// The layers are counted beside the server's start; until then some are on their way.
async function allReady(page) {
  for (let i = 0; i < 120; i++) {
    const { items } = await page.api('GET', '/heat/layers');
    const { items: compared } = await page.api('GET', '/heat/index');
    if (items.length > 20 && items.every((one) => one.ready) && compared.length > 1 && compared.every((one) => one.state === 'ready')) return;
    await page.waitForTimeout(500);
  }
  assert.fail('the sample scenes do not get ready');
}

const tileOf = (page) => page.locator('.leaflet-heat-left-pane img.leaflet-tile-loaded');

before(async () => {
  sample = await startSample();
  const page = await sample.open('leader1');
  await allReady(page);
  await page.context().close();
});
after(() => sample.stop());

for (const [size, name] of [[DESK, 'desk'], [PHONE, 'phone']])
  for (const locale of ['zh-CN', 'en'])
    test(`dates, comparison and a grid's series: ${name}, ${locale}`, async () => {
      const words = locale === 'en'
        ? { compare: 'Compare two days', gap: 'The park was not observed', none: 'No observation', from: 'Where this comes from', invented: 'invented' }
        : { compare: '对比两天', gap: '没有观测到园区', none: '没有观测', from: '数据来源', invented: '虚构' };
      const page = await openHeat('leader1', { size, locale });
      await tileOf(page).first().waitFor();
      assert.match(await page.locator('.panel .invented').textContent(), new RegExp(words.invented));
      const was = await page.locator('.dates b').first().textContent();
      await page.locator('.dates input').first().focus();
      await page.keyboard.press('ArrowLeft');
      assert.notEqual(await page.locator('.dates b').first().textContent(), was);
      if (size === PHONE) await page.locator('.handle').click();

      // A day that nobody saw is said to be one.
      const slider = page.locator('.dates input').first();
      const { items } = await page.api('GET', '/heat/layers');
      await slider.fill(String(items.findIndex((one) => !one.observed)));
      await page.getByText(words.gap).first().waitFor();
      await page.locator('.legend').getByText(locale === 'en' ? 'Nothing of this scene' : '整景都没有观测').waitFor();
      await slider.fill(String(items.length - 1));

      await page.getByText(words.compare).click();
      await page.locator('.leaflet-heat-right-pane img.leaflet-tile-loaded').first().waitFor();
      assert.equal(await page.locator('.chip').count(), 2);
      await page.locator('.swipe').fill('30');
      assert.match(await page.locator('.leaflet-heat-right-pane').getAttribute('style'), /clip: rect/);
      await sample.axe(page, '.map-page');
      await page.getByText(words.compare).click();

      for (const style of [1, 2]) {
        const drawn = page.waitForResponse((reply) => reply.url().includes(style === 1 ? 'style=anomaly' : 'style=red'));
        await page.locator('.look .el-radio-button').nth(style).click();
        assert.equal((await drawn).status(), 200);
      }
      await page.locator('[data-zone^="grid:"]').first().click();
      await page.locator('.series polyline').first().waitFor();
      assert.ok(await page.locator('.series .gap').count() > 0, 'no gap is marked');
      assert.match(await page.locator('.series table').textContent(), new RegExp(words.none));
      await page.locator('.verdict .said').waitFor();
      await page.getByText(words.from).click();
      assert.match(await page.locator('.from').textContent(), /sample-\d{8}-day.*mask.*kuailian \d/s);
      await sample.axe(page, '.map-page');
      await sample.fits(page);
      await page.context().close();
    });

test('a tap on the map opens a grid, and the mode stays in the address', async () => {
  const page = await openHeat('gridleader1');
  await page.locator('path.park-area').nth(8).click({ force: true });
  await page.locator('.zone h2').waitFor();
  await page.locator('.zone header button').click();
  await page.locator('.modes button').first().click();
  await page.locator('.park-legend').waitFor();
  assert.ok(!page.url().includes('layer='));
  await page.context().close();
});

test('the administrator adds a scene, sees why another is refused, and removes one', async () => {
  const page = await openHeat('sysadmin1');
  await page.locator('.manage').click();
  const input = page.locator('.pick input');
  const bad = path.join(tmpdir(), `bad-${process.pid}.tif`), good = path.join(tmpdir(), `field-${process.pid}.tif`);
  writeFileSync(bad, 'no raster');
  writeFileSync(good, geotiff({ west: 121.5, north: 30.1, step: 0.002, width: 120, height: 70, pixel: (x, y) => 280 + (x + y) / 30 }));
  const refused = page.waitForResponse((reply) => reply.url().includes('/heat/scenes') && reply.request().method() === 'POST');
  await input.setInputFiles(bad);
  assert.equal((await refused).status(), 422);
  await page.locator('.bad[role=alert]').waitFor();
  await page.locator('.adding input[type=date]').fill('2026-11-20');
  await input.setInputFiles(good);
  const row = page.locator('.scenes li', { hasText: `field-${process.pid}.tif` });
  await row.locator('.state.ready').waitFor();
  await sample.axe(page, '.el-dialog');
  await row.locator('button').click();
  await row.locator('button').click();
  await row.waitFor({ state: 'detached' });
  rmSync(bad);
  rmSync(good);
  await page.context().close();
});

test('nothing was complained about', () => {
  assert.deepEqual(complaints.filter((one) => !/status of 422/.test(one)), []); // The refused upload.
});
