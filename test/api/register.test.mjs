// The register: enterprises, grids and handover, people, the calendar, search, import and export.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { creditCode, made, startPark, table } from './harness.mjs';

const PHONE = '10055512345';
const SQUARE = { type: 'Polygon', coordinates: [[[121.6, 30.02], [121.62, 30.02], [121.62, 30.04], [121.6, 30.02]]] };

let park, admin, grid, otherGrid, department, firm, otherFirm;
let contact, stranger, member, successor, leader, officer, auditor;

before(async () => {
  park = await startPark({ at: '2026-11-23T09:00:00+08:00' });
  admin = park.admin;
  grid = (await made(admin.post('/api/v1/grids', { code: 'G01', name: '东片网格', polygon: SQUARE }))).id;
  otherGrid = (await made(admin.post('/api/v1/grids', { code: 'G02', name: '西片网格' }))).id;
  department = (await made(admin.post('/api/v1/departments', { code: 'service-office', name: '企业服务中心' }))).id;
  firm = (await made(admin.post('/api/v1/enterprises', { code: creditCode(1), name: '镇洋样例化工', grid_id: grid, industry: '化工' }))).id;
  otherFirm = (await made(admin.post('/api/v1/enterprises', { code: creditCode(2), name: '博汇样例石化', grid_id: otherGrid, industry: '石化' }))).id;
  const person = async (about) => (await made(admin.post('/api/v1/people', about))).id;
  const contactId = await person({ name: '陈洁', kind: 'contact', phone: PHONE });
  const memberId = await person({ name: '王强' }), successorId = await person({ name: '李娜' });
  await made(admin.post(`/api/v1/enterprises/${firm}/contacts`, { person_id: contactId }));
  for (const enterprise_id of [undefined, firm])
    await made(admin.post(`/api/v1/grids/${grid}/people`, { person_id: memberId, role: 'grid_member', enterprise_id }));
  await made(admin.post(`/api/v1/grids/${otherGrid}/people`, { person_id: successorId, role: 'grid_member' }));
  contact = await park.account(contactId);
  member = await park.account(memberId);
  successor = await park.account(successorId);
  stranger = await park.person({ name: '刘洋', kind: 'contact', roles: [['contact', otherFirm]] });
  leader = await park.person({ name: '周敏', roles: [['leader']] });
  officer = await park.person({ name: '钱进', roles: [['officer', department]] });
  auditor = await park.person({ name: '孙正', roles: [['auditor']] });
});
after(() => park.stop());

test('search finds by characters, pinyin, initials and code, as far as one may see', async () => {
  const found = async (who, q) => (await made(who.get(`/api/v1/search?q=${encodeURIComponent(q)}`), 200));
  for (const q of ['镇洋', 'zhenyang', 'ZhenYang', 'zy', 'zyyl', creditCode(1)])
    assert.deepEqual((await found(admin, q)).enterprises.map((e) => e.name), ['镇洋样例化工'], q);
  assert.deepEqual((await found(admin, 'chenjie')).people.map((p) => p.name), ['陈洁']);
  assert.deepEqual((await found(admin, 'cj')).people.map((p) => p.name), ['陈洁']);
  assert.deepEqual((await found(stranger, 'zhenyang')), { enterprises: [], people: [], cases: [] });
  assert.deepEqual((await found(contact, 'chenjie')).people, []);
  assert.equal((await found(contact, 'zhenyang')).enterprises.length, 1);
  assert.equal((await found(leader, '样例')).enterprises.length, 2);
  const list = await made(leader.get('/api/v1/enterprises?q=bohui'), 200);
  assert.deepEqual(list.items.map((e) => e.name), ['博汇样例石化']);
});

test('who sees an enterprise', (t) => table(t, assert, [
  ['its contact', [contact, 'GET', `/api/v1/enterprises/${firm}`], 200],
  ['another\'s contact', [stranger, 'GET', `/api/v1/enterprises/${firm}`], 404],
  ['the member of its grid', [member, 'GET', `/api/v1/enterprises/${firm}`], 200],
  ['the member of another grid', [member, 'GET', `/api/v1/enterprises/${otherFirm}`], 404],
  ['an officer', [officer, 'GET', `/api/v1/enterprises/${firm}`], 200],
  ['the auditor', [auditor, 'GET', `/api/v1/enterprises/${firm}`], 403],
  ['nobody', [park.client(), 'GET', `/api/v1/enterprises/${firm}`], 401],
  ['a contact\'s list', [stranger, 'GET', '/api/v1/enterprises'],
    { status: 200, check: (r) => assert.deepEqual(r.json.items.map((e) => e.id), [otherFirm]) }],
  ['a contact changes nothing', [contact, 'PUT', `/api/v1/enterprises/${firm}`, { body: { code: creditCode(1), name: 'x' } }], 403],
  ['a contact exports nothing', [contact, 'GET', '/api/v1/enterprises/export'], 403],
  ['an officer exports no people', [officer, 'GET', '/api/v1/people/export'], 403],
  ['an officer imports nothing', [officer, 'POST', '/api/v1/enterprises/import', { body: 'code\n', headers: { 'content-type': 'text/csv' } }], 403],
]));

