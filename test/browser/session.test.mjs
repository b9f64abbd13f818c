// The first start, signing in and out, passwords, the language.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from './harness.mjs';

let world, page;
const PASS = 'three unrelated words';

before(async () => {
  world = await startWorld({ setup: false });
  page = await world.open(null);
}, { timeout: 60000 });
after(() => world?.stop());

test('the first start asks for a park and an administrator', async () => {
  await page.waitForURL(/\/setup$/);
  await world.settle(page, 'setup');
  await page.fill('[name=park_name]', '滨海化工园区');
  await page.fill('[name=name]', '周敏');
  await page.fill('[name=password]', PASS);
  await page.fill('[name=again]', 'something else');
  await page.click('button[type=submit]');
  await page.getByText('两次输入的密码不一致').waitFor();
  await page.fill('[name=again]', PASS);
  await page.click('button[type=submit]');
  await page.getByRole('heading', { name: '您好，周敏' }).waitFor();
  await world.settle(page, 'admin-home');
});

test('one page holds the account, its language and its tokens', async () => {
  await page.goto(`${world.base}/me`);
  await page.getByLabel('用途').fill('报表程序');
  await page.getByRole('button', { name: '新建令牌' }).click();
  assert.match(await page.locator('.fresh code').innerText(), /^kl_/);
  await world.settle(page, 'me');
  await page.locator('.me').getByText('English').click();
  await page.getByText('API tokens').waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.locator('.me').getByText('中文').click();
});

test('a wrong password is refused in words, and what was asked for waits', async () => {
  world.wanted.push(/401/);
  const other = await world.open(null, { phone: true });
  await other.goto(`${world.base}/me`);
  await other.waitForURL(/\/login\?next=/);
  await world.settle(other, 'login-phone');
  await other.fill('[name=login]', 'admin');
  await other.fill('[name=password]', 'not the password');
  await other.click('button[type=submit]');
  await other.getByText('登录名或密码不对').waitFor();
  await world.signIn(other, 'admin', PASS);
  await other.waitForURL(/\/me$/);
  await other.getByRole('button', { name: '退出登录' }).click();
  await other.waitForURL(/\/login$/);
});
