import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { serve, startFrames } from '../support/frames-client.ts';
import { createGate } from '../support/gate.ts';
import { INITIALIZE, post } from '../support/http-agent.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { modernRequest } from '../support/modern-frames.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

type Stubborn = { readonly file: string; readonly servers: Record<string, object> };

/** A server that says nothing and does not go when it is asked to; the file gets the number of each process. */
async function stubborn(context: TestContext): Promise<Stubborn> {
  const folder = await scratch(context);
  const [file, script] = [join(folder, 'pids'), join(folder, 'server.sh')];
  await writeFile(script, `trap '' TERM; echo $$ >> '${file}'; exec sleep 60`);
  return { file, servers: { slow: { command: 'sh', args: [script] } } };
}

function pids(file: string): number[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The most that lived at the same time, looked at until `enough` were started and no more than `rest` live. */
async function peak(file: string, enough: number, rest: number): Promise<number> {
  let most = 0;
  await until(() => {
    const alive = pids(file).filter(isAlive).length;
    most = Math.max(most, alive);
    return pids(file).length >= enough && alive <= rest;
  });
  return most;
}

/** Never more than `places`; a slow machine may end the first before it has started the last. */
function isFull(most: number, places: number): void {
  assert.ok(most <= places && most > places / 2, `${most} lived at the same time`);
}

test('a modern client that leaves connections behind has 16 sets of servers and no more, those that end included', async (context) => {
  const { file, servers } = await stubborn(context);
  const gate = await createGate(context, { servers, firstUse: true });
  const client = startFrames(context, serve(gate));
  for (let n = 0; n < 24; n++) {
    const capabilities = { experimental: { n } };
    client.sendTogether(modernRequest('tools/list', {}, { id: n, capabilities }), {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: n },
    });
  }
  isFull(await peak(file, 24, 16), 16);
});

test('a legacy client that leaves sessions behind has 64 sets of servers and no more, those that end included', async (context) => {
  const { file, servers } = await stubborn(context);
  const gate = await startHttpGate(context, {
    servers,
    policy: '@id("all") permit (principal, action, resource);',
  });
  const token = await gate.token();
  const opened = Promise.all(
    Array.from({ length: 72 }, async () => await post(gate, token, INITIALIZE)),
  );
  isFull(await peak(file, 72, 64), 64);
  assert.deepEqual(new Set((await opened).map(({ status }) => status)), new Set([200]));
});

test('a session that is ended keeps its place until its servers are gone', async (context) => {
  const { file, servers } = await stubborn(context);
  const gate = await startHttpGate(context, {
    servers,
    policy: '@id("all") permit (principal, action, resource);',
  });
  const token = await gate.token();
  const openAndEnd = async (): Promise<number> => {
    const answer = await post(gate, token, INITIALIZE);
    const session = answer.headers.get('mcp-session-id') ?? '';
    const headers = { authorization: `Bearer ${token}`, 'mcp-session-id': session };
    await fetch(gate.url, { method: 'DELETE', headers });
    return answer.status;
  };
  const ended = Promise.all(Array.from({ length: 72 }, openAndEnd));
  assert.ok((await peak(file, 72, 0)) <= 64);
  assert.ok((await ended).every((status) => status === 200));
});
