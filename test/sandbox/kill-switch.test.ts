import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRecords } from '../../src/audit/read-records.ts';
import { DIALECTS, showsAll, type AnyClient, type Place } from '../support/clients.ts';
import { serve } from '../support/frames-client.ts';
import { callsOf, createHostileGate, hostileServer } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { until } from '../support/until.ts';
import { WAYS } from './ways.ts';

const [OLD = '', , NEW = ''] = Object.keys(DIALECTS);
/** Milliseconds within which every process obeys. */
const SOON = 1000;
/** By then a program that was asked for runs. */
const STARTED = 1000;
/** Three pools of other tiers at once would be too much for a small machine. */
const CONFIG = {
  builtin: { code: { tier: 'process' } },
  sandbox: { tiers: { process: ['bubblewrap'] } },
};
const WAIT = { name: 'bad__read_hang', args: {} };
/** Without an end, and leaving the processors to the gateways. */
const CODE = 'import time\nwhile True: time.sleep(0.01)';
const LOOP = { name: 'code__execute_python', args: { code: CODE } };
const ECHO = { name: 'bad__read_echo', args: { text: 'x' } };

test(
  'a kill ends Python and what hangs in three gateways, over stdio and HTTP; unreadable, nothing passes',
  { skip: WAYS.bubblewrap.missing },
  async (t) => {
    const gate = await createHostileGate(t, { config: CONFIG });
    const state = join(gate.folder, 'state');
    const web = await Promise.all(
      [1, 2].map(
        async () =>
          await startHttpGate(t, {
            servers: { bad: hostileServer(gate.log) },
            policy: '@id("test.all") permit(principal, action, resource);',
            config: { ...CONFIG, state: { path: state } },
          }),
      ),
    );
    const open = async (dialect: string, place: Place): Promise<AnyClient> => {
      const client = await DIALECTS[dialect]?.(t, { place });
      assert.ok(client);
      await showsAll(client, ['bad', 'code']);
      return client;
    };
    const clients = [await open(OLD, serve(gate))];
    for (const [at, one] of web.entries()) {
      const token = await one.token({ sub: `${at}` });
      clients.push(await open(at === 0 ? OLD : NEW, { url: one.url, token }));
    }

    // Each runs a loop, and waits for a server besides; the loop first, since what was read asks before code.
    const begun = (): number =>
      [gate, ...web]
        .flatMap(({ folder }) => [...readRecords(join(folder, 'audit'), () => undefined)])
        .filter(({ event }) => event === 'intent').length;
    const running = clients.map(async (client) => await denialOf(client, LOOP));
    await until(() => begun() === clients.length);
    await sleep(STARTED);
    const hanging = clients.map(async (client) => await denialOf(client, WAIT));
    await until(() => callsOf(gate.log).length === clients.length);
    assert.equal((await gate.run('kill', '--all', '--reason', 'r')).code, 0);
    const began = performance.now();
    const denials = await Promise.all([...running, ...hanging]);
    const took = performance.now() - began;
    assert.ok(
      denials.every((one) => one === 'killed'),
      denials.join(),
    );
    assert.ok(took < SOON, `${took} ms`);
    assert.equal((await gate.run('revive', '--all')).code, 0);

    const all = async (): Promise<unknown[]> =>
      await Promise.all(clients.map(async (client) => await denialOf(client, ECHO)));
    await until(async () => (await all()).every((one) => one === undefined));
    const forged = join(state, 'kills', '0123456789abcdef.json');
    writeFileSync(forged, '{}');
    await until(async () => (await all()).every((one) => one === 'killed'), SOON);
    const reached = callsOf(gate.log).length;
    assert.deepEqual(new Set(await all()), new Set(['killed']));
    assert.equal(callsOf(gate.log).length, reached);
    rmSync(forged);
    await until(async () => (await all()).every((one) => one === undefined));
  },
);

async function denialOf(
  client: AnyClient,
  { name, args }: typeof LOOP | typeof WAIT | typeof ECHO,
): Promise<string | undefined> {
  return (await client.call(name, args)).denial;
}
