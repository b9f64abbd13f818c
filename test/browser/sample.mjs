// The sample park in a real browser: starts `kuailian demo` on a free port and opens pages as its people.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const PROGRAM = process.env.KUAILIAN ?? path.join(ROOT, 'build/kuailian');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const web = createRequire(path.join(ROOT, 'web/package.json'));
const { chromium } = web('playwright-core');
const AXE = readFileSync(web.resolve('axe-core/axe.min.js'), 'utf8');

export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

function launch(dir) {
  assert.ok(existsSync(PROGRAM), `${PROGRAM} is not built`);
  const child = spawn(PROGRAM, ['demo', '--dir', dir, '--listen', '127.0.0.1:0', '--cases', '40', '--seed', '7'],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}: ${text}`)));
    const read = (part) => {
      text += part;
      const base = /address:\s+(http:\S+)/.exec(text)?.[1];
      const password = /password:\s+(\S+)/.exec(text)?.[1];
      if (base && password) resolve({ child, base, password });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
}

export async function startSample() {
  const dir = mkdtempSync(path.join(tmpdir(), 'kuailian-browser-'));
  const { child, base, password } = await launch(dir);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const states = new Map();
  const outside = []; // Requests that left for another host: there must be none.
  const problems = []; // What pages complained about.

  // A page as `login`; `page.said` is what its own requests to the API need.
  async function open(login, { size = DESK, locale = 'zh-CN' } = {}) {
    const context = await browser.newContext({ viewport: size, locale, storageState: states.get(login), acceptDownloads: true,
      reducedMotion: 'reduce' }); // axe would measure colours on their way to others.
    await context.addInitScript(() => localStorage.setItem('kuailian.signed-in', '1')); // What signing in by hand leaves.
    const page = await context.newPage();
    page.setDefaultTimeout(12_000);
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(base)) outside.push(request.url());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    if (!states.has(login)) {
      const reply = await context.request.post(`${base}/api/v1/session`, { data: { login, password } });
      assert.equal(reply.status(), 200, await reply.text());
      states.set(login, await context.storageState());
    }
    page.api = async (method, target, data) => {
      const me = await (await context.request.get(`${base}/api/v1/me`)).json();
      const reply = await context.request.fetch(`${base}/api/v1${target}`, { method, data, headers: { 'X-CSRF-Token': me.csrf } });
      assert.ok(reply.ok(), `${method} ${target}: ${reply.status()} ${await reply.text()}`);
      return reply.json();
    };
    page.at = (target) => page.goto(base + target);
    return page;
  }

  // Accessibility of the page's own part, by axe.
  async function axe(page, where = '#main') {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate((part) => globalThis.axe.run(part,
      { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }), where);
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`), [], page.url());
  }

  async function fits(page) {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${page.url()} scrolls sideways`);
  }

  async function stop() {
    await browser.close();
    const left = new Promise((resolve) => child.once('exit', resolve));
    child.removeAllListeners('exit').once('exit', () => rmSync(dir, { recursive: true, force: true }));
    child.kill('SIGTERM');
    await Promise.race([left, new Promise((resolve) => setTimeout(resolve, 5000))]);
    assert.deepEqual(outside, [], 'requests to another host');
    assert.deepEqual(problems, [], 'errors in pages');
  }

  return { base, open, axe, fits, stop };
}
