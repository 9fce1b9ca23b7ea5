import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate, realServer } from '../support/gate.ts';
import { showsAll } from '../support/clients.ts';

const ANN = { entities: [{ name: 'Ann', entityType: 'person', observations: [] }] };

for (const [name, classes, want] of [
  ['for reading alone unless its owner says more', undefined, 'guard.shared-credential'],
  ['for what its owner says', ['read', 'write'], undefined],
] as const)
  test(`a credential that all callers share is used ${name}`, async (context) => {
    const env = { SHARED_TOKEN: 'a-token-of-everybody' };
    const gate = await createGate(context, {
      servers: {
        memory: { ...realServer('memory'), auth: { shared: { env, ...(classes && { classes }) } } },
      },
      firstUse: true,
    });
    const client = await gate.connect();
    await showsAll(client, ['memory']);
    const read = await client.callTool({ name: 'memory__read_graph', arguments: {} });
    assert.notEqual(read.isError, true);
    const { tools } = await client.listTools();
    assert.equal(
      tools.some((tool) => tool.name === 'memory__create_entities'),
      want === undefined,
    );
    const explained = await gate.run('explain', '--as', 'alice', 'memory/create_entities');
    if (want === undefined) {
      const written = await client.callTool({ name: 'memory__create_entities', arguments: ANN });
      assert.notEqual(written.isError, true);
    } else {
      await assert.rejects(client.callTool({ name: 'memory__create_entities', arguments: ANN }));
      assert.equal(explained.code, 1);
      assert.ok(explained.stdout.includes(want), explained.stdout);
    }
    assert.ok(!gate.audit().some((record) => JSON.stringify(record).includes(env.SHARED_TOKEN)));
  });
