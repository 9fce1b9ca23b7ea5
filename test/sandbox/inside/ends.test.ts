import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { readConfigText } from '../../../src/config/load.ts';
import { createLocalInside } from '../../../src/sandbox/inside/local-inside.ts';
import { scratch } from '../../support/scratch.ts';
import { BIN } from '../../support/gate.ts';
import { stringOf } from '../../support/string-of.ts';
import { until } from '../../support/until.ts';
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
} from './support.ts';

const options = { skip: noDocker, timeout: 600_000 };

test(
  'nothing is left of servers that do not end, when the gateway is killed',
  options,
  async (context) => {
    const gate = await createInsideGate(context, {
      servers: { bad: hostile('node'), worse: hostile('python') },
    });
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [BIN, 'serve', '--config', gate.config],
      cwd: gate.folder,
      stderr: 'ignore',
    });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    await shows(client, 'bad__try');
    await shows(client, 'worse__try');
    assert.equal(await attempt(client, 'linger'), 'lingers');
    assert.equal(await attempt(client, 'daemon', {}, 'worse'), 'left behind');
    const ids = sandboxesOf(gate);
    assert.equal(ids.length, 2);
    process.kill(transport.pid ?? 0, 'SIGKILL');
    await gone(ids);
  },
);

test('a server that does not end is ended with its connection', options, async (context) => {
  const gate = await createInsideGate(context, { servers: { bad: hostile('node') } });
  const client = await gate.connect();
  await shows(client, 'bad__try');
  assert.equal(await attempt(client, 'linger'), 'lingers');
  await client.close();
  await gone(sandboxesOf(gate));
});

test(
  'a server that ends is started again, each time later, and its calls are refused meanwhile',
  options,
  async (context) => {
    const gate = await createInsideGate(context, { servers: { bad: hostile('node') } });
    const client = await gate.connect();
    await shows(client, 'bad__try');
    const { text, isError } = await call(client, 'bad__try', { what: 'exit', code: 7 });
    assert.ok(isError, text);
    await until(() =>
      gate
        .audit()
        .some(
          ({ event, reason }) => event === 'upstream-down' && /exit code 7/.test(stringOf(reason)),
        ),
    );
    await shows(client, 'bad__try');
    await until(
      async () => (await attempt(client, 'who').catch(() => undefined)) !== undefined,
      120_000,
    );
    await client.close();
    await gone(sandboxesOf(gate));
  },
);

test(
  'a server that never starts is tried in growing pauses, and its owner is told why',
  options,
  async (context) => {
    const { command, ...rest } = {
      ...hostile('node'),
      command: 'node',
      args: ['-e', 'process.exit(3)'],
    };
    const gate = await createInsideGate(context, {
      pinned: false,
      servers: { bad: { command, ...rest } },
    });
    const client = await gate.connect();
    const downs = (): unknown[] =>
      gate
        .audit()
        .filter(({ event }) => event === 'upstream-down')
        .map(({ reason }) => reason);
    await until(() => downs().length >= 3, 120_000);
    assert.match(String(downs()[0]), /exit code 3/);
    await client.close();
    await gone(sandboxesOf(gate));
  },
);

test(
  'a server does not even start where the kernel is not gVisor, whatever the runtime is called',
  options,
  async (context) => {
    const folder = await scratch(context);
    const out = await folderIn(folder, 'out');
    await chown(out, OWNER, OWNER);
    const text = JSON.stringify({
      mcpServers: {
        bad: {
          command: 'bash',
          args: ['-c', 'echo started > /out/started; cat'],
          sandbox: {
            image: 'sallyport/bash',
            mounts: [{ host: out, path: '/out', readOnly: false }],
          },
        },
      },
      state: { path: './state' },
    });
    const config = readConfigText(text, join(folder, 'sallyport.json'), process.env);
    const { bad } = config.mcpServers;
    assert.ok(bad?.kind === 'stdio' && bad.sandbox);
    const { sandbox } = bad;
    for (const [runtime, starts] of [
      ['runc', false],
      ['runsc', true],
    ] as const) {
      const inside = createLocalInside({
        config: { ...config, sandbox: { ...config.sandbox, runtime } },
        env: process.env,
        log: () => undefined,
        onStderr: () => undefined,
        audit: undefined,
        graceMs: 500,
      });
      const opening = inside.open({ ...bad, sandbox })(
        { onFrame() {}, onClose() {} },
        new AbortController().signal,
      );
      if (starts) {
        const channel = await opening;
        await until(() => existsSync(join(out, 'started')));
        await channel.close();
      } else {
        await assert.rejects(opening, /does not run gVisor/);
        await inside.close();
        assert.equal(existsSync(join(out, 'started')), false);
      }
      await inside.close();
    }
  },
);