test('what an enterprise must be', (t) => table(t, assert, [
  ['a code with a wrong check character', [admin, 'POST', '/api/v1/enterprises', { body: { code: creditCode(3).slice(0, 17) + (creditCode(3)[17] === '0' ? '1' : '0'), name: 'x' } }],
    { status: 422, reason: 'enterprise.code' }],
  ['a code that is taken', [admin, 'POST', '/api/v1/enterprises', { body: { code: creditCode(1), name: 'x' } }],
    { status: 409, reason: 'enterprise.code-taken' }],
  ['a grid that is not there', [admin, 'POST', '/api/v1/enterprises', { body: { code: creditCode(3), name: 'x', grid_id: '7' } }],
    { status: 422, reason: 'grid.unknown' }],
  ['a place off the globe', [admin, 'POST', '/api/v1/enterprises', { body: { code: creditCode(3), name: 'x', lat: 91, lng: 1 } }],
    { status: 422, reason: 'field.range' }],
  ['half a place', [admin, 'POST', '/api/v1/enterprises', { body: { code: creditCode(3), name: 'x', lat: 30 } }],
    { status: 422, reason: 'enterprise.place' }],
  ['an old version', [admin, 'PUT', `/api/v1/enterprises/${firm}`, { body: { code: creditCode(1), name: 'x' }, headers: { 'if-match': '"99"' } }], 412],
  ['a ring that does not close', [admin, 'POST', '/api/v1/grids', { body: { code: 'G3', name: 'x', polygon: { type: 'Polygon', coordinates: [[[1, 1], [2, 1], [2, 2], [1, 2]]] } } }],
    { status: 422, reason: 'grid.polygon' }],
  ['a grid code that is taken', [admin, 'POST', '/api/v1/grids', { body: { code: 'G01', name: 'x' } }],
    { status: 409, reason: 'grid.code-taken' }],
  ['a contact who is not there', [admin, 'POST', `/api/v1/enterprises/${firm}/contacts`, { body: { person_id: '7' } }],
    { status: 422, reason: 'person.unknown' }],
  ['a contact twice', [admin, 'POST', `/api/v1/enterprises/${firm}/contacts`, { body: { person_id: contact.id } }],
    { status: 409, reason: 'contact.already' }],
  ['somebody unknown for a grid', [admin, 'POST', `/api/v1/grids/${grid}/people`, { body: { person_id: '7', role: 'grid_member' } }],
    { status: 422, reason: 'person.unknown' }],
  ['another grid\'s enterprise', [admin, 'POST', `/api/v1/grids/${grid}/people`, { body: { person_id: member.id, role: 'grid_member', enterprise_id: otherFirm } }],
    { status: 422, reason: 'assignment.other-grid' }],
]));

test('phones are sealed in the store, masked in answers, and every look is in the journal', async () => {
  const page = await made(member.get(`/api/v1/enterprises/${firm}`), 200);
  assert.deepEqual(page.contacts.map((c) => [c.name, c.phone_masked]), [['陈洁', '100****2345']]);
  for (const who of [leader, officer, member])
    assert.equal((await who.post(`/api/v1/people/${contact.id}/reveal`)).status, 403);
  assert.equal((await made(admin.post(`/api/v1/people/${contact.id}/reveal`), 200)).phone, PHONE);
  const seen = await made(auditor.get('/api/v1/journal/entries?kind=person.revealed'), 200);
  assert.equal(seen.items.length, 1);
  assert.equal(seen.items[0].actor.name, '管理员');
  for (const file of ['park.db', 'park.db-wal'])
    assert.equal(readFileSync(path.join(park.dir, file)).includes(PHONE), false, file);
});

