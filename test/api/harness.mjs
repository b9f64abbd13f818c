// Starts the built program on a free port with an empty store and a test clock, and speaks to it.
//
//   const park = await startPark();             // set up, signed in as `park.admin`
//   const officer = await park.person({ name: '周敏', roles: [['leader']] });
//   const reply = await officer.post('/api/v1/cases', { … });
//   assert.equal(reply.status, 201);
//   await park.advance({ hours: 1 });
//   after(() => park.stop());
//
// The program is $KUAILIAN, else build/kuailian.
import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const PROGRAM = process.env.KUAILIAN ?? path.join(ROOT, 'build/kuailian');
export const PASSWORD = 'correct horse battery';

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

// One request; never throws on a status. `body` objects become JSON, strings and buffers go raw.
export function send(port, method, target, { headers = {}, body } = {}) {
  const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = raw ? body : JSON.stringify(body);
  const all = { ...(raw ? {} : { 'content-type': 'application/json' }), ...headers };
  if (bytes !== undefined) all['content-length'] ??= Buffer.byteLength(bytes);
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', method, path: target, headers: all, agent },
      (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const buffer = Buffer.concat(parts);
          const text = buffer.toString('utf8');
          const isJson = /json/.test(response.headers['content-type'] ?? '') && text.length > 0;
          resolve({ status: response.statusCode, headers: response.headers, buffer, text,
            json: isJson ? JSON.parse(text) : undefined });
        });
      });
    request.on('error', reject);
    request.end(bytes);
  });
}

// Writes bytes to a bare socket and gives all that comes back until the server closes it, or until
// `ms` have passed.
export function rawExchange(port, text, ms = 1500) {
  return new Promise((resolve) => {
    const parts = [];
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    const finish = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text: Buffer.concat(parts).toString('latin1'), closed });
    };
    const timer = setTimeout(() => finish(false), ms);
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => finish(true));
    socket.on('close', () => finish(true));
  });
}

// Somebody who sends requests: with a session cookie, a token, or nothing.
export class Client {
  constructor(port) {
    this.port = port;
    this.cookie = undefined;
    this.csrf = undefined;
    this.token = undefined;
    this.me = undefined;
  }

  async request(method, target, { body, headers = {} } = {}) {
    const own = {};
    if (this.token) own.authorization = `Bearer ${this.token}`;
    if (this.cookie) own.cookie = this.cookie;
    if (this.csrf && method !== 'GET' && method !== 'HEAD') own['x-csrf-token'] = this.csrf;
    const reply = await send(this.port, method, target, { headers: { ...own, ...headers }, body });
    const cookie = reply.headers['set-cookie']?.[0];
    if (cookie) this.cookie = cookie.split(';')[0];
    return reply;
  }

  get(target, headers) { return this.request('GET', target, { headers }); }
  post(target, body = {}, headers) { return this.request('POST', target, { body, headers }); }
  put(target, body = {}, headers) { return this.request('PUT', target, { body, headers }); }
  delete(target, body, headers) { return this.request('DELETE', target, { body, headers }); }

  keep(reply) {
    this.me = reply.json;
    this.csrf = reply.json?.csrf;
    return reply;
  }

  async signIn(login, password = PASSWORD) {
    const reply = await this.post('/api/v1/session', { login, password });
    return reply.status === 200 ? this.keep(reply) : reply;
  }

  // Opens /events: { events, next(), close() }; next() waits for the next event.
  events(headers = {}) {
    const queue = [], waiting = [];
    const stream = { status: 0, comments: 0, closed: false };
    const own = { ...headers };
    if (this.cookie) own.cookie = this.cookie;
    if (this.token) own.authorization = `Bearer ${this.token}`;
    const request = http.request({ port: this.port, host: '127.0.0.1', path: '/events', headers: own },
      (response) => {
        stream.status = response.statusCode;
        let text = '';
        response.setEncoding('utf8');
        response.on('error', () => {});
        response.on('close', () => { stream.closed = true; waiting.splice(0).forEach((w) => w(undefined)); });
        response.on('data', (part) => {
          text += part;
          for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
            const event = {};
            for (const line of text.slice(0, end).split('\n')) {
              if (line.startsWith(':')) stream.comments++;
              else event[line.slice(0, line.indexOf(':'))] = line.slice(line.indexOf(':') + 2);
            }
            if (!event.data) continue;
            event.data = JSON.parse(event.data);
            const waiter = waiting.shift();
            if (waiter) waiter(event); else queue.push(event);
          }
        });
        stream.opened();
      });
    request.on('error', () => { stream.closed = true; stream.opened(); });
    stream.ready = new Promise((resolve) => { stream.opened = resolve; });
    stream.queue = queue;
    stream.next = (ms = 3000) => new Promise((resolve) => {
      if (queue.length) { resolve(queue.shift()); return; }
      const timer = setTimeout(() => { waiting.splice(waiting.indexOf(done), 1); resolve(undefined); }, ms);
      const done = (event) => { clearTimeout(timer); resolve(event); };
      waiting.push(done);
    });
    stream.close = () => request.destroy();
    request.end();
    return stream;
  }
}

// The JSON of an answer that must be a success, or of this status.
export async function made(promise, status = [200, 201, 204]) {
  const reply = await promise;
  assert.ok([status].flat().includes(reply.status), `${reply.status} ${reply.text}`);
  return reply.json;
}

// A valid credit code (GB 32100) for the n-th invented enterprise.
export function creditCode(n) {
  const digits = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  const body = `91330281${String(n).padStart(9, '0')}`;
  const sum = [...body].reduce((all, c, i) => all + digits.indexOf(c) * (3 ** i % 31), 0);
  return body + digits[(31 - (sum % 31)) % 31];
}

