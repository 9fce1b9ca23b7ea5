import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createLog } from '../../../src/audit/log.ts';
import { createRedact } from '../../../src/audit/redact.ts';
import { readConfigText } from '../../../src/config/load.ts';
import { makeOwnFolder, sweepFolders } from '../../../src/sandbox/egress/own-folder.ts';
import { thisProcess } from '../../../src/sandbox/owner.ts';
import { openServers } from '../../../src/servers.ts';
import { serve, startFrames, type FramesClient } from '../../support/frames-client.ts';
import { createGate } from '../../support/gate.ts';
import { ownEnv } from '../../support/in-internet.ts';
import { scratch } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';
import { noDocker } from '../support.ts';

const HOUR = 3_600_000;
const us = thisProcess('abcdef0123456789');
/** A number that no process has. */
const DEAD = 2 ** 22 + 1;

const OWNERS: readonly (readonly [
  string,
  object | string | undefined,
  number,
  'stays' | 'goes',
])[] = [
  ['of a process that lives', us, 9 * HOUR, 'stays'],
  ['of a process that is gone', { ...us, pid: DEAD }, 0, 'goes'],
  ['of an earlier process of the same number', { ...us, began: '1' }, 0, 'goes'],
  ['of another machine', { ...us, host: 'elsewhere', pid: DEAD }, 9 * HOUR, 'stays'],
  ['that nobody has named yet', undefined, 0, 'stays'],
  ['that nobody ever named', undefined, 2 * HOUR, 'goes'],
  ['with half a name, old', '{"pid":', 2 * HOUR, 'goes'],
  ['with a name of another shape, new', { pid: 'x' }, 0, 'stays'],
];
for (const [name, owner, age, what] of OWNERS)
  test(`a folder ${name} ${what}`, async (t) => {
    const parent = await scratch(t);
    const folder = join(parent, 'f');
    mkdirSync(join(folder, 'lease'), { recursive: true });
    writeFileSync(join(folder, 'lease', 's'), '');
    const text = typeof owner === 'string' ? owner : JSON.stringify(owner);
    if (owner !== undefined) writeFileSync(join(folder, 'owner.json'), text);
    const then = new Date(Date.now() - age);
    utimesSync(folder, then, then);
    assert.equal(await sweepFolders(parent, us, Date.now()), what === 'goes' ? 1 : 0);
    assert.deepEqual(readdirSync(parent), what === 'goes' ? [] : ['f']);
  });

test('sweeps at the same time do not end each other', async (t) => {
  const parent = await scratch(t);
  for (let at = 0; at < 300; at++) {
    mkdirSync(join(parent, String(at)));
    writeFileSync(join(parent, String(at), 'owner.json'), JSON.stringify({ ...us, pid: DEAD }));
  }
  await Promise.all([1, 2, 3, 4].map(async () => await sweepFolders(parent, us, Date.now())));
  assert.deepEqual(readdirSync(parent), []);
});

test('what servers in sandboxes have left is swept without code', async (t) => {
  const folder = await scratch(t);
  const dead = join(folder, 'state', 'egress', 'dead');
  mkdirSync(dead, { recursive: true });
  writeFileSync(join(dead, 'owner.json'), JSON.stringify({ ...us, pid: DEAD }));
  const sandbox = { image: 'sallyport/node', egress: ['api.example.com'] };
  const server = { command: 'node', args: ['-e', ''], sandbox };
  const text = JSON.stringify({ mcpServers: { server }, state: { path: './state' } });
  const config = readConfigText(text, join(folder, 'sallyport.json'), process.env);
  const redact = createRedact({ secrets: [] });
  const log = createLog({ destination: process.stderr, pretty: false, level: 'silent', redact });
  const servers = await openServers({ config, env: process.env, log, version: '1' });
  await until(() => !existsSync(dead));
  await servers.close();
});

test('a link is not followed, and what it leads to stays', async (t) => {
  const [parent, elsewhere] = [await scratch(t), await scratch(t)];
  writeFileSync(join(elsewhere, 'owner.json'), JSON.stringify({ ...us, pid: DEAD }));
  symlinkSync(elsewhere, join(parent, 'link'));
  mkdirSync(join(parent, 'dead'));
  writeFileSync(join(parent, 'dead', 'owner.json'), JSON.stringify({ ...us, pid: DEAD }));
  symlinkSync(elsewhere, join(parent, 'dead', 'link'));
  assert.equal(await sweepFolders(parent, us, Date.now()), 1);
  assert.deepEqual(readdirSync(parent), ['link']);
  assert.deepEqual(readdirSync(elsewhere), ['owner.json']);
});

test('a link in place of the folder is not used', async (t) => {
  const [parent, elsewhere] = [await scratch(t), await scratch(t)];
  symlinkSync(elsewhere, join(parent, us.instance.slice(0, 8)));
  assert.throws(() => makeOwnFolder(parent, us), /it is a symbolic link/u);
  symlinkSync(elsewhere, join(parent, 'all'));
  assert.throws(() => makeOwnFolder(join(parent, 'all'), us), /it is a symbolic link/u);
  assert.deepEqual(readdirSync(elsewhere), []);
});

describe('gateways that share their state', { skip: noDocker }, () => {
  test('sweep what one that was killed has left, and not what another uses', async (t) => {
    const code = { egress: ['api.example.com'] };
    const gate = await createGate(t, { servers: {}, pinned: false, config: { builtin: { code } } });
    const ways = join(gate.folder, 'state', 'egress');
    function leases(): string[] {
      try {
        const all = readdirSync(ways, { recursive: true, encoding: 'utf8' });
        return all.filter((path) => path.endsWith('/s'));
      } catch {
        // One was removed while it was read.
        return [];
      }
    }

    // Each a person's first: what has been read outside is shared by all gateways of one.
    async function busy(user: string, count: number): Promise<FramesClient> {
      await gate.signIn({ user });
      const client = startFrames(t, { ...serve(gate), env: ownEnv() });
      await client.open();
      const args = { code: 'import time; time.sleep(100)', timeoutMs: 120_000 };
      const params = { name: 'code__execute_python', arguments: args };
      client.send({ jsonrpc: '2.0', id: 99, method: 'tools/call', params });
      await until(() => leases().length === count);
      return client;
    }
    const killed = await busy('alice', 1);
    const [dead = ''] = leases();
    const bystander = await busy('bob', 2);
    await killed.kill();
    assert.ok(leases().includes(dead));
    const next = startFrames(t, { ...serve(gate), env: ownEnv() });
    await next.open();
    await until(() => leases().length === 1);
    assert.ok(!leases().includes(dead));
    bystander.notify('notifications/cancelled', { requestId: 99 });
    assert.deepEqual([await bystander.end(), await next.end()], [0, 0]);
    assert.deepEqual(readdirSync(ways), []);
  });
});