test('a handover moves rights and open tasks, and the history keeps both', async () => {
  const filed = await contact.post('/api/v1/cases', { service: 'request', enterprise_id: firm,
    form: { title: '蒸汽压力不足', category: 'utilities', text: '压力只有 0.4 MPa' } });
  assert.equal(filed.status, 201, filed.text);
  const todo = async (who) => (await made(who.get('/api/v1/tasks?box=todo'), 200)).items.map((t) => t.case.id);
  assert.deepEqual(await todo(member), [filed.json.id]);
  const body = { from_person_id: member.id, to_person_id: successor.id, note: '岗位调整' };
  const after = await made(admin.post(`/api/v1/grids/${grid}/handover`, body), 200);
  assert.deepEqual(after.members.map((m) => m.name), ['李娜']);
  assert.deepEqual(after.history.map((h) => [h.person.name, Boolean(h.until)]).sort(),
    [['李娜', false], ['李娜', false], ['王强', true], ['王强', true]]);
  assert.deepEqual(await todo(successor), [filed.json.id]);
  assert.equal((await member.get(`/api/v1/enterprises/${firm}`)).status, 403); // No role is left.
  const page = await made(successor.get(`/api/v1/enterprises/${firm}`), 200);
  assert.equal(page.answerer.name, '李娜');
  assert.equal(page.recent_cases[0].id, filed.json.id);
  const again = await admin.post(`/api/v1/grids/${grid}/handover`, body);
  assert.equal(again.json.reason, 'assignment.nothing');
  const ended = await made(admin.delete(`/api/v1/grids/${grid}/people/${successor.id}`), 200);
  assert.deepEqual(ended.members, []);
  assert.deepEqual(await todo(successor), []);
  await made(admin.post(`/api/v1/grids/${grid}/people`, { person_id: member.id, role: 'grid_member' }));
  assert.deepEqual(await todo(member), [filed.json.id]); // From the grid's inbox.
});

const CSV = { headers: { 'content-type': 'text/csv' } };
const importing = (what, body, dry = false) =>
  admin.request('POST', `/api/v1/${what}/import?dry_run=${dry}`, { body, ...CSV });

test('an import is all or nothing, and names every bad cell', async () => {
  const good = `统一社会信用代码,企业名称,网格,员工人数\n${creditCode(11)},导入一厂,G01,20\n${creditCode(12)},导入二厂,西片网格,\n`;
  const bad = `${good}${creditCode(13).slice(0, 17)}?,导入三厂,G01,\n${creditCode(14)},,G9,多\n`;
  const count = async () => (await made(admin.get('/api/v1/enterprises?limit=200'), 200)).items.length;
  const before = await count();
  const errors = (await made(importing('enterprises', bad), 200)).errors;
  assert.deepEqual(errors.map((e) => [e.row, e.column, e.reason]), [[4, '统一社会信用代码', 'enterprise.code'],
    [5, '企业名称', 'field.required'], [5, '员工人数', 'field.type'], [5, '网格', 'grid.unknown']]);
  assert.equal(await count(), before);
  assert.deepEqual(await made(importing('enterprises', good, true), 200),
    { rows: 2, created: 2, updated: 0, unchanged: 0, errors: [] });
  assert.equal(await count(), before);
  assert.equal((await made(importing('enterprises', good), 200)).created, 2);
  assert.equal((await made(importing('enterprises', good), 200)).unchanged, 2);
  assert.equal((await made(importing('enterprises', good.replace('20', '21')), 200)).updated, 1);
  assert.equal(await count(), before + 2);
  // 镇洋 in GB 18030, as Excel in China saves CSV.
  const gb = Buffer.concat([Buffer.from('code,name,short_name\n'), Buffer.from(`${creditCode(11)},x,`), Buffer.from([0xd5, 0xf2, 0xd1, 0xf3])]);
  assert.equal((await made(importing('enterprises', gb), 200)).updated, 1);
  assert.equal((await made(admin.get('/api/v1/search?q=zhenyang'), 200)).enterprises.length, 2);
});

test('an export can be opened safely and imported again', async () => {
  await made(importing('enterprises', `code,name,note\n${creditCode(21)},样例,=1+1\n`), 200);
  for (const what of ['enterprises', 'people', 'grids'])
    for (const format of ['xlsx', 'csv']) {
      const sheet = await admin.get(`/api/v1/${what}/export?format=${format}`);
      assert.equal(sheet.status, 200);
      assert.equal(sheet.headers['content-disposition'], `attachment; filename="${what}.${format}"`);
      const back = await admin.request('POST', `/api/v1/${what}/import`,
        { body: sheet.buffer, headers: { 'content-type': sheet.headers['content-type'] } });
      assert.equal(back.status, 200, back.text);
      assert.deepEqual(back.json.errors, []);
      assert.equal(back.json.unchanged, back.json.rows);
      assert.equal(sheet.text.includes(PHONE), false);
      if (format === 'csv' && what === 'enterprises') assert.match(sheet.text, /,"'=1\+1"\r\n/);
      const empty = await admin.get(`/api/v1/${what}/template?format=${format}`);
      assert.equal(empty.status, 200);
    }
});

