import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStartup } from '../../src/wire/startup.ts';
import type { UpstreamState } from '../../src/wire/upstream.ts';

type Server = { name: string; state: UpstreamState; settled: Promise<void> };

/** A server whose first attempt ends after `ms` in `state`. */
function server(name: string, ms: number, state: UpstreamState): Server {
  const one: Server = { name, state: 'connecting', settled: Promise.resolve() };
  one.settled = new Promise((resolve) => {
    setTimeout(() => {
      one.state = state;
      resolve();
    }, ms).unref();
  });
  return one;
}

const NEVER = 60_000;
const ROWS: readonly [name: string, starting: () => Server[], listed: string][] = [
  ['all have come or failed', () => [server('a', 0, 'ready'), server('b', 40, 'down')], 'a'],
  ['the slow one has come too', () => [server('a', 0, 'ready'), server('b', 40, 'ready')], 'ab'],
  ['the patience is over', () => [server('a', 0, 'ready'), server('b', NEVER, 'ready')], 'a'],
  ['the only one has come late', () => [server('a', 900, 'ready')], 'a'],
  [
    'the first has come late, and who comes with it',
    () => [server('a', 900, 'ready'), server('b', 901, 'ready'), server('c', NEVER, 'ready')],
    'ab',
  ],
  ['nothing ever comes', () => [server('a', NEVER, 'ready')], ''],
];

for (const [name, starting, listed] of ROWS)
  test(`a list waits until ${name}`, async () => {
    const upstreams = starting();
    const startup = createStartup({
      upstreams,
      settleMs: 400,
      aloneMs: 2000,
      now: () => performance.now(),
    });
    await startup();
    const ready = upstreams.filter(({ state }) => state === 'ready').map((one) => one.name);
    assert.equal(ready.join(''), listed);
  });
