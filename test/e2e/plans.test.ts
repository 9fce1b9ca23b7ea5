import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { verifyAudit } from '../../src/audit/verify.ts';
import { readRecords } from '../../src/audit/read-records.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { WITH_TASKS } from '../../src/wire/modern/meta.ts';
import { contentOf, openBank, statesOf } from '../plans/bank.ts';
import { planOf, ref, stepOf } from '../plans/support.ts';
import { usual } from '../support/http-agent.ts';
import { httpFrames } from '../support/http-frames.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { ask, headersOf, modernRequest } from '../support/modern-frames.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { stringOf } from '../support/string-of.ts';
import { until } from '../support/until.ts';

const BOB = { sub: 'bob' };
const RUN = 'sallyport__plan_run';
const OWN = ['submit', 'run', 'status', 'cancel'].map((verb) => `sallyport__plan_${verb}`);
const echo = (id: string, more: JsonObject = {}): JsonObject =>
  stepOf(id, 'bank__echo', { text: id, ...more });
/** Two seconds long. */
const SLOW = planOf(
  echo('slow', { ms: 1000 }),
  stepOf('next', 'bank__echo', { text: ref('slow', '/structuredContent/text') }),
);
const ENDLESS = planOf(
  echo('slow', { ms: 30_000 }),
  stepOf('next', 'bank__echo', { text: ref('slow', '/structuredContent/text') }),
);

/** A client of either era over HTTP: one request, and its answer as a frame. */
type Asks = (method: string, params: JsonObject) => Promise<JsonObject>;

async function legacy(context: TestContext, gate: HttpGate, claims = {}): Promise<Asks> {
  const client = httpFrames(context, { url: gate.url, token: await gate.token(claims) });
  await client.open();
  return async (method, params) => await client.request(method, params);
}

async function modern(_context: TestContext, gate: HttpGate, claims = {}): Promise<Asks> {
  const token = await gate.token(claims);
  return async (method, params) => {
    const { body } = await ask(gate, method, params, { token });
    assert.ok(isJsonObject(body));
    return body;
  };
}

async function call(asks: Asks, verb: string, args: JsonObject): Promise<JsonObject> {
  return await asks('tools/call', { name: `sallyport__plan_${verb}`, arguments: args });
}

async function bankGate(context: TestContext): Promise<HttpGate> {
  const main = join(packageRoot(), 'dist', 'test', 'support', 'bank-server.js');
  const args = [main, join(await scratch(context), 'calls.jsonl')];
  return await startHttpGate(context, {
    servers: { bank: { command: process.execPath, args } },
    policy: '@id("all") permit(principal, action, resource);',
    config: { plans: {} },
  });
}

/** Waits until the bank's tools are there. */
async function started(asks: Asks): Promise<void> {
  await until(async () => denialOf(await call(asks, 'submit', planOf(echo('x')))) === undefined);
}

async function idOf(asks: Asks, plan: JsonObject): Promise<string> {
  return stringOf(contentOf(await call(asks, 'submit', plan))['plan']);
}

/** What became of plans, in order. */
function toldOf({ folder }: { readonly folder: string }, id: string): string[] {
  return [...readRecords(join(folder, 'audit'), () => undefined)]
    .filter(({ event, id: of }) => event === 'plan' && of === id)
    .map(({ step, state }) => `${stringOf(step)} ${stringOf(state)}`.trim());
}

for (const [era, open] of [
  ['2025-11-25', legacy],
  ['2026-07-28', modern],
] as const)
  test(`over HTTP with clients of ${era}`, async (context) => {
    const gate = await bankGate(context);
    const alice = await open(context, gate);
    await started(alice);

    await context.test('a plan is submitted, run and told of', async () => {
      const { result } = await alice('tools/list', {});
      const tools = isJsonObject(result) && Array.isArray(result['tools']) ? result['tools'] : [];
      const names = tools.map((tool) => (isJsonObject(tool) ? tool['name'] : ''));
      assert.deepEqual(names.filter((name) => OWN.includes(stringOf(name))), OWN);
      const plan = await idOf(alice, planOf(echo('a'), stepOf('b', 'bank__echo', { text: ref('a', '/structuredContent/text') })));
      assert.deepEqual(statesOf(contentOf(await call(alice, 'run', { plan }))), ['a: done', 'b: done']);
      assert.equal(contentOf(await call(alice, 'status', { plan }))['state'], 'done');
    }); // prettier-ignore

    await context.test('is nobody else’s to see, run, follow or cancel', async () => {
      const bob = await open(context, gate, BOB);
      await started(bob);
      const plan = await idOf(alice, planOf(echo('mine')));
      for (const verb of ['run', 'status', 'cancel']) {
        const theirs = await call(bob, verb, { plan });
        const missing = await call(bob, verb, { plan: 'f'.repeat(32) });
        assert.equal(denialOf(theirs), 'arguments-invalid');
        assert.equal(textOf(theirs), textOf(missing));
      }
      assert.ok(!JSON.stringify(contentOf(await call(bob, 'status', {}))).includes(plan));
      // The very call of a step, made by somebody else, is no step.
      await bob('tools/call', { name: 'bank__echo', arguments: { text: 'mine' } });
      assert.deepEqual(statesOf(contentOf(await call(alice, 'status', { plan }))), ['mine: open']);
      await alice('tools/call', { name: 'bank__echo', arguments: { text: 'mine' } });
      assert.deepEqual(statesOf(contentOf(await call(alice, 'status', { plan }))), ['mine: done']);
    });

    await context.test('is found by the same person on another connection', async () => {
      const plan = await idOf(alice, planOf(echo('again')));
      const other = await open(context, gate);
      await started(other);
      assert.equal(contentOf(await call(other, 'run', { plan }))['state'], 'done');
    });

    await context.test('ends as cancelled where its client goes away in the middle', async () => {
      const plan = await idOf(alice, ENDLESS);
      const token = await gate.token();
      const gone = new AbortController();
      if (era === '2026-07-28') {
        const request = modernRequest('tools/call', { name: RUN, arguments: { plan } });
        const asked = fetch(gate.url, {
          method: 'POST',
          headers: usual(token, { 'content-type': 'application/json', ...headersOf(request) }),
          body: JSON.stringify(request),
          signal: gone.signal,
        }).then(async (response) => await response.text());
        await until(async () => contentOf(await call(alice, 'status', { plan }))['state'] === 'running');
        gone.abort();
        await assert.rejects(asked);
      } else {
        const transport = new StreamableHTTPClientTransport(new URL(gate.url), {
          requestInit: { headers: { authorization: `Bearer ${token}` } },
        });
        const client = new Client({ name: 'leaves', version: '1' });
        await client.connect(transport);
        const asked = client.callTool({ name: RUN, arguments: { plan } });
        await until(async () => contentOf(await call(alice, 'status', { plan }))['state'] === 'running');
        await transport.terminateSession();
        await client.close();
        await assert.rejects(asked);
      }
      await until(() => toldOf(gate, plan).length === 3);
      assert.deepEqual(toldOf(gate, plan), ['validated', 'run', 'ended cancelled']);
      assert.equal(contentOf(await call(alice, 'status', { plan }))['state'], 'cancelled');
    }); // prettier-ignore

    await gate.stop();
    assert.equal((await verifyAudit({ path: join(gate.folder, 'audit') })).problem, null);
  });

