import assert from 'node:assert/strict';
import { chown, lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isGvisor } from '../../../src/sandbox/gvisor.ts';
import { isJsonObject } from '../../../src/lib/json.ts';
import { stringOf } from '../../support/string-of.ts';
import { scratch } from '../../support/scratch.ts';
import { noDocker } from '../support.ts';
import {
  attempt,
  call,
  createInsideGate,
  folderIn,
  gone,
  hostile,
  OWNER,
  sandboxesOf,
  shows,
  type Client,
} from './support.ts';

const options = { skip: noDocker, timeout: 600_000 };

function texts(value: unknown): string[] {
  assert.ok(Array.isArray(value), JSON.stringify(value));
  return value.map(String);
}

/** That none of the attempts came to anything but an error. */
function allFailed(value: unknown): void {
  for (const text of texts(value)) assert.match(text, /^(?:error|silence|\d* E)/, text);
}

async function listen(
  context: TestContext,
  to: string | { host: string; port: number },
): Promise<Server> {
  const server = createServer((socket) => socket.end('reached'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (typeof to === 'string') server.listen(to, resolve);
    else server.listen(to, resolve);
  });
  context.after(() => server.close());
  return server;
}

test(
  'a hostile server sees nothing of the host but what is mounted, and reaches nobody',
  options,
  async (context) => {
    const place = await scratch(context);
    const [shown, out] = [await folderIn(place, 'shown'), await folderIn(place, 'out')];
    await chown(out, OWNER, OWNER);
    await writeFile(join(place, 'secret.txt'), 'of the host');
    await writeFile(join(shown, 'a.txt'), 'shown');
    const listening = await listen(context, { host: '0.0.0.0', port: 0 });
    await listen(context, join(shown, 's'));
    await listen(context, join(out, 's'));
    const address = listening.address();
    const { port }: Pick<AddressInfo, 'port'> =
      typeof address === 'object' && address ? address : { port: 0 };
    const gate = await createInsideGate(context, {
      servers: {
        bad: hostile('node', {
          mounts: [
            { host: shown, path: '/shown' },
            { host: out, path: '/out', readOnly: false },
          ],
        }),
      },
    });
    const client = await gate.connect();
    await shows(client, 'bad__try');
    const paths = [
      place,
      join(place, 'secret.txt'),
      join(gate.folder, 'state'),
      gate.config,
      '/var/run/docker.sock',
    ];

    const who = await attempt(client, 'who');
    assert.ok(isJsonObject(who));
    assert.ok(isGvisor(stringOf(who['version']).trim()), stringOf(who['version']));
    assert.equal(who['uid'], OWNER);

    await context.test('files', async () => {
      assert.deepEqual(texts(await attempt(client, 'read', { paths: ['/shown/a.txt'] })), [
        'shown',
      ]);
      allFailed(
        await attempt(client, 'read', {
          paths: [...paths, '/etc/shadow', '/shown/../../secret.txt'],
        }),
      );
      allFailed(
        await attempt(client, 'list', {
          paths: [place, gate.folder, '/root', '/shown/../..'.concat(place)],
        }),
      );
      allFailed(
        await attempt(client, 'write', {
          paths: [
            '/shown/b.txt',
            '/shown/a.txt',
            '/hostile/x',
            '/x',
            '/usr/bin/x',
            '/etc/x',
            '/proc/sys/kernel/hostname',
            '/proc/sysrq-trigger',
            '/sys/kernel/x',
            '/run/x',
            '/dev/shm/../x',
          ],
        }),
      );
      assert.equal(await readFile(join(shown, 'a.txt'), 'utf8'), 'shown');
      const roots = await attempt(client, 'roots');
      assert.ok(Array.isArray(roots));
      assert.ok(
        !JSON.stringify(roots).includes('DOCKER_HOST') &&
          !JSON.stringify(roots).includes('secret.txt'),
      );
    });

    await context.test('links in what it may write', async () => {
      const [, shadow] = texts(
        await attempt(client, 'link', { from: '/out/shadow', to: '/etc/shadow' }),
      );
      const [made, secret] = texts(
        await attempt(client, 'link', { from: '/out/secret', to: join(place, 'secret.txt') }),
      );
      assert.equal(made, 'linked');
      for (const text of [shadow, secret]) assert.match(String(text), /^error/);
      allFailed([await attempt(client, 'hardlink', { from: '/out/hard', to: '/shown/a.txt' })]);
      assert.ok((await lstat(join(out, 'secret'))).isSymbolicLink());
      // What it leaves there must not carry the rights of its owner.
      assert.deepEqual(texts(await attempt(client, 'write', { paths: ['/out/tool'] })), [
        'written',
      ]);
      for (const mode of [0o4755, 0o2755, 0o6777]) {
        const [changed, opened] = texts(await attempt(client, 'mode', { path: '/out/tool', mode }));
        assert.match(`${changed} ${opened}`, /^error EPERM error EPERM$/, mode.toString(8));
      }
      for (const name of ['tool', 'tool.new'])
        assert.equal(
          ((await lstat(join(out, name)).catch(() => undefined))?.mode ?? 0) & 0o6000,
          0,
        );
    });

    await context.test('its environment', async () => {
      const environment = await attempt(client, 'environment');
      assert.ok(isJsonObject(environment));
      const known = new Set([
        'PATH',
        'HOME',
        'TMPDIR',
        'LANG',
        'HOSTNAME',
        'PWD',
        'OLDPWD',
        'SHLVL',
        '_',
      ]);
      assert.deepEqual(
        Object.keys(environment).filter((name) => !known.has(name)),
        [],
      );
    });

    await context.test('the network', async () => {
      const addresses = Object.values(networkInterfaces()).flatMap((all = []) =>
        all.map((one) => one.address),
      );
      const to = [
        ...addresses.filter((one) => !one.includes(':')),
        '127.0.0.1',
        '172.17.0.1',
        '169.254.169.254',
        'host.docker.internal',
        'localhost',
      ];
      allFailed(
        await attempt(client, 'connect', {
          to: [
            ...to.map((host) => ({ host, port })),
            { host: '169.254.169.254', port: 80 },
            { host: '1.1.1.1', port: 443 },
          ],
        }),
      );
      allFailed(
        await attempt(client, 'connect', {
          to: ['/shown/s', '/out/s', '/run/egress/s', '/var/run/docker.sock'].map((path) => ({
            path,
          })),
        }),
      );
      allFailed(await attempt(client, 'dns', { hosts: ['1.1.1.1', '127.0.0.11', '127.0.0.53'] }));
      allFailed(
        await attempt(client, 'fetch', {
          urls: ['https://example.com/', `http://127.0.0.1:${port}/`],
        }),
      );
    });
  },
);