test('an export holds what the list shows', async () => {
  await made(importing('enterprises', `code,name,industry\n${creditCode(22)},筛选样例,橡胶\n`), 200);
  const rows = async (what, filter) =>
    (await admin.get(`/api/v1/${what}/export?format=csv&${filter}`)).text.trim().split('\r\n').length - 1;
  assert.equal(await rows('enterprises', 'q=shaixuan'), 1);
  assert.equal(await rows('enterprises', `industry=${encodeURIComponent('橡胶')}`), 1);
  assert.equal(await rows('enterprises', 'q=nobody'), 0);
  const contacts = (await admin.get('/api/v1/people?kind=contact&limit=200')).json.items.length;
  assert.ok(contacts > 0 && contacts < await rows('people', ''));
  assert.equal(await rows('people', 'kind=contact'), contacts);
  assert.equal((await admin.get('/api/v1/grids/export?format=csv&q=x')).status, 422);
});

test('what is no sheet is refused', (t) => table(t, assert, [
  ['nothing', [admin, 'POST', '/api/v1/people/import', { body: '', ...CSV }], { status: 422, reason: 'sheet.empty' }],
  ['half a quoted cell', [admin, 'POST', '/api/v1/people/import', { body: '"a', ...CSV }], { status: 422, reason: 'sheet.format' }],
  ['half an archive', [admin, 'POST', '/api/v1/people/import', { body: 'PK\u0003\u0004junk', ...CSV }], { status: 422, reason: 'sheet.format' }],
  ['a picture', [admin, 'POST', '/api/v1/people/import', { body: 'x', headers: { 'content-type': 'image/png' } }], 415],
]));

test('the calendar: official days, another calendar, terms', async () => {
  const year = await made(contact.get('/api/v1/calendar?calendar=office&year=2026'), 200);
  assert.equal(year.complete, true);
  assert.equal(year.days.length, 39);
  const until = async (calendar, start, days, unit = 'working') =>
    (await made(contact.get(`/api/v1/calendar/deadline?calendar=${calendar}&start=${start}&days=${days}&unit=${unit}`), 200)).date;
  for (const [start, days, date] of [['2020-01-22', 5, '2020-02-06'], ['2020-04-24', 3, '2020-04-28'],
    ['2020-04-30', 4, '2020-05-09'], ['2020-09-25', 10, '2020-10-15'], ['2020-01-17', 1, '2020-01-19'],
    ['2026-09-30', 3, '2026-10-10']])
    assert.equal(await until('office', start, days), date, `${start} + ${days}`);
  assert.equal(await until('office', '2026-09-28', 5, 'calendar'), '2026-10-08');
  // Enterprises stayed closed until 9 February 2020.
  const days = (await made(admin.get('/api/v1/calendar?calendar=enterprise&year=2020'), 200)).days;
  for (let d = 3; d <= 9; d++) days.push({ date: `2020-02-0${d}`, kind: 'holiday', name: '延迟复工' });
  await made(admin.put('/api/v1/calendar', { calendar: 'enterprise', year: 2020, days, complete: true }), 200);
  assert.equal(await until('enterprise', '2020-01-22', 5), '2020-02-13');
  assert.equal(await until('office', '2020-01-22', 5), '2020-02-06');
  const list = { year: 2027, days: [{ name: '元旦', date: '2027-01-01', isOffDay: true }, { name: '元旦', date: '2027-01-02', isOffDay: false }] };
  const taken = await made(admin.post('/api/v1/calendar/import?calendar=office', list), 200);
  assert.deepEqual(taken.days.map((d) => d.kind), ['holiday', 'workday']);
  const csv = await admin.request('POST', '/api/v1/calendar/import?calendar=office',
    { body: '日期,名称,休或班\n2028-01-03,元旦,休\n2028-01-08,元旦,班\n', ...CSV });
  assert.equal(csv.status, 200, csv.text);
  assert.deepEqual(csv.json.days.map((d) => d.kind), ['holiday', 'workday']);
});

test('what a calendar refuses', (t) => table(t, assert, [
  ['an officer\'s change', [officer, 'PUT', '/api/v1/calendar', { body: { year: 2026, days: [] } }], 403],
  ['a day of another year', [admin, 'PUT', '/api/v1/calendar', { body: { year: 2030, days: [{ date: '2031-01-01', kind: 'holiday' }] } }],
    { status: 422, reason: 'calendar.other-year' }],
  ['a day twice', [admin, 'PUT', '/api/v1/calendar', { body: { year: 2030, days: [1, 2].map(() => ({ date: '2030-01-01', kind: 'holiday' })) } }],
    { status: 422, reason: 'calendar.day-twice' }],
  ['a list without days', [admin, 'POST', '/api/v1/calendar/import', { body: { year: 2030 } }], { status: 422, reason: 'calendar.format' }],
  ['a CSV without kinds', [admin, 'POST', '/api/v1/calendar/import', { body: '2030-01-01,元旦,x\n', ...CSV }], { status: 422, reason: 'calendar.format' }],
]));
