import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as modern from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Frame, OpenChannel } from '../../src/wire/channel.ts';
import { openHttpChannel } from '../../src/wire/http-upstream/open-http-channel.ts';
import { openStdioChannel } from '../../src/wire/stdio-upstream.ts';
import { echoSessions } from '../support/echo-session.ts';
import { everythingHttp } from '../support/everything-http.ts';
import { realServer } from '../support/gate.ts';
import { startAgent, tokenFor, type RunningAgent } from '../support/http-agent.ts';
import { relaySessions } from '../support/relay-session.ts';
import { until } from '../support/until.ts';

const token = await tokenFor();
const requestInit = { headers: { authorization: `Bearer ${token}` } };

function stdioEverything(): OpenChannel {
  return openStdioChannel({
    ...realServer('everything'),
    env: { PATH: process.env['PATH'] ?? '' },
    maxFrameBytes: 1 << 24,
    onStderr: () => undefined,
    graceMs: 500,
  });
}

function channelTo(url: URL): OpenChannel {
  return openHttpChannel({
    url,
    headers: {},
    maxFrameBytes: 1 << 24,
    onTrouble: () => undefined,
  });
}

/** The same channel, with what was handed to it. */
function noting(open: OpenChannel): { readonly open: OpenChannel; readonly sent: Frame[] } {
  const sent: Frame[] = [];
  return {
    sent,
    async open(...options) {
      const channel = await open(...options);
      return {
        ...channel,
        async send(frame, ...rest) {
          sent.push(frame);
          await channel.send(frame, ...rest);
        },
      };
    },
  };
}