test('a plan is run as a task', async (context) => {
  const bank = await openBank(context);

  await context.test('by the official client, with its result', async () => {
    const client = await bank.connect();
    await until(async () =>
      (await client.listTools()).tools.some(({ name }) => name === 'bank__echo'),
    );
    const submitted = await client.callTool({
      name: 'sallyport__plan_submit',
      arguments: { ...SLOW },
    });
    const { structuredContent } = submitted;
    assert.ok(isJsonObject(structuredContent));
    const { plan } = structuredContent;
    const types: string[] = [];
    let last: unknown;
    const progress: unknown[] = [];
    const stream = client.experimental.tasks.callToolStream(
      { name: RUN, arguments: { plan } },
      CallToolResultSchema,
      { onprogress: (told) => progress.push(told) },
    );
    for await (const message of stream) {
      types.push(message.type === 'taskStatus' ? message.task.status : message.type);
      last = message;
    }
    assert.deepEqual([types[0], types.at(-1)], ['taskCreated', 'result']);
    assert.ok(isJsonObject(last) && isJsonObject(last['result']));
    assert.deepEqual(statesOf(contentOf({ result: last['result'] })), ['slow: done', 'next: done']);
    assert.match(JSON.stringify(progress), /"message":"next: done"/u);
  });

  await context.test('which tasks/cancel ends, and the plan with it', async () => {
    const client = await bank.open();
    const { plan } = await client.plan('submit', ENDLESS);
    const begun = await client.request('tools/call', { name: RUN, arguments: { plan }, task: { ttl: 60_000 } });
    assert.ok(isJsonObject(begun['result']) && isJsonObject(begun['result']['task']), JSON.stringify(begun));
    const { taskId } = begun['result']['task'];
    assert.equal((await client.plan('status', { plan }))['state'], 'running');
    await client.request('tasks/cancel', { taskId: taskId ?? '' });
    await until(async () => (await client.plan('status', { plan }))['state'] === 'cancelled');
    assert.deepEqual(toldOf(bank, stringOf(plan)), ['validated', 'run', 'ended cancelled']);
    // What cannot be run begins no task.
    const again = await client.request('tools/call', { name: RUN, arguments: { plan }, task: {} });
    assert.equal(denialOf(again), 'plan-violated');
  }); // prettier-ignore

  await context.test('and ends as cancelled with the connection that it belongs to', async () => {
    const client = await bank.open();
    const { plan } = await client.plan('submit', ENDLESS);
    await client.request('tools/call', { name: RUN, arguments: { plan }, task: { ttl: 60_000 } });
    await client.end();
    assert.deepEqual(toldOf(bank, stringOf(plan)), ['validated', 'run', 'ended cancelled']);
    assert.equal((await bank.run('audit', 'verify')).code, 0);
  });

  await context.test('also for a client of the extension', async () => {
    const gate = await bankGate(context);
    const alice = await modern(context, gate);
    await started(alice);
    const plan = await idOf(alice, SLOW);
    const sender = { token: await gate.token(), capabilities: WITH_TASKS };
    const { body } = await ask(gate, 'tools/call', { name: RUN, arguments: { plan } }, sender);
    const result = isJsonObject(body) ? body['result'] : undefined;
    assert.ok(isJsonObject(result), JSON.stringify(body));
    assert.equal(result['resultType'], 'task');
    const { taskId = '' } = result;
    let state: unknown;
    await until(async () => {
      const answer = (await ask(gate, 'tasks/get', { taskId }, sender)).body;
      state = isJsonObject(answer) ? answer['result'] : undefined;
      return isJsonObject(state) && state['status'] === 'completed';
    });
    assert.match(JSON.stringify(state), /next[^]*done/u);
    assert.deepEqual(toldOf(gate, plan), ['validated', 'run', 'ended done']);
  });
});