test(
  'a hostile server in Python gets no family of sockets and no system call that leads out',
  options,
  async (context) => {
    // Its forks are to meet the limit of processes, and not that of memory.
    const roomy = hostile('python', { memoryMiB: 4096 });
    const gate = await createInsideGate(context, { servers: { bad: roomy } });
    const client = await gate.connect();
    await shows(client, 'bad__try');
    const sockets = await attempt(client, 'sockets');
    const calls = await attempt(client, 'calls');
    assert.ok(isJsonObject(sockets) && isJsonObject(calls));
    for (const [name, came] of Object.entries({ ...sockets, ...calls }))
      assert.match(stringOf(came), /^error/, name);
    allFailed(await attempt(client, 'read', { paths: ['/etc/shadow', gate.config] }));
    const forks = Number(await attempt(client, 'forks'));
    assert.ok(forks > 0 && forks < 64, String(forks));
  },
);

test(
  'no system call leaves a file with the rights of its owner or group in what a server may write',
  options,
  async (context) => {
    const out = await folderIn(await scratch(context), 'out');
    await chown(out, OWNER, OWNER);
    const mounts = [{ host: out, path: '/out', readOnly: false }];
    const gate = await createInsideGate(context, {
      servers: { bad: hostile('python', { mounts }) },
    });
    const client = await gate.connect();
    await shows(client, 'bad__try');
    const came = await attempt(client, 'set-ids', { folder: '/out' });
    assert.ok(isJsonObject(came) && isJsonObject(came['made']));
    assert.equal(came['plain'], '0o755', 'other files can be made');
    for (const [mode, calls] of Object.entries(came['made'])) {
      assert.ok(isJsonObject(calls));
      for (const [name, what] of Object.entries(calls))
        assert.match(stringOf(what), /^error/u, `${name} ${mode}`);
      // C libraries do without it where it is not there, and only there.
      assert.equal(calls['openat2'], 'error 38');
    }
    const names = await readdir(out);
    assert.ok(names.length > 0);
    for (const name of names) assert.equal((await lstat(join(out, name))).mode & 0o6000, 0, name);
  },
);

const EXHAUST: readonly (readonly [string, string, Record<string, unknown>])[] = [
  ['a fork bomb', 'bomb', {}],
  ['too much memory', 'memory', {}],
  ['a flood on stdout', 'flood', { where: 1, mebibytes: 16 }],
  ['a flood on stderr', 'flood', { where: 2, mebibytes: 256 }],
  ['a frame of 1 GB', 'huge', { mebibytes: 1024 }],
];

test(
  'a hostile server that takes all it can takes nothing from its neighbour',
  options,
  async (context) => {
    const small = { memoryMiB: 192, processes: 24 };
    const gate = await createInsideGate(context, {
      servers: { bad: hostile('node', small), good: hostile('node') },
    });
    const client = await gate.connect();
    const works = async (): Promise<void> => {
      assert.ok(isJsonObject(await attempt(client, 'who', {}, 'good')));
    };
    await shows(client, 'good__try');
    for (const [name, what, args] of EXHAUST)
      await context.test(name, async () => {
        await shows(client, 'bad__try');
        await Promise.all([
          call(client, 'bad__try', { what, ...args }).catch(() => undefined),
          works(),
        ]);
        await works();
        await answers(client);
      });
    await context.test('full disks', async () => {
      const filled = texts(
        await attempt(client, 'disk', { folders: ['/work', '/tmp', '/', '/dev/shm'] }, 'good'),
      );
      for (const text of filled) assert.ok(Number.parseInt(text, 10) <= 128, filled.join());
    });
    await client.close();
    await gone(sandboxesOf(gate));
  },
);

/** Until it does again, in a new container where the old one is spent. */
async function answers(client: Client): Promise<void> {
  for (;;) {
    await shows(client, 'bad__try');
    const who = await attempt(client, 'who').catch(() => undefined);
    if (isJsonObject(who)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
