// What attackers try first, as tables: smuggling, traversal, oversize, slowness, CSRF, cache and
// header rules. Rights have their own file.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { PASSWORD, rawExchange, send, startPark } from './harness.mjs';

let park;
before(async () => { park = await startPark({ args: ['--request-timeout', '2'] }); });
after(() => park.stop());

const HOST = 'Host: park\r\n';
const status = (text) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
const SMUGGLED = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;

// what, bytes, status of the one and only answer
const FRAMING = [
  ['Content-Length beside Transfer-Encoding',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['Transfer-Encoding before Content-Length',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['two Content-Lengths that differ',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${SMUGGLED}`],
  ['two equal Content-Lengths',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`],
  ['a list as Content-Length', `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Length: 0, 0\r\n\r\n${SMUGGLED}`],
  ['a signed Content-Length', `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Length: +0\r\n\r\n${SMUGGLED}`],
  ['a hexadecimal Content-Length', `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Length: 0x10\r\n\r\n${SMUGGLED}`],
  ['a negative Content-Length', `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n${SMUGGLED}`],
  ['an endless Content-Length',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Length: 99999999999999999999999\r\n\r\n${SMUGGLED}`],
  ['an unknown Transfer-Encoding',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['a list of Transfer-Encodings',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['two Transfer-Encodings',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['a tab in Transfer-Encoding',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['a space before the colon',
    `POST /api/v1/session HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['Transfer-Encoding with HTTP/1.0',
    `POST /api/v1/session HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['two Hosts', `GET /healthz HTTP/1.1\r\n${HOST}Host: other\r\n\r\n`],
  ['no Host', 'GET /healthz HTTP/1.1\r\nAccept: */*\r\n\r\n'],
  ['a Host that is none', 'GET /healthz HTTP/1.1\r\nHost: a/b@c\r\n\r\n'],
  ['a folded header', `GET /healthz HTTP/1.1\r\n${HOST}X-A: 1\r\n\tb: 2\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n`],
  ['a header without a name', `GET /healthz HTTP/1.1\r\n${HOST}: x\r\n\r\n`],
  ['a NUL in a header', `GET /healthz HTTP/1.1\r\n${HOST}X-A: a\0b\r\n\r\n`],
  ['a NUL in the target', `GET /health\0z HTTP/1.1\r\n${HOST}\r\n`],
  ['bare line feeds', 'GET /healthz HTTP/1.1\nHost: park\n\n'],
  ['another protocol', `GET /healthz HTTP/2.0\r\n${HOST}\r\n`],
  ['no protocol', 'GET /healthz\r\n\r\n'],
  ['a method that nobody knows', `BREW /healthz HTTP/1.1\r\n${HOST}\r\n`],
  ['CONNECT', `CONNECT example.org:443 HTTP/1.1\r\n${HOST}\r\n`],
  ['TRACE', `TRACE / HTTP/1.1\r\n${HOST}\r\n`],
];

test('what is not plainly framed gets one refusal and a closed connection', async (t) => {
  for (const [what, bytes] of FRAMING) {
    await t.test(what, async () => {
      const { text, closed } = await rawExchange(park.port, bytes, 3000);
      assert.ok(closed, `still open after: ${text.slice(0, 200)}`);
      if (text === '') return; // Refused without a word.
      assert.ok((status(text) >= 400 && status(text) < 500) || status(text) === 505, text.slice(0, 200));
      assert.doesNotMatch(text, /HTTP\/1\.1 200/, 'the hidden request was answered');
    });
  }
});

test('keep-alive and pipelining go on working', async () => {
  const { text } = await rawExchange(park.port, `${SMUGGLED}${SMUGGLED}POST /api/v1/session HTTP/1.1\r\n${HOST}` +
    'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"log\r\n1\r\n"\r\n0\r\n\r\n' + SMUGGLED, 700);
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200']);
});

const PATHS = [
  '/../etc/passwd', '/assets/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e%2fetc',
  '/assets/%00.js', '/a%00', '/./index.html', '/a//b', '//etc/passwd', '/\\..\\etc', '/%5c..%5cetc', '/%c0%ae%c0%ae/etc',
  '/%ff', '/%', '/%2', '/%zz', '/a%0d%0aSet-Cookie:x', '/a\tb', 'http://park/../../etc/passwd', '*', 'etc/passwd',
  '/api/v1/journal/../me', '/journal/tile/%2e%2e/%2e%2e/journal.key', '/api/v1/cases/..%2f..%2fme',
];

test('no path leads out of the tree', async (t) => {
  for (const target of PATHS) {
    await t.test(target, async () => {
      const { text } = await rawExchange(park.port, `GET ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
      assert.ok([400, 404].includes(status(text)), text.slice(0, 200));
      assert.doesNotMatch(text, /root:|PRIVATE/);
    });
  }
});

