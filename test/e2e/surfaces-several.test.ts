import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DIALECTS, showsAll, type AnyClient } from '../support/clients.ts';
import { serve, type Program } from '../support/frames-client.ts';
import { createGate, realServer } from '../support/gate.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const connect = DIALECTS['SDK 1.x'];

function isChange({ method }: { method: string }): boolean {
  return method === 'notifications/tools/list_changed';
}

async function names(client: AnyClient): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

/** The memory server, which notes its process in `folder` and does not start while there is a file `stop`. */
function memoryServer(folder: string): Program {
  const { command, args } = realServer('memory');
  // `$$` is a dollar sign in a configuration.
  const script = 'test ! -e "$0/stop" && echo $$$$ > "$0/pid" && exec "$@"';
  return {
    command: 'sh',
    args: ['-c', script, folder, command, ...args],
    env: { MEMORY_FILE_PATH: join(folder, 'memory.json') },
  };
}

async function pidOf(folder: string): Promise<number> {
  return Number(await readFile(join(folder, 'pid'), 'utf8'));
}

test('three servers: names, routing, and one that is killed and comes back', async (context) => {
  assert.ok(connect);
  const folder = await scratch(context);
  const files = join(folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'a.txt'), 'the text of a');
  const gate = await createGate(context, {
    servers: {
      everything: realServer('everything'),
      files: realServer('filesystem', files),
      memory: memoryServer(folder),
    },
    pinned: false,
    config: { catalogue: { onNew: 'pin' } },
  });
  const client = await connect(context, {
    place: serve(gate),
    elicit: () => ({ action: 'accept' }),
  });

  await showsAll(client, ['everything', 'files', 'memory']);
  const before = await names(client);
  assert.ok(before.every((name) => /^(?:everything|files|memory)__[a-z_-]+$/.test(name)));
  assert.deepEqual(new Set(before).size, before.length);
  assert.deepEqual(before, await names(client), 'the order is stable');

  const { content } = await client.call('files__read_text_file', { path: join(files, 'a.txt') });
  assert.deepEqual(content, [{ type: 'text', text: 'the text of a' }]);
  const created = await client.call('memory__create_entities', {
    entities: [{ name: 'gate', entityType: 'thing', observations: ['it holds'] }],
  });
  assert.deepEqual(created.structuredContent, {
    entities: [{ name: 'gate', entityType: 'thing', observations: ['it holds'] }],
  });
  assert.match(JSON.stringify(await client.call('memory__read_graph', {})), /it holds/);

  const from = client.notifications.length;
  const pid = await pidOf(folder);
  await writeFile(join(folder, 'stop'), '');
  process.kill(pid, 'SIGKILL');
  await client.next(isChange, from);
  const refused = await client.call('memory__read_graph', {});
  assert.equal(refused.denial, 'upstream-failed');
  assert.ok(refused.isError);
  // Found gone when its list was to be made again, or when the call was to be sent.
  assert.match(
    refused.content[0]?.text ?? '',
    /memory.*(?:is not available|does not answer)\nHint: .*try again/s,
  );
  assert.deepEqual(
    await names(client),
    before.filter((name) => !name.startsWith('memory__')),
  );
  const unharmed = await client.call('everything__echo', { message: 'unharmed' });
  assert.deepEqual(unharmed.content, [{ type: 'text', text: 'Echo: unharmed' }]);

  const down = client.notifications.length;
  await rm(join(folder, 'stop'));
  await client.next(isChange, down);
  // It may have been told of something before.
  await until(async () => (await names(client)).length === before.length);
  assert.deepEqual(await names(client), before);
  assert.match(JSON.stringify(await client.call('memory__read_graph', {})), /it holds/);
  assert.notEqual(await pidOf(folder), pid);
});
