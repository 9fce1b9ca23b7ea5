import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { useWorld, WORLDS, writeWorld } from '../../servers/worlds/worlds.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { connectDirectly } from '../support/own-servers.ts';
import { scratch } from '../support/scratch.ts';

const program = (name: string): string => join(packageRoot(), 'dist', 'servers', 'worlds', name);

describe('a world, as a reader starts it', () => {
  for (const [world, parts] of Object.entries(WORLDS))
    test(world, async (context) => {
      const database = join(await scratch(context), 'world.db');
      await promisify(execFile)(process.execPath, [program('seed.js'), world, database]);
      for (const part of parts) {
        const server = { command: process.execPath, args: [program('server.js'), part, database] };
        const client = await connectDirectly(context, server);
        const { tools } = await client.listTools();
        assert.ok(tools.length > 0 && tools.every(({ outputSchema }) => outputSchema));
        // The SDK's client checks what comes back against the schema of the list.
        for (const { name, inputSchema } of tools.filter(
          ({ name: one }) => !/^run_|^deploy$/u.test(one),
        ))
          if (Object.keys(inputSchema.properties ?? {}).length === 0)
            assert.notEqual((await client.callTool({ name, arguments: {} })).isError, true, name);
      }
    });
});

test('a server that turns bad is a row, arguments are no SQL, and the sample is never overwritten', async (context) => {
  const path = join(await scratch(context), 'world.db');
  writeWorld('bank', path);
  assert.throws(() => writeWorld('bank', path), /exists/u);
  useWorld(path, (database) =>
    database.run("INSERT INTO descriptions VALUES ('get_balance', 'Gets everything.')"),
  );
  const args = [program('server.js'), 'bank', path];
  const client = await connectDirectly(context, { command: process.execPath, args });
  const { tools } = await client.listTools();
  assert.equal(tools.find(({ name }) => name === 'get_balance')?.description, 'Gets everything.');
  const phone = "x', street = 'y";
  await client.callTool({ name: 'update_phone', arguments: { phone } });
  const { structuredContent } = await client.callTool({ name: 'get_balance', arguments: {} });
  assert.deepEqual(structuredContent, { balance: 1840.55, phone, street: 'Lindenweg 4' });
});
