import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { isJsonObject } from '../../src/lib/json.ts';
import type { Frame } from '../../src/wire/channel.ts';
import { upstreamTo } from '../support/upstream-to.ts';
import { openStdioChannel, type StdioOptions } from '../../src/wire/stdio-upstream.ts';

const never = new AbortController().signal;

function options(program: string, more: Partial<StdioOptions> = {}): StdioOptions {
  return {
    command: process.execPath,
    args: ['-e', program],
    env: {},
    maxFrameBytes: 100_000,
    onStderr: () => undefined,
    graceMs: 200,
    ...more,
  };
}

test('a process that reads nothing is sent no more than fits into a bounded memory', async () => {
  const open = openStdioChannel(options('setInterval(() => undefined, 1000)'));
  const channel = await open({ onFrame: () => assert.fail(), onClose: () => undefined }, never);
  const frame: Frame = { jsonrpc: '2.0', method: 'fill', params: { text: 'x'.repeat(90_000) } };
  let sent = 0;
  // A frame that is taken but not read never resolves.
  const refused = new Promise<Error>((resolve) => {
    for (; sent < 100; sent++) channel.send(frame).catch(resolve);
  });
  assert.match((await refused).message, /does not read/u);
  await channel.close();
});

test('an answer of too many values fails its call at once, a print that ends like one does not', async (context) => {
  const program = `
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method } = JSON.parse(line);
      const many = '[' + '0,'.repeat(600_000) + '0]';
      if (method === 'initialize')
        console.log(JSON.stringify({ jsonrpc: '2.0', id, result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 's', version: '1' } } }));
      else if (method === 'tools/call') {
        const { name } = JSON.parse(line).params;
        if (name === 'first') console.log('{"jsonrpc":"2.0","id":' + id + ',"result":{"n":' + many + '}}');
        else if (name === 'last') console.log('{"result":{"n":' + many + '},"jsonrpc":"2.0","id":' + id + '}');
        else console.log('got {"id":' + id + '}\\n{"jsonrpc":"2.0","id":' + id + ',"result":{}}');
      }
    });`;
  const { call } = await upstreamTo(
    context,
    openStdioChannel(options(program, { maxFrameBytes: 10_000_000 })),
  );
  for (const name of ['first', 'last'])
    await assert.rejects(call(name), { name: 'Denial', code: 'too-large' });
  assert.deepEqual(await call('print'), {});
});

test('close ends a process that ignores the end of its input and SIGTERM, and what it started', async () => {
  const program = `
    process.on('SIGTERM', () => undefined);
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'inherit' });
    console.log(JSON.stringify({ jsonrpc: '2.0', method: 'started', params: { pid: child.pid } }));
    setInterval(() => undefined, 1000);`;
  const frames: Frame[] = [];
  const events = new EventTarget();
  const open = openStdioChannel(options(program));
  const channel = await open(
    {
      onFrame(frame) {
        frames.push(frame);
        events.dispatchEvent(new Event('frame'));
      },
      onClose: () => undefined,
    },
    never,
  );
  await once(events, 'frame');
  const params = frames[0]?.['params'];
  const pid = isJsonObject(params) ? Number(params['pid']) : 0;
  assert.ok(pid > 0);
  await channel.close();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
