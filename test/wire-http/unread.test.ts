import assert from 'node:assert/strict';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { test } from 'node:test';
import { isJsonObject } from '../../src/lib/json.ts';
import { askingSessions } from '../support/asking-session.ts';
import { echoSessions } from '../support/echo-session.ts';
import { openSession, post, startAgent, tokenFor, usual } from '../support/http-agent.ts';
import { headersOf, modernRequest } from '../support/modern-frames.ts';
import { until } from '../support/until.ts';

const alice = await tokenFor();
const bob = await tokenFor({ sub: 'bob' });
/** More than the kernel takes in for a reader that does not read. */
const MUCH = 'x'.repeat(12_000_000);
const limits = { unreadBytes: 1_000_000, patienceMs: 60_000 };

/** Sends it on a connection of its own and reads no more than the status. */
async function glance(
  url: string,
  body: object,
  headers: Headers,
): Promise<{ readonly status: number; readonly sent: ClientRequest }> {
  return await new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const sent = httpRequest(url, {
      method: 'POST',
      agent: false,
      headers: { ...Object.fromEntries(headers), 'content-length': text.length },
    });
    sent.once('response', ({ statusCode = 0 }) => resolve({ status: statusCode, sent }));
    sent.once('error', reject);
    sent.end(text);
  });
}

/** Asks until nothing more is taken; gives what was. */
async function askUntilRefused(
  ask: () => Promise<{ status: number; sent: ClientRequest }>,
): Promise<ClientRequest[]> {
  const open: ClientRequest[] = [];
  for (let round = 0; round < 10; round++) {
    const { status, sent } = await ask();
    open.push(sent);
    if (status === 429) return open;
    assert.equal(status, 200);
  }
  throw new Error('it was never refused');
}

test('who leaves answers unread is given no more of them until they have gone', async () => {
  await using agent = await startAgent({ ...echoSessions(), limits });
  const session = { 'mcp-session-id': await openSession(agent, alice) };
  let id = 0;
  const much = (): object => ({ jsonrpc: '2.0', id: ++id, method: 'echo', params: { MUCH } });
  const little = (): object => ({ jsonrpc: '2.0', id: ++id, method: 'echo', params: {} });
  const headers = usual(alice, { 'content-type': 'application/json', ...session });
  const open = await askUntilRefused(async () => await glance(agent.url, much(), headers));
  assert.ok(open.length >= 2);
  const { status, body } = await post(agent, alice, little(), session);
  assert.equal(status, 429);
  assert.match(JSON.stringify(body), /earlier answers have not been read/u);
  assert.ok(agent.refused.some(({ reason, caller }) => reason === 'requests-exhausted' && caller));
  // Another session is another reader.
  const other = { 'mcp-session-id': await openSession(agent, bob) };
  assert.equal((await post(agent, bob, little(), other)).status, 200);
  for (const sent of open) sent.destroy();
  await until(async () => (await post(agent, alice, little(), session)).status === 200);
});

function modernCall(token: string, args: object): [object, Headers] {
  const frame = modernRequest('tools/call', { name: 'echo', arguments: { ...args } });
  return [frame, usual(token, { 'content-type': 'application/json', ...headersOf(frame) })];
}

test('the same for a modern client, whose requests have nothing in common but who asks', async () => {
  await using agent = await startAgent({ ...askingSessions(), limits });
  const status = async (token: string): Promise<number> => {
    const { status, sent } = await glance(agent.url, ...modernCall(token, {}));
    sent.destroy();
    return status;
  };
  const open = await askUntilRefused(
    async () => await glance(agent.url, ...modernCall(alice, { MUCH })),
  );
  assert.equal(await status(alice), 429);
  assert.equal(await status(bob), 200);
  for (const sent of open) sent.destroy();
  await until(async () => (await status(alice)) === 200);
});

test('an answer that is read slowly comes whole', async () => {
  await using agent = await startAgent({ ...echoSessions(), limits });
  const session = { 'mcp-session-id': await openSession(agent, alice) };
  const headers = usual(alice, { 'content-type': 'application/json', ...session });
  const response = await fetch(agent.url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'echo', params: { MUCH } }),
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const answer: unknown = JSON.parse(text);
  assert.ok(isJsonObject(answer) && isJsonObject(answer['result']));
});
