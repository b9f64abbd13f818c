// A request's whole way, from a contact's phone to the rating, in real browsers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHOTO, startWorld } from './harness.mjs';

let world, contact, member, url;
const TITLE = '蒸汽压力不足，二车间停车';

before(async () => {
  world = await startWorld();
  contact = await world.open(world.contact, { phone: true });
  member = await world.open(world.member);
}, { timeout: 120000 });
after(() => world?.stop());

test('the contact files a request with a photo, on a phone', async () => {
  await world.settle(contact, 'contact-home-phone');
  await contact.locator('.offer', { hasText: '企业诉求' }).click();
  await contact.click('button[type=submit]');
  await contact.getByText('请填写标题').waitFor();
  await contact.fill('#input-title', TITLE);
  await contact.getByText('水电汽气', { exact: true }).click();
  await contact.fill('#input-text', '今天 8 点起蒸汽压力只有 0.4 MPa，二车间被迫停车，请尽快协调。');
  await contact.setInputFiles('input[type=file][multiple]', { name: '现场.png', mimeType: 'image/png', buffer: PHOTO });
  await contact.locator('.file img').waitFor();
  await contact.getByText('草稿已自动保存').waitFor();
  await world.settle(contact, 'apply-phone');
  await contact.click('button[type=submit]');
  await contact.waitForURL(/\/cases\/\d+$/);
  url = new URL(contact.url()).pathname;
  await contact.getByRole('heading', { name: TITLE }).waitFor();
  await world.settle(contact, 'case-contact-phone');
});

test('the grid member sees it appear without reloading, and signs', async () => {
  const row = member.locator('.item', { hasText: TITLE });
  await row.waitFor();
  await world.settle(member, 'staff-home');
  await row.getByRole('button', { name: '签收' }).click();
  await member.getByText(`已签收：${TITLE}`).waitFor();
  await contact.getByText('已签收', { exact: true }).waitFor(); // Live, on the contact's open page.
});

test('they talk, and the enterprise does not see the note', async () => {
  await member.goto(world.base + url);
  await member.getByLabel('写消息').fill('热电厂正在抢修，预计 11 点恢复。');
  await member.getByRole('button', { name: '发送' }).click();
  await contact.locator('.bubble', { hasText: '热电厂正在抢修' }).waitFor();
  await member.getByText('仅内部可见').click();
  await member.getByLabel('写消息').fill('与热电厂李工通话');
  await member.getByRole('button', { name: '保存备注' }).click();
  await member.locator('.internal .bubble').waitFor();
  await world.settle(member, 'case-member');
  await contact.reload();
  await contact.locator('.bubble', { hasText: '热电厂正在抢修' }).waitFor();
  assert.equal(await contact.getByText('李工').count(), 0);
});

test('the member pauses, goes on and resolves', async () => {
  await member.getByRole('button', { name: '挂起' }).click();
  await world.settle(member, 'dialog-pause');
  await member.locator('.el-dialog [name=text]').fill('等企业提供流量计读数');
  await member.locator('.el-dialog').getByRole('button', { name: '挂起' }).click();
  await member.getByRole('button', { name: '恢复办理' }).click();
  await member.getByRole('button', { name: '办结' }).click();
  await member.locator('.el-dialog [name=text]').fill('抢修完成，10:50 压力恢复到 0.8 MPa，已向企业核实。');
  await member.locator('.el-dialog').getByRole('button', { name: '办结' }).click();
  await member.getByRole('heading', { name: /办理结果/ }).waitFor();
});

test('the grid leader calls back on a phone', async () => {
  const page = await world.open(world.gridLeader, { phone: true });
  await world.settle(page, 'grid-leader-home-phone');
  await page.locator('.item', { hasText: TITLE }).locator('.act a').click();
  await page.getByRole('button', { name: '企业确认已解决' }).click();
  await world.settle(page, 'dialog-callback-phone');
  await page.locator('.el-dialog').getByRole('button', { name: '企业确认已解决' }).click();
  await page.getByText('待评价').first().waitFor();
  await page.context().close();
});

test('the contact rates', async () => {
  await contact.getByRole('button', { name: '评价' }).click();
  await world.settle(contact, 'dialog-rate-phone');
  await contact.getByText('非常满意').click();
  await contact.locator('.el-dialog').getByRole('button', { name: '评价' }).click();
  await contact.getByText('已归档', { exact: true }).waitFor();
});

test('the browser proves the history; a changed word is found', async () => {
  await contact.getByRole('tab', { name: '存证' }).click();
  await contact.getByRole('button', { name: '在本浏览器核验' }).click();
  await contact.getByText('核验通过').waitFor();
  await world.settle(contact, 'proof-phone');
  await contact.route('**/proof', async (route) => {
    const reply = await route.fetch();
    const proof = await reply.json();
    const one = proof.entries.find((entry) => entry.body);
    one.body = one.body.replace(/.$/, ' }');
    await route.fulfill({ response: reply, json: proof });
  });
  await contact.getByRole('button', { name: '在本浏览器核验' }).click();
  await contact.getByText('内容与账本不符').first().waitFor();
  await contact.unroute('**/proof');
});

test('timeline and process show the way it went, in both languages', async () => {
  await member.getByRole('tab', { name: '办理经过' }).click();
  await member.locator('.line:visible').getByText('评价：非常满意').waitFor();
  await world.settle(member, 'timeline');
  await member.getByRole('tab', { name: '流程图' }).click();
  await member.locator('.djs-element.kl-done').first().waitFor();
  await member.locator('.bjs-powered-by').waitFor();
  await world.settle(member, 'process');
  const english = await world.open(world.leader, { language: 'en' });
  await english.goto(world.base + url);
  await english.getByRole('tab', { name: 'Timeline' }).click();
  await english.locator('.line:visible').getByText('rated it: Very satisfied').waitFor();
  await world.settle(english, 'case-en');
  const said = await english.evaluate(() => document.querySelector('.side').innerText);
  assert.doesNotMatch(said, /[\u4e00-\u9fff]/);
  await english.context().close();
});

test('a second enterprise finds nothing by any route', async () => {
  world.wanted.push(/404|403/);
  const page = await world.open(world.stranger);
  await page.goto(`${world.base}/cases`);
  await page.getByText('没有符合条件的办件').waitFor();
  await world.settle(page, 'cases-empty');
  await page.goto(world.base + url);
  await page.getByText('没有这个办件').waitFor();
  for (const at of ['', '/proof'])
    assert.equal(await page.evaluate(async (to) => (await fetch(to)).status, `/api/v1${url}${at}`), 404);
  await page.goto(`${world.base}/board`);
  await page.getByText('没有这个页面').waitFor();
  await page.context().close();
});

test('an overdue request climbs by the clock', async () => {
  const filed = await world.contact.post('/api/v1/cases', { service: 'request', enterprise_id: world.enterprise,
    form: { title: '污水接管申请', category: 'environment', text: '申请增加污水接管量。' }, file_ids: [] });
  assert.equal(filed.status, 201, filed.text);
  world.wanted.push(/401/); // An hour later the idle sessions of the others have ended.
  await world.park.advance({ hours: 1, minutes: 5 });
  const page = await world.open(world.leader, { phone: true });
  await page.goto(`${world.base}/cases/${filed.json.id}`);
  await page.getByText('已升级到网格长').first().waitFor();
  await page.getByText('超期', { exact: true }).first().waitFor();
  await world.settle(page, 'overdue-phone');
  await page.context().close();
});
