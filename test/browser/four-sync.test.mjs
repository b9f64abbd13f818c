// Four-sync in real browsers: three departments side by side, one of them sends it back, on desk and phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHOTO, startWorld } from './harness.mjs';

const TITLE = '年产 5 万吨树脂扩建项目';
const NAMES = { 'service-office': '企业服务中心', economy: '经济发展局', safety: '安全监管局', environment: '生态环境局', construction: '规划建设局' };
const INSPECTORS = '王强、李娜';
let world, url;
const people = {}, pages = {};

before(async () => {
  world = await startWorld();
  for (const [code, name] of Object.entries(NAMES)) {
    const id = await world.park.make('/api/v1/departments', { code, name });
    people[code] = await world.park.person({ name: `${name.slice(0, 2)}一`, roles: [['officer', id]] });
    people[`${code}2`] = await world.park.person({ name: `${name.slice(0, 2)}二`, roles: [['officer', id]] });
  }
}, { timeout: 120000 });
after(() => world?.stop());

async function as(who, options) {
  pages[who] ??= await world.open(people[who] ?? world[who], options);
  return pages[who];
}

const dialog = (page) => page.locator('.el-dialog:visible');

async function at(who, options) {
  const page = await as(who, options);
  await page.goto(world.base + url);
  await page.getByRole('heading', { name: TITLE }).waitFor();
  return page;
}

// Presses a button of the case, fills what is asked, and sends it.
async function act(page, button, { fill = {}, text, file, shot } = {}) {
  await page.getByRole('button', { name: button, exact: true }).first().click();
  await dialog(page).waitFor();
  for (const [field, value] of Object.entries(fill)) {
    await dialog(page).locator(`#input-${field}`).fill(value);
    if (field.endsWith('_on')) await page.keyboard.press('Enter');
  }
  if (text) await dialog(page).locator('[name=text]').fill(text);
  if (file) {
    await dialog(page).locator('input[type=file][multiple]').setInputFiles({ name: file, mimeType: 'image/png', buffer: PHOTO });
    await dialog(page).locator('.file img').waitFor();
  }
  if (shot) await world.settle(page, shot);
  await dialog(page).getByRole('button', { name: button, exact: true }).click();
  await dialog(page).waitFor({ state: 'hidden' });
}

const choose = (page, label, option) => page.getByRole('radiogroup', { name: label }).getByText(option, { exact: true }).click();

test('the enterprise fills in one form, on a phone', async () => {
  const page = await as('contact', { phone: true });
  await page.locator('.offer', { hasText: '四同步' }).click();
  await page.fill('#input-title', TITLE);
  await choose(page, '项目性质', '扩建');
  await page.fill('#input-text', '扩建一条高性能树脂生产线，投资 2 亿元，计划明年 6 月投产。');
  await choose(page, '建设缘由', '计划内项目');
  await choose(page, '危险化学品', '涉及危险化学品');
  await choose(page, '环评类别', '环境影响报告表');
  await choose(page, '土建内容', '不涉及');
  await choose(page, '年综合能耗', '1000 吨标准煤以下');
  await choose(page, '公用工程', '不新增');
  await world.settle(page, 'four-sync-apply-phone');
  await page.click('button[type=submit]');
  await page.waitForURL(/\/cases\/\d+$/);
  url = new URL(page.url()).pathname;
  await page.getByRole('heading', { name: TITLE }).waitFor();
  await page.getByText('正在等 3 处').waitFor();
  await world.settle(page, 'four-sync-filed-phone');
});

test('three departments take it side by side; one asks for supplements', async () => {
  const economy = await as('economy');
  await economy.locator('.item', { hasText: TITLE }).waitFor();
  const page = await at('economy');
  await page.getByRole('columnheader', { name: NAMES.safety }).waitFor();
  await act(page, '受理');
  const safety = await at('safety');
  await act(safety, '一次性告知补正', { text: '缺安全评价报告和总平面布置图', shot: 'four-sync-supplement' });
  await safety.getByText('补正材料').first().waitFor();
  await world.settle(safety, 'four-sync-board');
  const contact = await as('contact');
  await contact.goto(world.base);
  await contact.getByRole('heading', { name: '等您办理' }).waitFor();
  await world.settle(contact, 'four-sync-todo-phone');
  await at('contact');
  await act(contact, '提交补正', { text: '两份材料已补齐', file: '总平面图.png' });
  await at('safety');
  assert.equal(await safety.getByRole('button', { name: '一次性告知补正' }).count(), 0); // Once, and no more.
  await act(safety, '受理');
  await act(await at('environment', { phone: true }), '受理');
});