const UNITS = { us: 1, seconds: 1e6, minutes: 60e6, hours: 3600e6, days: 86400e6 };

class Park {
  constructor(child, port, dir) {
    this.child = child;
    this.port = port;
    this.dir = dir;
    this.admin = new Client(port);
    this.count = 0;
  }

  client() { return new Client(this.port); }

  async setup() {
    const reply = await this.admin.post('/api/v1/setup',
      { park_name: '试验园区', login: 'admin', name: '管理员', password: PASSWORD });
    if (reply.status !== 201) throw new Error(`setup: ${reply.status} ${reply.text}`);
    this.admin.keep(reply);
  }

  // Posts as the administrator and gives the id that was made.
  async make(target, body) {
    const reply = await this.admin.post(target, body);
    if (reply.status !== 201) throw new Error(`${target}: ${reply.status} ${reply.text}`);
    return reply.json.id;
  }

  grid(name = '一号网格') { return this.make('/api/v1/grids', { code: `G${++this.count}`, name }); }
  department(name = '经发局') { return this.make('/api/v1/departments', { code: `D${++this.count}`, name }); }
  enterprise(gridId, name = '镇洋化工') {
    return this.make('/api/v1/enterprises', { code: creditCode(++this.count), name, grid_id: gridId });
  }

  // A person with an account and roles, e.g. [['leader'], ['grid_member', gridId]], signed in.
  async person({ name = '张三', kind = 'staff', login, roles = [], ...more } = {}) {
    const made = await this.admin.post('/api/v1/people', { name, kind, ...more });
    if (made.status !== 201) throw new Error(`people: ${made.status} ${made.text}`);
    return this.account(made.json.id, { login, roles });
  }

  // An account with roles for a person that is there, signed in.
  async account(personId, { login = `user${++this.count}`, roles = [] } = {}) {
    const first = `first ${PASSWORD}`;
    const account = await this.admin.put(`/api/v1/people/${personId}/account`,
      { login, password: first, state: 'active' });
    if (account.status !== 200) throw new Error(`account: ${account.status} ${account.text}`);
    for (const [role, scope] of roles) {
      const reply = await this.admin.post(`/api/v1/people/${personId}/roles`,
        scope ? { role, scope_id: scope } : { role });
      if (reply.status !== 200) throw new Error(`role ${role}: ${reply.status} ${reply.text}`);
    }
    const client = this.client();
    await client.signIn(login, first);
    await client.post('/api/v1/me/password', { old: first, new: PASSWORD });
    client.keep(await client.get('/api/v1/me'));
    client.id = personId;
    client.login = login;
    return client;
  }

  async clock(body) {
    const reply = await send(this.port, 'POST', '/api/v1/test/clock', { body });
    if (reply.status !== 200) throw new Error(`clock: ${reply.status} ${reply.text}`);
    return reply.json.now;
  }

  // advance({ hours: 2, minutes: 5 })
  advance(by) {
    const us = Object.entries(by).reduce((sum, [unit, n]) => sum + n * UNITS[unit], 0);
    return this.clock({ advance_us: us });
  }

  // setClock('2026-11-23T09:00:00+08:00')
  setClock(time) { return this.clock({ set: time }); }

  // `kuailian token new`, beside the running server.
  token(login) {
    return execFileSync(PROGRAM, ['token', 'new', '--user', login, '--dir', this.dir], { encoding: 'utf8' }).trim();
  }

  // Ends the server; with a signal other than SIGKILL it must leave by itself and without complaint.
  async halt(signal = 'SIGTERM') {
    if (this.child.exitCode !== null || this.child.signalCode) return;
    const left = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
    this.child.kill(signal);
    const code = await left;
    if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the server ended with ${code}: ${this.log()}`);
  }

  // Starts the server again on the same store.
  async restart(args = []) {
    await this.halt();
    const { child, port, log } = await launch(this.dir, args);
    Object.assign(this, { child, port, log });
    this.admin.port = port;
  }

  async stop() {
    try {
      await this.halt();
    } finally {
      rmSync(this.dir, { recursive: true, force: true });
    }
  }
}

function launch(dir, args) {
  const child = spawn(PROGRAM, ['serve', '--dir', dir, '--listen', '127.0.0.1:0', '--test-clock', '--write-rate', '0',
    ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '', output = '';
  child.stderr.on('data', (part) => { errors += part; });
  const log = () => errors;
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${errors}`)));
    child.stdout.on('data', (part) => {
      output += part;
      const port = /http:\/\/[^:]+:(\d+)/.exec(output)?.[1];
      if (port) resolve({ child, port: Number(port), log });
    });
  });
}

// Options: `args` for the program, `setup: false` to leave the first start to the test, `at` to set
// the clock.
export async function startPark({ args = [], setup = true, at } = {}) {
  const dir = mkdtempSync(path.join(tmpdir(), 'kuailian-'));
  const { child, port, log } = await launch(dir, args);
  const park = new Park(child, port, dir);
  park.log = log;
  if (at) await park.setClock(at);
  if (setup) await park.setup();
  return park;
}

// Rows of [what, request, expected]: request is [client, method, target, options], expected a status
// or { status, reason, header… checks as functions of the reply }.
export async function table(t, assert, rows) {
  for (const [what, [client, method, target, options], expected] of rows) {
    await t.test(what, async () => {
      const reply = await client.request(method, target, options);
      const want = typeof expected === 'object' ? expected : { status: expected };
      assert.equal(reply.status, want.status, reply.text.slice(0, 400));
      if (want.reason) assert.equal(reply.json?.reason, want.reason, reply.text);
      if (want.check) want.check(reply);
    });
  }
}
