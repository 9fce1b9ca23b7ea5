import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { stringify } from 'yaml';
import { createLog } from '../../src/audit/log.ts';
import { createRedact } from '../../src/audit/redact.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openGateway } from '../../src/gateway.ts';
import { everythingHttp } from '../support/everything-http.ts';
import { realServer } from '../support/gate.ts';
import { startAgent, tokenFor } from '../support/http-agent.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
const token = await tokenFor();
const SESSIONS = 6;

test('nothing keeps a session that has ended', async (context) => {
  assert.ok(typeof collect === 'function');
  const folder = await scratch(context);
  await using remote = await everythingHttp();
  await writeFile(join(folder, 'all.cedar'), '@id("all") permit(principal, action, resource);');
  await writeFile(
    join(folder, 'sallyport.yaml'),
    stringify({
      mcpServers: { near: realServer('everything'), far: { url: remote.url.href } },
      policy: { path: './all.cedar' },
      catalogue: { onNew: 'pin' },
      state: { path: './state' },
      audit: { path: './audit' },
    }),
  );
  const config = await loadConfig({
    path: join(folder, 'sallyport.yaml'),
    env: process.env,
    cwd: folder,
  });
  const redact = createRedact({ secrets: config.secrets });
  const log = createLog({ destination: process.stderr, pretty: false, level: 'silent', redact });
  await using gateway = await openGateway({
    config,
    env: process.env,
    log,
    version: '0',
    single: false,
    subjects: { of: () => undefined, drop: () => undefined },
  });
  await gateway.ready;
  const sessions: WeakRef<object>[] = [];
  const { about, introduce } = gateway;
  await using agent = await startAgent({
    about,
    introduce,
    open(options) {
      const session = gateway.open(options);
      sessions.push(new WeakRef(session), new WeakRef(options.port));
      return session;
    },
  });
  const alive = (): number => {
    collect();
    return sessions.filter((held) => held.deref() !== undefined).length;
  };

  const clients = await Promise.all(
    Array.from({ length: SESSIONS }, async () => await use(agent.url)),
  );
  assert.equal(sessions.length, SESSIONS * 2);
  assert.equal(alive(), SESSIONS * 2);
  await Promise.all(clients.map(async (end) => await end()));
  await until(() => alive() === 0, 30_000);
});

/** Uses a session in every way that leaves something behind; resolves to what ends it. */
async function use(url: string): Promise<() => Promise<void>> {
  const headers = { authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const { resources } = await client.listResources();
  for (const server of ['near', 'far']) {
    assert.ok(tools.some(({ name }) => name === `${server}__echo`));
    await client.callTool({ name: `${server}__echo`, arguments: { message: 'hello' } });
    const cancelled = new AbortController();
    const slow = client.callTool(
      { name: `${server}__trigger-long-running-operation`, arguments: { duration: 20, steps: 20 } },
      undefined,
      { signal: cancelled.signal, onprogress: () => cancelled.abort() },
    );
    await assert.rejects(slow);
  }
  const [first] = resources;
  assert.ok(first);
  await client.readResource({ uri: first.uri });
  await client.subscribeResource({ uri: first.uri });
  return async () => {
    await transport.terminateSession();
    await client.close();
  };
}
