import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { readRecords } from '../../src/audit/read-records.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { BIN, callsOf, hostileServer, received } from '../support/gate.ts';
import { openSession, post, usual } from '../support/http-agent.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { ask, resultOf } from '../support/modern-frames.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { readStream } from '../support/sse.ts';
import { until } from '../support/until.ts';

type World = {
  readonly gate: HttpGate;
  readonly token: string;
  readonly log: string;
  readonly sallyport: (...args: string[]) => string;
};

async function world(context: TestContext): Promise<World> {
  const log = join(await scratch(context), 'received.jsonl');
  const gate = await startHttpGate(context, {
    servers: { bad: hostileServer(log) },
    policy: '@id("all") permit(principal, action, resource);',
  });
  return {
    gate,
    log,
    token: await gate.token(),
    sallyport: (...args) =>
      execFileSync(process.execPath, [BIN, ...args, '--config', gate.config], { encoding: 'utf8' }),
  };
}

describe('an answer that waits for its client', () => {
  test('is kept back by a kill that comes before a stream is read again, and stays so', async (t) => {
    const { gate, token, sallyport } = await world(t);
    const session = await openSession(gate, token);
    const headers = { 'mcp-session-id': session };
    await post(gate, token, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
    const params = { name: 'bad__read_slow', arguments: { ms: 1500 } };
    const stream = await readStream(gate.url, {
      method: 'POST',
      headers: usual(token, { ...headers, 'content-type': 'application/json' }),
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    });
    await using open = stream;
    await open.ended;
    const [first, last] = [open.events[0], open.events.at(-1)];
    assert.equal(textOf(frameIn(last?.data)), 'slow');
    const again = async (): Promise<JsonObject> => {
      await using resumed = await readStream(gate.url, {
        headers: usual(token, { ...headers, 'last-event-id': first?.id }),
      });
      await resumed.ended;
      return frameIn(resumed.events.at(-1)?.data);
    };
    assert.equal(textOf(await again()), 'slow');
    sallyport('kill', '--server', 'bad', '--reason', 'r');
    assert.equal(denialOf(await again()), 'killed');
    assert.ok(!textOf(await again()).includes('slow'));
    sallyport('revive', '--server', 'bad');
    assert.equal(denialOf(await again()), 'killed', 'what was kept back comes back');
    const kept = [...readRecords(join(gate.folder, 'audit'), () => undefined)].filter(
      ({ code, event }) => event === 'frame-refused' && code === 'killed',
    );
    assert.equal(kept.length, 1);
  });

  test('is kept back by a kill that comes before the retry of a modern client', async (t) => {
    const { gate, token, log, sallyport } = await world(t);
    const params = { name: 'bad__read_hasty', arguments: {} };
    const sender = { token };
    for (const [kill, want] of [
      [false, undefined],
      [true, 'killed'],
    ] as const) {
      const calls = callsOf(log).length;
      const asked = resultOf(await ask(gate, 'tools/call', params, sender));
      await until(() => callsOf(log).length > calls);
      // Its answer has come by then, and nobody has fetched it.
      await until(() => answers(gate) > Number(kill));
      if (kill) sallyport('kill', '--user', 'alice', '--reason', 'r');
      const { requestState, inputRequests } = asked;
      const [key = ''] = Object.keys(isJsonObject(inputRequests) ? inputRequests : {});
      const inputResponses = { [key]: { action: 'accept', content: {} } };
      const retried = await ask(
        gate,
        'tools/call',
        { ...params, requestState, inputResponses },
        sender,
      );
      const frame = { result: resultOf(retried) };
      assert.equal(denialOf(frame), want);
      assert.equal(textOf(frame).includes('what it knew'), want === undefined);
    }
    assert.ok(received(log).length > 0);
  });
});

/** Calls that are answered, as the audit has it. */
function answers({ folder }: HttpGate): number {
  return [...readRecords(join(folder, 'audit'), () => undefined)].filter(
    ({ event }) => event === 'outcome',
  ).length;
}

function frameIn(text: string | undefined): JsonObject {
  const frame: unknown = JSON.parse(text ?? '');
  assert.ok(isJsonObject(frame));
  return frame;
}