test('one visit, one checklist, each department its own items', async () => {
  const lead = await at('service-office');
  await act(lead, '确定日期', { fill: { visit_on: '2026-11-27', place: '厂区正门', guide: '陈工' }, shot: 'four-sync-plan' });
  const safety = await at('safety', {});
  await safety.getByRole('tab', { name: /合并核查清单/ }).click();
  const mine = safety.getByRole('radiogroup');
  assert.equal(await mine.count(), 3);
  await mine.nth(1).getByText('不符合').click();
  await dialog(safety).locator('[name=text]').fill('二号罐区两只可燃气体报警器未投用');
  await dialog(safety).locator('input[type=file][multiple]').setInputFiles({ name: '现场.png', mimeType: 'image/png', buffer: PHOTO });
  await dialog(safety).locator('.file img').waitFor();
  await world.settle(safety, 'four-sync-unmet');
  await dialog(safety).getByRole('button', { name: '保存' }).click();
  await safety.getByText('二号罐区两只可燃气体报警器未投用').first().waitFor();
  await mine.nth(0).getByText('符合', { exact: true }).click();
  await mine.nth(2).getByText('符合', { exact: true }).click();
  await safety.getByText('已核查 3/3').waitFor();
  await world.settle(safety, 'four-sync-checklist');
  await act(safety, '提交核查结果', { fill: { inspectors: INSPECTORS } });
  const environment = await at('environment');
  await environment.getByRole('tab', { name: /合并核查清单/ }).click();
  for (let i = 0; i < 2; i++) await environment.getByRole('radiogroup').nth(i).getByText('符合', { exact: true }).click();
  await environment.getByText('已核查 2/2').waitFor();
  await world.settle(environment, 'four-sync-checklist-phone');
  await act(environment, '提交核查结果', { fill: { inspectors: INSPECTORS } });
  const economy = await at('economy');
  await economy.getByRole('tab', { name: /合并核查清单/ }).click();
  await economy.getByRole('radiogroup').first().getByText('符合', { exact: true }).click();
  await economy.getByText('已核查 1/1').waitFor();
  await act(economy, '提交核查结果', { fill: { inspectors: INSPECTORS } });
});

test('one list; put right with evidence, checked by another', async () => {
  const lead = await at('service-office');
  await lead.getByRole('tab', { name: /合并整改单/ }).click();
  await world.settle(lead, 'four-sync-issue');
  await act(lead, '签发整改单');
  const contact = await at('contact');
  await contact.getByRole('tab', { name: /合并整改单/ }).click();
  await contact.getByRole('button', { name: '提交整改' }).click();
  await dialog(contact).locator('[name=text]').fill('两只报警器已投用并联调');
  await dialog(contact).getByRole('button', { name: '提交整改' }).click();
  await dialog(contact).getByText('请附上证明材料').waitFor();
  await dialog(contact).locator('input[type=file][multiple]').setInputFiles({ name: '报警器.png', mimeType: 'image/png', buffer: PHOTO });
  await dialog(contact).locator('.file img').waitFor();
  await world.settle(contact, 'four-sync-fix-phone');
  await dialog(contact).getByRole('button', { name: '提交整改' }).click();
  await contact.getByText('待复核').first().waitFor();
  await world.settle(contact, 'four-sync-fixed-phone');
  const safety = await at('safety');
  await safety.getByRole('tab', { name: /合并整改单/ }).click();
  await safety.getByRole('button', { name: '复核合格' }).waitFor();
  await world.settle(safety, 'four-sync-recheck');
  await act(safety, '复核合格');
  await safety.getByText('已销号').first().waitFor();
});

