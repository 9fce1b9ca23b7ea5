import { describeTools } from '../../servers/code/code-server.ts';
import { entries } from './egress/outside.ts';
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { createCodeServer } from '../../servers/code/code-server.ts';
import { openCodeChannel } from '../../servers/code/open-code-channel.ts';
import { Denial } from '../../src/denial.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { Run, RunResult, Sandbox } from '../../src/sandbox/sandbox.ts';
import { withResolvers } from '../../src/lib/resolvers.ts';
import { until } from '../support/until.ts';
import { CACHE, containersLeft, noDocker, openSandbox } from './support.ts';

function serverOf(run: (program: Run) => Promise<RunResult>, isGated = false): Server {
  const languages = ['python', 'javascript', 'bash'] as const;
  return createCodeServer({ run, languages, isGated, timeoutMs: 60_000, version: '1.2.3' });
}
const serverOn = (sandbox: Sandbox): Server =>
  serverOf(async (program) => await sandbox.run(program));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function connect(server: Server): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1' });
  await Promise.all([server.connect(theirs), client.connect(ours)]);
  return client;
}

async function call(client: Client, name: string, given: Record<string, unknown>) {
  return CallToolResultSchema.parse(await client.callTool({ name, arguments: given }));
}

const refusing = (denial: Denial): Server =>
  serverOf(async () => await Promise.reject<RunResult>(denial));

test('there is one tool per language, with honest annotations and both schemas', async () => {
  const client = await connect(refusing(new Denial('internal', 'x')));
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['execute_python', 'execute_javascript', 'execute_bash'],
  );
  for (const { inputSchema, outputSchema, annotations } of tools) {
    assert.deepEqual(Object.keys(inputSchema.properties ?? {}), [
      'code',
      'stdin',
      'timeoutMs',
      'files',
      'outputs',
    ]);
    assert.deepEqual(inputSchema.required, ['code']);
    assert.equal(inputSchema['additionalProperties'], false);
    assert.ok(outputSchema?.required?.includes('sandboxId'));
    assert.deepEqual([annotations?.readOnlyHint, annotations?.openWorldHint], [false, false]);
  }
});

test('a refusal is an error that says what to do, with its code', async () => {
  const denial = new Denial('sandbox-unavailable', 'Cannot run the program: no', {
    hint: 'mend it',
  });
  const client = await connect(refusing(denial));
  const result = await call(client, 'execute_bash', { code: '' });
  assert.equal(result.isError, true);
  assert.deepEqual(result.content, [
    { type: 'text', text: 'Cannot run the program: no\nhint: mend it' },
  ]);
  assert.deepEqual(result['_meta'], { 'sallyport/denial': { code: 'sandbox-unavailable' } });
});

test('a bug in the server does not tell its message', async () => {
  const client = await connect(
    serverOf(async () => await Promise.reject(new Error('/secret/path'))),
  );
  assert.doesNotMatch(JSON.stringify(await call(client, 'execute_bash', { code: '' })), /secret/);
});

const BAD: readonly (readonly [string, Record<string, unknown>])[] = [
  ['no program', {}],
  ['a program that is no text', { code: 7 }],
  ['an argument nobody knows', { code: '', image: 'evil' }],
  ['a time limit that is no number', { code: '', timeoutMs: '1000' }],
  ['a file that is no text', { code: '', files: { a: 1 } }],
  ['an output that is no path', { code: '', outputs: [1] }],
  ['outputs without end', { code: '', outputs: Array.from({ length: 17 }, (_, n) => `f${n}`) }],
];
for (const [name, given] of BAD)
  test(`${name} is refused before anything starts`, async () => {
    let ran = false;
    const client = await connect(
      serverOf(async () => {
        ran = true;
        return await Promise.reject<RunResult>(new Error('it ran'));
      }),
    );
    const result = await call(client, 'execute_python', given);
    assert.deepEqual(result['_meta'], { 'sallyport/denial': { code: 'arguments-invalid' } });
    assert.equal(ran, false);
  });

test('a tool that does not exist is unknown', async () => {
  const client = await connect(refusing(new Denial('internal', 'x')));
  await assert.rejects(
    call(client, 'execute_cobol', { code: '' }),
    /-32602: Unknown tool: execute_cobol/,
  );
});

