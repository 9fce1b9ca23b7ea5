import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DIALECTS, type AnyClient } from '../support/clients.ts';
import { hostileServer } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { scratch } from '../support/scratch.ts';

const POLICY = '@id("all") permit (principal, action, resource);';

/** Milliseconds of the slowest of some echoes; ends with `until`. */
async function slowestEcho(client: AnyClient, until: () => boolean): Promise<number> {
  let slowest = 0;
  do {
    const started = performance.now();
    const { content } = await client.call('bad__read_echo', { text: 'hello' });
    slowest = Math.max(slowest, performance.now() - started);
    assert.match(JSON.stringify(content), /you said: hello/);
  } while (!until());
  return slowest;
}

test('while megabytes made to be slow are scanned for one caller, another one is served', async (context) => {
  const folder = await scratch(context);
  const gate = await startHttpGate(context, {
    servers: { bad: hostileServer(join(folder, 'received')) },
    policy: POLICY,
  });
  const connect = DIALECTS['SDK 1.x'];
  assert.ok(connect);
  const alice = await connect(context, { place: { url: gate.url, token: await gate.token() } });
  const bob = await connect(context, {
    place: { url: gate.url, token: await gate.token({ sub: 'bob' }) },
  });
  let rounds = 0;
  const before = await slowestEcho(bob, () => ++rounds === 20);

  /** Whether no echo waited for a good part of the scan. */
  async function isServed(): Promise<boolean> {
    let ended = false;
    const slow = alice
      .call('bad__read_tangle', { bytes: 10_000_000 })
      .finally(() => (ended = true));
    const started = performance.now();
    const during = await slowestEcho(bob, () => ended);
    const took = performance.now() - started;
    const { content } = await slow;
    context.diagnostic(
      `slowest echo ${before.toFixed(0)} ms alone, ${during.toFixed(0)} ms beside a scan of ${took.toFixed(0)} ms`,
    );
    assert.match(JSON.stringify(content).slice(0, 200), /w3ll d0ne/, 'it was read to its end');
    return during < Math.max(2000, took / 3);
  }
  // On the event loop itself the echo would wait for the whole scan each time; a busy machine may stop for once.
  assert.ok((await isServed()) || (await isServed()) || (await isServed()));
});
