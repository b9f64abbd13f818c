// What tests of /v2 without a client library share: a client with a token, small models, waiting.
import assert from 'node:assert/strict';

export const bpmn = (id, body, more = '') => [`${id}.bpmn`, `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:test"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
${more}<process id="${id}" name="流程 ${id}" isExecutable="true">${body}</process></definitions>`];

// The given elements, one after the other.
export const chain = (...parts) => parts.map(([, xml]) => xml).join('')
  + parts.slice(1).map(([id], i) => `<sequenceFlow id="f${i}" sourceRef="${parts[i][0]}" targetRef="${id}"/>`).join('');
export const start = (inside = '', id = 'start') => [id, `<startEvent id="${id}">${inside}</startEvent>`];
export const end = (id = 'end') => [id, `<endEvent id="${id}"/>`];
export const job = (id, type = id) => [id, `<serviceTask id="${id}"><extensionElements>
  <zeebe:taskDefinition type="${type}"/></extensionElements></serviceTask>`];
export const user = (id, more = '') => [id, `<userTask id="${id}"><extensionElements><zeebe:userTask/>${more}</extensionElements></userTask>`];
export const timer = (kind, text) =>
  `<timerEventDefinition><${kind} xsi:type="tFormalExpression">${text}</${kind}></timerEventDefinition>`;

// With a token: sessions end while the clock runs ahead.
export async function engineClient(park) {
  const client = await park.person({ name: '流程程序', roles: [['engine_client']] });
  client.token = park.token(client.login);
  client.cookie = client.csrf = undefined;
  const expect = async (promise, status = 200) => {
    const reply = await promise;
    assert.equal(reply.status, status, reply.text);
    return reply.json;
  };
  return {
    client,
    deploy(...files) { return expect(client.request('POST', '/v2/deployments', form(files))); },
    post(path, body, status) { return expect(client.post(`/v2${path}`, body), status); },
    get(path, status) { return expect(client.get(`/v2${path}`), status); },
    async search(what, filter = {}, more = {}) { return (await this.post(`/${what}/search`, { filter, ...more })).items; },
    // A problem in words of the given status.
    async refused(path, body, status, pattern = /./) {
      const reply = await client.request(body === undefined ? 'GET' : 'POST', `/v2${path}`, { body });
      assert.equal(reply.status, status, reply.text);
      assert.match(reply.headers['content-type'], /^application\/problem\+json/);
      assert.match(reply.json.detail, pattern);
      return reply.json;
    },
  };
}

export function form(files) {
  const body = files.map(([name, content]) => `--line\r\ncontent-disposition: form-data; name="resources"; `
    + `filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n${content}\r\n`).join('');
  return { body: `${body}--line--\r\n`, headers: { 'content-type': 'multipart/form-data; boundary=line' } };
}

export async function until(what, check, ms = 8000) {
  for (const last = Date.now() + ms; Date.now() < last;) {
    const found = await check();
    if (found) return found;
    await new Promise((resolve) => { setTimeout(resolve, 30); });
  }
  return assert.fail(`never: ${what}`);
}