test('what is too large is refused, and the answer arrives', async (t) => {
  const big = 'x'.repeat(2 * 1024 * 1024);
  await t.test('a body by its Content-Length, before it is sent', async () => {
    const { text, closed } = await rawExchange(park.port,
      `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 5000000\r\n\r\n`);
    assert.equal(status(text), 413);
    assert.match(text, /request\.too-large/);
    assert.ok(closed);
  });
  await t.test('a chunked body', async () => {
    const chunk = `${big.length.toString(16)}\r\n${big}\r\n`;
    const { text } = await rawExchange(park.port,
      `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`, 4000);
    assert.equal(status(text), 413);
  });
  await t.test('a chunked body without an end', async () => {
    const got = await new Promise((resolve) => {
      let text = '', sent = 0;
      const socket = net.connect(park.port, '127.0.0.1', () => {
        socket.write(`POST /api/v1/session HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`);
        const more = () => {
          while (!socket.destroyed && sent < 64e6) {
            sent += 65536;
            if (!socket.write(`10000\r\n${'y'.repeat(65536)}\r\n`)) { socket.once('drain', more); return; }
          }
        };
        more();
      });
      socket.on('data', (part) => { text += part; });
      socket.on('error', () => {});
      socket.on('close', () => resolve({ text, sent }));
    });
    assert.ok(got.sent < 16e6, `took ${got.sent} bytes`);
  });
  await t.test('a header', async () => {
    const { text, closed } = await rawExchange(park.port, `GET /healthz HTTP/1.1\r\n${HOST}X-Big: ${'a'.repeat(40000)}\r\n\r\n`);
    assert.ok([400, 413, 431].includes(status(text)), text.slice(0, 100));
    assert.ok(closed);
  });
  await t.test('a header just over our own bound', async () => {
    const { text } = await rawExchange(park.port, `GET /healthz HTTP/1.1\r\n${HOST}X-Big: ${'a'.repeat(8500)}\r\n\r\n`);
    assert.ok([413, 431].includes(status(text)), text.slice(0, 100));
  });
  await t.test('many headers', async () => {
    const many = Array.from({ length: 80 }, (_, i) => `X-${i}: 1\r\n`).join('');
    const { text } = await rawExchange(park.port, `GET /healthz HTTP/1.1\r\n${HOST}${many}\r\n`);
    assert.equal(status(text), 413);
  });
  await t.test('a target', async () => {
    const { text } = await rawExchange(park.port, `GET /${'a'.repeat(40000)} HTTP/1.1\r\n${HOST}\r\n`);
    assert.ok([400, 413, 414, 431].includes(status(text)), text.slice(0, 100));
  });
  await t.test('deep JSON', async () => {
    const reply = await send(park.port, 'POST', '/api/v1/session',
      { headers: { 'content-type': 'application/json' }, body: '['.repeat(500) });
    assert.ok([400, 413].includes(reply.status));
  });
});

test('slow clients are cut off, and others do not wait for them', async (t) => {
  const dawdle = (first, drip) => new Promise((resolve) => {
    const begin = Date.now();
    const socket = net.connect(park.port, '127.0.0.1', () => socket.write(first));
    const timer = setInterval(() => socket.write(drip, () => {}), 200);
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', () => { clearInterval(timer); resolve(Date.now() - begin); });
  });
  const cases = [
    ['in the header', `GET /healthz HTTP/1.1\r\n${HOST}X-A: `, 'a'],
    ['in the request line', 'GET /', 'a'],
    ['in the body', `POST /api/v1/session HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`, ' '],
  ];
  const all = cases.map(([what, first, drip]) => t.test(what, async () => {
    const ms = await dawdle(first, drip);
    assert.ok(ms < 5000, `${ms} ms`);
  }));
  const begin = Date.now();
  assert.equal((await park.admin.get('/healthz')).status, 200);
  assert.ok(Date.now() - begin < 500);
  await Promise.all(all);
});