test('each department signs; the environment declines, and it goes back', async () => {
  await act(await at('economy'), '同意通过验收', { fill: { document: '经发验〔2026〕7号' }, shot: 'four-sync-agree' });
  const environment = await at('environment');
  await environment.getByRole('tab', { name: /合并整改单/ }).click();
  await environment.getByRole('button', { name: '新增问题' }).click();
  await dialog(environment).locator('[name=title]').fill('排口标识缺失');
  await dialog(environment).locator('[name=text]').fill('废水排口须设规范化标识牌');
  await world.settle(environment, 'four-sync-raise-phone');
  await dialog(environment).getByRole('button', { name: '保存' }).click();
  await dialog(environment).waitFor({ state: 'hidden' });
  const more = environment.locator('.deeds').getByRole('button', { name: '更多' });
  if (await more.count()) {
    await more.click();
    await environment.getByRole('menuitem', { name: '不同意，退回整改' }).click();
  } else await environment.getByRole('button', { name: '不同意，退回整改' }).click();
  await dialog(environment).locator('#input-document').fill('环验〔2026〕3号');
  await dialog(environment).locator('[name=text]').fill('排口标识缺失，不同意通过');
  await dialog(environment).getByRole('button', { name: '不同意，退回整改' }).click();
  await dialog(environment).waitFor({ state: 'hidden' });
  await act(await at('safety'), '同意通过验收', { fill: { document: '安监验〔2026〕9号' } });
  const lead = await at('service-office');
  await lead.getByRole('tab', { name: /验收意见/ }).click();
  await lead.locator('.opinion', { hasText: '不同意，退回整改' }).waitFor();
  await world.settle(lead, 'four-sync-opinions');
  await act(lead, '签发整改单');
  const contact = await at('contact');
  await contact.getByRole('tab', { name: /合并整改单/ }).click();
  await act(contact, '提交整改', { text: '标识牌已安装', file: '标识牌.png' });
  const second = await at('environment2', { phone: true });
  await second.getByRole('tab', { name: /合并整改单/ }).click();
  await act(second, '复核合格');
});

test('all agree; it is filed, rated, and its whole way is there to see', async () => {
  for (const [who, document] of [['economy', '经发验〔2026〕8号'], ['safety', '安监验〔2026〕10号'], ['environment', '环验〔2026〕4号']])
    await act(await at(who), '同意通过验收', { fill: { document } });
  const lead = await at('service-office');
  await act(lead, '办结归档', { fill: { file_number: '2026-ST-001' }, text: '四个环节全部办结，资料齐全。' });
  const contact = await at('contact');
  await contact.getByRole('button', { name: '评价' }).click();
  await contact.getByText('非常满意').click();
  await dialog(contact).getByRole('button', { name: '评价' }).click();
  await contact.getByText('已归档', { exact: true }).waitFor();
  await world.settle(contact, 'four-sync-over-phone');
  await at('service-office');
  await lead.getByText('归档评价').first().waitFor();
  await world.settle(lead, 'four-sync-over');
  await lead.getByRole('tab', { name: '办理经过' }).click();
  await lead.locator('.line:visible').getByText('不同意，退回整改').waitFor();
  await world.settle(lead, 'four-sync-timeline');
  await lead.getByRole('tab', { name: '流程图' }).click();
  await lead.locator('.djs-element.kl-done').first().waitFor();
  await lead.locator('.picture').scrollIntoViewIfNeeded();
  await world.settle(lead, 'four-sync-process');
  const english = await world.open(world.leader, { language: 'en' });
  await english.goto(world.base + url);
  await english.getByRole('tab', { name: /Rectification list/ }).click();
  await world.settle(english, 'four-sync-en');
  await english.context().close();
});

test('who is not involved finds nothing', async () => {
  world.wanted.push(/404/);
  for (const who of ['stranger', 'construction']) {
    const page = await as(who);
    await page.goto(world.base + url);
    await page.getByText('没有这个办件').waitFor();
    assert.equal(await page.evaluate(async (to) => (await fetch(to)).status, `/api/v1${url}`), 404);
  }
});

test('overdue: one department is named, with how long it has held it', async () => {
  const filed = await world.contact.post('/api/v1/cases', { service: 'four-sync', enterprise_id: world.enterprise, file_ids: [],
    form: { title: '次氯酸钠生产线', category: 'new', text: '第二条 10 万吨/年次氯酸钠生产线。', need: 'epidemic', hazard: 'chemicals',
      environmental: 'form', construction: 'none', energy: 'below', utilities: 'none' } });
  assert.equal(filed.status, 201, filed.text);
  const found = (await people.economy.get(`/api/v1/cases/${filed.json.id}`)).json;
  const task = found.tasks.find((one) => one.actions.includes('complete'));
  await people.economy.post(`/api/v1/tasks/${task.id}/complete`, {});
  world.wanted.push(/401/); // Two days later the others' idle sessions have ended.
  await world.park.advance({ days: 2, hours: 9 });
  for (const phone of [false, true]) {
    const page = await world.open(world.leader, { phone });
    await page.clock.setFixedTime(new Date('2026-11-25T18:10:00+08:00')); // The park's, not this machine's.
    await page.goto(`${world.base}/cases/${filed.json.id}`);
    await page.getByText('督办中').first().waitFor();
    await page.getByText('特事特办').first().waitFor();
    await page.getByText('正在等 2 处').waitFor();
    await page.locator('.held .late', { hasText: NAMES.safety }).waitFor();
    await world.settle(page, `four-sync-overdue${phone ? '-phone' : ''}`);
    await page.context().close();
  }
});
