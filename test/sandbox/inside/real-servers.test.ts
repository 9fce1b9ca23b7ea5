import assert from 'node:assert/strict';
import { chown, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { realServer } from '../../support/gate.ts';
import { noDocker } from '../support.ts';
import { stringOf } from '../../support/string-of.ts';
import { scratch } from '../../support/scratch.ts';
import {
  call,
  createInsideGate,
  docker,
  folderIn,
  gone,
  npx,
  OWNER,
  sandboxesOf,
  shows,
} from './support.ts';

/** A forbid that only a sandbox lifts. */
const NEEDS_GVISOR = `
@id("all") permit(principal, action, resource);
@id("isolate") @isolation("gvisor")
forbid(principal, action in [Action::"read", Action::"write", Action::"unclassified"], resource)
unless { context.pep.enforce.contains("gvisor") };
`;

test(
  'the file server of the registry works in a sandbox, on what is mounted and as that is mounted',
  { skip: noDocker, timeout: 600_000 },
  async (context) => {
    const place = await scratch(context);
    const [readable, writable] = [await folderIn(place, 'read'), await folderIn(place, 'write')];
    await chown(writable, OWNER, OWNER);
    await writeFile(join(readable, 'a.txt'), 'of the host');
    await writeFile(join(place, 'secret.txt'), 'not mounted');
    await symlink(join(place, 'secret.txt'), join(readable, 'link.txt'));
    const gate = await createInsideGate(context, {
      servers: {
        files: {
          ...npx('@modelcontextprotocol/server-filesystem', '/data', '/out'),
          sandbox: {
            image: 'sallyport/node',
            mounts: [
              { host: readable, path: '/data' },
              { host: writable, path: '/out', readOnly: false },
            ],
          },
        },
      },
    });
    const alice = await gate.connect();
    const bob = await gate.connect({ user: { user: 'bob' } });
    await Promise.all([alice, bob].map(async (one) => await shows(one, 'files__read_text_file')));

    // What is read is not trusted, and whoever has read it needs an approval to write.
    const read = async (client = alice): Promise<string> =>
      (await call(client, 'files__read_text_file', { path: '/data/a.txt' })).text;
    const refused = await call(alice, 'files__write_file', { path: '/data/b.txt', content: 'x' });
    assert.ok(refused.isError, refused.text);
    assert.match(refused.text, /EROFS|read-only|EPERM|EACCES/);
    assert.match(await read(), /of the host/);
    const linked = await call(alice, 'files__read_text_file', { path: '/data/link.txt' });
    assert.ok(linked.isError && !linked.text.includes('not mounted'), linked.text);

    const written = await call(bob, 'files__write_file', {
      path: '/out/b.txt',
      content: 'arrived',
    });
    assert.equal(written.isError, false, written.text);
    const file = join(writable, 'b.txt');
    assert.equal(await readFile(file, 'utf8'), 'arrived');
    assert.equal((await stat(file)).uid, OWNER);

    for (let at = 0; at < 50; at++)
      assert.deepEqual(
        (await Promise.all([read(alice), read(bob)])).map((text) => text.includes('of the host')),
        [true, true],
      );

    const ids = sandboxesOf(gate);
    assert.equal(ids.length, 2, 'one container for each client');
    const starts = gate.audit().filter(({ event }) => event === 'sandbox-start');
    for (const start of starts) {
      assert.equal(start['tier'], 'gvisor');
      assert.match(stringOf(start['image']), /^sha256:[0-9a-f]{64}$/);
      assert.match(JSON.stringify(start['package']), /sha512-/);
    }

    for (const id of ids) await docker().getContainer(id).kill();
    await shows(alice, 'files__read_text_file');
    await shows(bob, 'files__read_text_file');
    assert.match(await read(alice), /of the host/);
    assert.match(await read(bob), /of the host/);

    await Promise.all([alice.close(), bob.close()]);
    await gone(sandboxesOf(gate));
    const ends = gate.audit().filter(({ event }) => event === 'sandbox-end');
    assert.equal(ends.length, sandboxesOf(gate).length);
  },
);

test(
  'the memory server of the registry works in a sandbox, which a policy may ask for',
  { skip: noDocker, timeout: 600_000 },
  async (context) => {
    const gate = await createInsideGate(context, {
      policy: NEEDS_GVISOR,
      servers: {
        outside: realServer('memory'),
        memory: {
          ...npx('@modelcontextprotocol/server-memory'),
          env: { MEMORY_FILE_PATH: '/work/memory.json' },
          sandbox: { image: 'sallyport/node' },
        },
      },
    });
    const client = await gate.connect();
    await shows(client, 'memory__create_entities');
    const entities = [{ name: 'gate', entityType: 'thing', observations: ['it holds'] }];
    assert.equal((await call(client, 'memory__create_entities', { entities })).isError, false);
    assert.match((await call(client, 'memory__read_graph', {})).text, /it holds/);
    const { code, stdout } = await gate.run('explain', '--as', 'alice', 'outside/read_graph');
    assert.equal(code, 1, stdout);
    assert.match(stdout, /isolate/);
    const inside = await gate.run('explain', '--as', 'alice', 'memory/read_graph');
    assert.equal(inside.code, 0, inside.stdout);
    assert.ok((await call(client, 'outside__read_graph', {})).isError);
  },
);
