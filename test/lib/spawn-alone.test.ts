import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEFT, module, saidBy } from '../support/left-open.ts';

/** Says what the descriptor is in a child. */
function asking(name: string, from: string): string {
  return `import { text } from 'node:stream/consumers';
import { ${name} as start } from '${from}';
const child = start('readlink', ['/proc/self/fd/${LEFT}'], { stdio: ['ignore', 'pipe', 'ignore'] });
process.stdout.write(await text(child.stdout));`;
}

const onLinux = { skip: process.platform !== 'linux' && 'only Linux says what is handed on' };

test('a child gets none of the descriptors that were left to this process', onLinux, async () => {
  assert.equal(await saidBy(asking('spawn', 'node:child_process')), '/\n', 'it would');
  assert.equal(
    await saidBy(asking('spawnAlone', module('../src/lib/spawn-alone.js'))),
    '/dev/null\n',
  );
});

test('a server gets none of them either', onLinux, async () => {
  const asked = `import { openStdioChannel } from '${module('../src/wire/stdio-upstream.js')}';
const open = openStdioChannel({
  command: '/bin/sh',
  args: ['-c', 'readlink /proc/self/fd/${LEFT} >&2; cat'],
  env: { PATH: process.env.PATH },
  maxFrameBytes: 1000,
  graceMs: 1000,
  onStderr: (line) => process.stdout.write(line),
});
const channel = await open({ onFrame() {}, onClose() {} }, AbortSignal.timeout(30_000));
await channel.close();`;
  assert.equal(await saidBy(asked), '/dev/null');
});