describe('with gVisor', { skip: noDocker }, () => {
  const sandbox = openSandbox();
  after(async () => await sandbox.close());

  test('a program’s result is structured, valid, and the same as text', async () => {
    const client = await connect(serverOn(sandbox));
    // The client checks structured content against the output schema it has seen.
    await client.listTools();
    const code =
      'import sys; print(sys.stdin.read() + open("a/b").read()); open("p", "wb").write(b"\\xff"); sys.exit(3)';
    const outputs = ['a/b', 'p', 'q', 'q'];
    const given = { code, stdin: 'in ', files: { 'a/b': 'file' }, outputs, timeoutMs: 59_000 };
    const { isError, structuredContent, content } = await call(client, 'execute_python', given);
    assert.equal(isError, undefined);
    assert.equal(structuredContent?.['stdout'], 'in file\n');
    assert.equal(structuredContent['exitCode'], 3);
    assert.equal(structuredContent['tier'], 'gvisor');
    const handedOver = { 'a/b': { text: 'file' }, p: { base64: '/w==' }, q: { error: 'missing' } };
    assert.deepEqual(structuredContent['outputs'], handedOver);
    const [text] = content;
    assert.ok(text?.type === 'text');
    assert.deepEqual(JSON.parse(text.text), structuredContent);
  });

  test('a program that runs out of time is a result', async () => {
    const client = await connect(serverOn(sandbox));
    await client.listTools();
    const given = { code: 'sleep 30', timeoutMs: 1000 };
    const { isError, structuredContent } = await call(client, 'execute_bash', given);
    assert.deepEqual([isError, structuredContent?.['timedOut']], [undefined, true]);
  });

  test('the standalone server speaks MCP over stdio and ends with its client', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const server = join(packageRoot(), 'dist/program/code-server.js');
    const env = Object.fromEntries(
      Object.entries(process.env).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value]],
      ),
    );
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [server],
      env: { ...env, XDG_CACHE_HOME: dirname(CACHE) },
      stderr: 'ignore',
    });
    await client.connect(transport);
    const { structuredContent } = await call(client, 'execute_bash', { code: 'echo $((6 * 7))' });
    assert.equal(structuredContent?.['stdout'], '42\n');
    const { pid } = transport;
    await client.close();
    await until(() => !isAlive(pid ?? 0));
  });

  test('cancelling over the in-process channel kills the container', async () => {
    const started: RunResult[] = [];
    const ended: unknown[] = [];
    const server = (): Server =>
      serverOf(async (program) => {
        try {
          const result = await sandbox.run(program);
          started.push(result);
          return result;
        } catch (error) {
          ended.push(error);
          throw error;
        }
      });
    const frames: JsonObject[] = [];
    const closed = withResolvers<boolean>();
    const channel = await openCodeChannel(server)(
      { onFrame: (frame) => void frames.push(frame), onClose: () => closed.resolve(true) },
      new AbortController().signal,
    );
    const clientInfo = { name: 'gate', version: '1' };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    await channel.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    await channel.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const endless = { name: 'execute_python', arguments: { code: 'while True: pass' } };
    await channel.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: endless });
    await new Promise((done) => setTimeout(done, 1500));
    const cancel = { requestId: 2, reason: 'the person pressed stop' };
    await channel.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: cancel });
    await until(() => ended.length === 1);
    assert.ok(
      frames.every(({ id }) => id !== 2),
      'a cancelled request gets no answer',
    );
    assert.ok(Object.isFrozen(frames[0]));

    await channel.send({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: endless });
    await new Promise((done) => setTimeout(done, 300));
    await channel.close();
    await closed.promise;
    // Closing the channel ends what runs.
    await until(() => ended.length === 2);
    await assert.rejects(channel.send({ jsonrpc: '2.0', id: 4, method: 'ping' }), /closed/);
    await sandbox.close();
    assert.deepEqual(await containersLeft(started.map(({ sandboxId }) => sandboxId)), []);
  });
});

test('the tools say what they can reach, and nothing of secrets but their names', () => {
  const secret = { name: 'TOKEN', header: 'authorization', value: 'sk-0123456789' };
  const list = entries(['api.example.com', 'http://*.example.org'], secret);
  const [tool] = describeTools(['bash'], list);
  assert.match(
    tool?.description ?? '',
    /no network but https:\/\/api\.example\.com:443 .*\{\{TOKEN\}\}.*, http:\/\/\*\.example\.org:80,/u,
  );
  assert.equal(tool?.description?.includes(secret.value), false);
  assert.equal(tool?.annotations?.openWorldHint, true);
  const [closed] = describeTools(['bash']);
  assert.match(closed?.description ?? '', /: no network, /u);
  assert.equal(closed?.annotations?.openWorldHint, false);
});

const TRACE = '0123456789abcdef0123456789abcdef';
const TERMS = { traceId: TRACE, path: 'standard', isolation: 'gvisor' };

const ANSWER: RunResult = {
  stdout: '',
  stderr: '',
  exitCode: 0,
  timedOut: false,
  truncated: false,
  ended: 'exited',
  durationMs: 0,
  tier: 'gvisor',
  driver: 'a test',
  path: 'standard',
  sandboxId: '',
};

async function programsOf(
  isGated: boolean,
  ...metas: (Record<string, unknown> | undefined)[]
): Promise<Run[]> {
  const programs: Run[] = [];
  const server = serverOf(async (program) => {
    programs.push(program);
    return await Promise.resolve(ANSWER);
  }, isGated);
  const client = await connect(server);
  for (const _meta of metas)
    await client.callTool({
      name: 'execute_bash',
      arguments: { code: '' },
      ...(_meta && { _meta }),
    });
  return programs;
}

describe('the terms of a call', () => {
  test('are those of the gate', async () => {
    const [program] = await programsOf(true, { 'sallyport/terms': TERMS });
    assert.deepEqual(program?.terms, TERMS);
  });

  test('have to be there and be understood, else nothing runs', async () => {
    const bad = [
      undefined,
      {},
      { ...TERMS, more: 1 },
      { ...TERMS, traceId: 'x' },
      { ...TERMS, path: 'warm' },
      { ...TERMS, isolation: 'chroot' },
      { traceId: TRACE },
      [],
      TRACE,
    ];
    const metas = bad.map((terms) => ({ 'sallyport/terms': terms }));
    assert.deepEqual(await programsOf(true, undefined, ...metas), []);
  });

  test('count for nothing where no gate stands in front', async () => {
    const [program] = await programsOf(false, { 'sallyport/terms': TERMS });
    assert.equal(program?.terms, undefined);
  });
});