test('another site cannot act for whoever looks at it', async (t) => {
  const settings = { park_name: '改', time_zone: 'Asia/Shanghai', map: { lat: 30, lng: 121, zoom: 12 } };
  const { cookie, csrf } = park.admin;
  const own = `http://127.0.0.1:${park.port}`;
  const put = (headers) => send(park.port, 'PUT', '/api/v1/settings', { headers: { cookie, ...headers }, body: settings });
  const rows = [
    ['without a token', {}, 403, 'csrf.token'],
    ['with an empty token', { 'x-csrf-token': '' }, 403, 'csrf.token'],
    ['with another token', { 'x-csrf-token': csrf.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }, 403, 'csrf.token'],
    ['from another origin', { 'x-csrf-token': csrf, origin: 'https://evil.example' }, 403, 'csrf.origin'],
    ['from origin null', { 'x-csrf-token': csrf, origin: 'null' }, 403, 'csrf.origin'],
    ['cross-site by fetch metadata', { 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' }, 403, 'csrf.origin'],
    ['same-site is another site', { 'x-csrf-token': csrf, 'sec-fetch-site': 'same-site' }, 403, 'csrf.origin'],
    ['as a form would send it', { 'x-csrf-token': csrf, 'content-type': 'text/plain' }, 415, 'request.media'],
    ['from our own page', { 'x-csrf-token': csrf, origin: own, 'sec-fetch-site': 'same-origin' }, 200],
  ];
  for (const [what, headers, want, reason] of rows) {
    await t.test(what, async () => {
      const reply = await put(headers);
      assert.equal(reply.status, want, reply.text);
      if (reason) assert.equal(reply.json.reason, reason);
    });
  }
  await t.test('signing in from another site', async () => {
    const reply = await send(park.port, 'POST', '/api/v1/session',
      { headers: { origin: 'https://evil.example' }, body: { login: 'admin', password: PASSWORD } });
    assert.equal(reply.json.reason, 'csrf.origin');
  });
  await t.test('a cookie is no token and a token no cookie', async () => {
    const token = park.token('admin');
    assert.equal((await send(park.port, 'GET', '/api/v1/me', { headers: { cookie: `kl_session=${token}` } })).status, 401);
    const bearer = `Bearer ${cookie.split('=')[1]}`;
    assert.equal((await send(park.port, 'GET', '/api/v1/me', { headers: { authorization: bearer } })).status, 401);
  });
});

test('every answer says how it may be used', async () => {
  const api = await park.admin.get('/api/v1/me');
  assert.equal(api.headers['cache-control'], 'no-store');
  assert.equal(api.headers['x-content-type-options'], 'nosniff');
  assert.match(api.headers['content-security-policy'], /default-src 'none'/);
  for (const target of ['/api/v1/nothing', '/api/v1/me/../me', '/nothing.js']) {
    const reply = await park.client().get(target);
    assert.equal(reply.headers['x-content-type-options'], 'nosniff', target);
    assert.match(reply.headers['content-type'], /problem\+json/);
  }
  const wrong = await park.admin.request('PATCH', '/api/v1/me');
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.allow, 'GET, HEAD');
  const head = await park.admin.request('HEAD', '/api/v1/me');
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
});

test('input is checked with the field at fault', async (t) => {
  const rows = [
    ['an unknown member', { login: 'a', password: 'b', admin: true }, 'admin', 'field.unknown'],
    ['a wrong type', { login: 1, password: 'b' }, 'login', 'field.type'],
    ['a missing member', { login: 'a' }, 'password', 'field.required'],
    ['an empty member', { login: ' ', password: 'b' }, 'login', 'field.required'],
  ];
  for (const [what, body, field, reason] of rows) {
    await t.test(what, async () => {
      const reply = await park.client().post('/api/v1/session', body);
      assert.equal(reply.status, 422);
      assert.deepEqual([reply.json.errors[0].field, reply.json.errors[0].reason], [field, reason]);
    });
  }
  const raw = (body) => send(park.port, 'POST', '/api/v1/session', { headers: { 'content-type': 'application/json' }, body });
  for (const body of ['', '{', '{"login":"a","login":"b","password":"c"}', '{"login":"\\ud800","password":"c"}', 'null'])
    assert.ok([400, 422].includes((await raw(body)).status), body);
  for (const query of ['?limit=0x', '?limit=500', '?what=1', '?q=a&q=b', '?q=%zz', '?cursor=!!'])
    assert.ok([400, 422].includes((await park.admin.get(`/api/v1/accounts${query}`)).status), query);
});

test('one person\'s writes are bounded, and another\'s are not touched by it', async () => {
  const bounded = await startPark({ args: ['--write-rate', '5'] });
  try {
    const { token } = (await bounded.admin.post('/api/v1/tokens', { name: 't' })).json;
    const script = bounded.client();
    script.token = token;
    const all = await Promise.all(Array.from({ length: 60 }, () => script.delete('/api/v1/tokens/1')));
    const refused = all.filter((r) => r.status === 429);
    assert.ok(refused.length >= 30, `${refused.length} refused`);
    assert.equal(refused[0].json.reason, 'rate');
    assert.equal(refused[0].headers['retry-after'], '5');
    assert.equal((await script.get('/api/v1/me')).status, 200);
    assert.equal((await bounded.client().post('/api/v1/session', { login: 'admin', password: PASSWORD })).status, 200);
  } finally {
    await bounded.stop();
  }
});
