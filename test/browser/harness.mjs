// People in a real browser: Chromium pages against the built program, which serves web/dist.
//
//   const world = await startWorld();                 // a park with a grid, a firm and people, and a browser
//   const page = await world.open(world.contact, { phone: true });
//   await world.settle(page, 'name');                 // screenshot (if $SCREENSHOTS names a folder) and axe
//   after(() => world.stop());                        // fails if any page logged an error
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PASSWORD, startPark } from '../api/harness.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const WEB = path.join(ROOT, 'web');
const require = createRequire(path.join(WEB, 'package.json'));
const { chromium } = require('playwright-core');
const axe = require('axe-core').source;

const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export const PHOTO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGPQ8+nEihiGlgQAcCZAQYCwbWQAAAAASUVORK5CYII=', 'base64');

class World {
  constructor(park, browser) {
    this.park = park;
    this.browser = browser;
    this.base = `http://127.0.0.1:${park.port}`;
    this.errors = [];
    this.wanted = []; // Errors that a test provokes on purpose.
  }

  // A context of its own for each person, signed in through the login page unless `who` is null.
  async open(who, { phone = false, language = 'zh-CN' } = {}) {
    const context = await this.browser.newContext({ ...(phone ? PHONE : DESK), timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce' });
    await context.addInitScript((kept) => localStorage.setItem('kuailian.language', kept), language);
    const page = await context.newPage();
    page.setDefaultTimeout(30000);
    page.on('pageerror', (error) => this.errors.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`${page.url()}: ${message.text()}`);
    });
    await page.goto(`${this.base}/`);
    if (who) await this.signIn(page, who.login);
    return page;
  }

  async signIn(page, login, password = PASSWORD) {
    await page.fill('[name=login]', login);
    await page.fill('[name=password]', password);
    await page.click('button[type=submit]');
    await page.waitForURL((url) => url.pathname !== '/login');
  }

  // What a designer would look at, and what axe calls serious or worse.
  async settle(page, name, { ignore = [] } = {}) {
    await page.waitForLoadState('load');
    await page.waitForTimeout(400);
    if (process.env.SCREENSHOTS) {
      mkdirSync(process.env.SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`) });
    }
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const serious = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact) && !ignore.includes(one.id));
    assert.deepEqual(serious.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`), [],
      `axe on ${name}`);
    const text = await page.evaluate(() => document.body.innerText);
    assert.doesNotMatch(text, /\b(cases|joint|tasks|apply|shell|session|home|me|files|map|board|register|admin)\.[a-z]+(\.[a-zA-Z]+)*\b/,
      `a raw key on ${name}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} scrolls sideways by ${wide} px`);
  }

  async stop() {
    await this.browser.close();
    await this.park.stop();
    assert.deepEqual(this.errors.filter((error) => !this.wanted.some((wanted) => wanted.test(error))), []);
  }
}

async function people(world) {
  const { park } = world;
  const square = { type: 'Polygon', coordinates: [[[121.68, 29.98], [121.72, 29.98], [121.72, 30.01], [121.68, 30.01], [121.68, 29.98]]] };
  world.grid = await park.make('/api/v1/grids', { code: 'G01', name: '镇海一号网格', polygon: square });
  const other = await park.grid('二号网格');
  world.department = await park.department('公用事业部');
  world.enterprise = await park.enterprise(world.grid, '镇洋化工');
  const foreign = await park.enterprise(other, '博汇石化');
  world.contact = await park.person({ name: '陈洁', kind: 'contact', roles: [['contact', world.enterprise]] });
  world.stranger = await park.person({ name: '刘洋', kind: 'contact', roles: [['contact', foreign]] });
  world.member = await park.person({ name: '王强', roles: [['grid_member', world.grid]] });
  world.gridLeader = await park.person({ name: '赵敏', roles: [['grid_leader', world.grid]] });
  world.officer = await park.person({ name: '孙磊', roles: [['officer', world.department]] });
  world.leader = await park.person({ name: '吴刚', roles: [['leader']] });
}

export async function startWorld({ setup = true, at = '2026-11-23T09:00:00+08:00', args = [] } = {}) {
  assert.ok(existsSync(path.join(WEB, 'dist/index.html')), 'build the web app first: make web');
  const park = await startPark({ args: ['--web-dir', path.join(WEB, 'dist'), ...args], setup, at });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
  const world = new World(park, browser);
  if (setup) await people(world);
  return world;
}