async function legacyClient(agent: RunningAgent): Promise<LegacyClient & AsyncDisposable> {
  const client = new LegacyClient(
    { name: 'test', version: '1' },
    { capabilities: { sampling: {}, roots: { listChanged: true } } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, async () => ({
    model: 'test',
    role: 'assistant',
    content: { type: 'text', text: 'sampled' },
  }));
  await client.connect(new LegacyTransport(new URL(agent.url), { requestInit }));
  return Object.assign(client, { [Symbol.asyncDispose]: async () => await client.close() });
}

async function modernClient(
  agent: RunningAgent,
  mode: 'legacy' | 'auto',
): Promise<modern.Client & AsyncDisposable> {
  const client = new modern.Client(
    { name: 'test', version: '1' },
    { capabilities: {}, versionNegotiation: { mode } },
  );
  await client.connect(
    new modern.StreamableHTTPClientTransport(new URL(agent.url), { requestInit }),
  );
  return Object.assign(client, { [Symbol.asyncDispose]: async () => await client.close() });
}

function isSlow({ params }: Frame): boolean {
  return JSON.stringify(params ?? null).includes('"duration":20');
}

function textOf(result: unknown): string {
  return JSON.stringify(result);
}

describe('server-everything behind both transports', () => {
  for (const [name, upstream] of [
    ['HTTP to stdio', 'stdio'],
    ['HTTP to HTTP', 'http'],
  ] as const)
    test(`${name}: an SDK 1.x client does what it does without us`, async () => {
      await using everything = await everythingHttp();
      const { open, sent } = noting(
        upstream === 'stdio' ? stdioEverything() : channelTo(everything.url),
      );
      await using agent = await startAgent({ open: relaySessions(open) });
      await using client = await legacyClient(agent);

      const { tools } = await client.listTools();
      assert.ok(tools.some((tool) => tool.name === 'echo'));
      const echoed = await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
      assert.match(textOf(echoed), /Echo: hello/);
      const resources = await client.listResources();
      const [resource] = resources.resources;
      assert.ok(resource);
      const read = await client.readResource({ uri: resource.uri });
      assert.ok(read.contents.length > 0);
      assert.ok((await client.listPrompts()).prompts.length > 0);

      const steps: number[] = [];
      const run = {
        name: 'trigger-long-running-operation',
        arguments: { duration: 1.5, steps: 3 },
      };
      const ran = await client.callTool(run, undefined, {
        onprogress: ({ progress }) => steps.push(progress),
      });
      assert.match(textOf(ran), /completed/);
      assert.deepEqual(steps, [1, 2, 3]);

      // The server's own question comes on the stream of the call that caused it.
      const sample = { name: 'trigger-sampling-request', arguments: { prompt: 'x', maxTokens: 5 } };
      assert.match(textOf(await client.callTool(sample)), /sampled/);

      const many = await Promise.all(
        Array.from({ length: 50 }, async (_, n) =>
          textOf(await client.callTool({ name: 'echo', arguments: { message: `n${n}.` } })),
        ),
      );
      for (const [n, text] of many.entries()) assert.match(text, new RegExp(`n${n}\\.`));

      const abort = new AbortController();
      const slow = {
        name: 'trigger-long-running-operation',
        arguments: { duration: 20, steps: 2 },
      };
      const cancelled = client.callTool(slow, undefined, { signal: abort.signal });
      await until(() => sent.some(isSlow));
      abort.abort();
      await assert.rejects(cancelled);
      assert.match(
        textOf(await client.callTool({ name: 'echo', arguments: { message: 'after' } })),
        /after/,
      );
      assert.deepEqual(
        agent.refused.filter(({ reason }) => reason !== 'method'),
        [],
      );
      assert.deepEqual(agent.failed, []);
    });

  for (const [mode, version] of [
    ['legacy', '2025-11-25'],
    ['auto', '2026-07-28'],
  ] as const)
    test(`an SDK 2.x client in ${mode} mode speaks ${version}`, async () => {
      await using everything = await everythingHttp();
      await using agent = await startAgent({ open: relaySessions(channelTo(everything.url)) });
      await using client = await modernClient(agent, mode);
      assert.equal(client.getNegotiatedProtocolVersion(), version);
      const { tools } = await client.listTools();
      assert.ok(tools.length > 5);
      const steps: number[] = [];
      const run = {
        name: 'trigger-long-running-operation',
        arguments: { duration: 1.5, steps: 3 },
      };
      const ran = await client.callTool(run, {
        onprogress: ({ progress }) => steps.push(progress),
      });
      assert.match(textOf(ran), /completed/);
      assert.deepEqual(steps, [1, 2, 3]);
      assert.deepEqual(
        agent.refused.map(({ reason }) => reason),
        [],
      );
    });

  test('an upstream that was restarted is a lost session, and a new one works', async () => {
    const first = await everythingHttp();
    const port = Number(first.url.port);
    await using agent = await startAgent({ open: relaySessions(channelTo(first.url)) });
    await using client = await legacyClient(agent);
    const echo = { name: 'echo', arguments: { message: 'hello' } };
    await client.callTool(echo);
    await first[Symbol.asyncDispose]();
    await using second = await everythingHttp(port);
    assert.equal(second.url.href, first.url.href);
    await assert.rejects(client.callTool(echo), /session was lost|ECONNREFUSED|closed/);
    await using again = await legacyClient(agent);
    assert.match(textOf(await again.callTool(echo)), /hello/);
  });
});

describe('the SDK clients', () => {
  test('hear what no call caused, on the standalone stream', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    await using client = await legacyClient(agent);
    const heard = new Promise<void>((resolve) => {
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve());
    });
    sessions.all[0]?.port.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    await heard;
  });

  test('end their session when they terminate it', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const transport = new LegacyTransport(new URL(agent.url), { requestInit });
    const client = new LegacyClient({ name: 'test', version: '1' });
    await client.connect(transport);
    await transport.terminateSession();
    assert.equal(sessions.all[0]?.closed, true);
    await client.close();
  });

  test('take an answer up again when the connection breaks under it', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({ ...sessions, limits: { patienceMs: 20 } });
    const cut = new AbortController();
    let calls = 0;
    const transport = new LegacyTransport(new URL(agent.url), {
      requestInit,
      reconnectionOptions: {
        initialReconnectionDelay: 20,
        maxReconnectionDelay: 20,
        reconnectionDelayGrowFactor: 1,
        maxRetries: 3,
      },
      async fetch(url, init) {
        const waits = typeof init?.body === 'string' && init.body.includes('"wait"');
        if (!waits) return await fetch(url, init);
        calls++;
        return await fetch(url, { ...init, signal: cut.signal });
      },
    });
    const client = new LegacyClient({ name: 'test', version: '1' });
    await client.connect(transport);
    const { ResultSchema } = await import('@modelcontextprotocol/sdk/types.js');
    let token: string | undefined;
    const answered = client.request({ method: 'wait', params: { ms: 2000 } }, ResultSchema, {
      onresumptiontoken: (given) => (token = given),
    });
    // Before its first event there is nothing to take up.
    await until(() => token !== undefined);
    cut.abort();
    await answered;
    assert.equal(calls, 1);
    await client.close();
  });
});
