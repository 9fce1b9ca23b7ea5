import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { BIN, createGate, realServer, type Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

/** Functions of what counts and serves metrics. */
const METRICS = [
  'function createRegistry(',
  'function serveMetrics(',
  'function createGatewayMetrics(',
];

/** A function of each part that a start without policies about arguments does without. */
const LOOKS = ['function createZones(', 'function createTypeTool(', 'function readSchema('];

type Script = { readonly url: string };
type Started = {
  readonly pid: number;
  readonly echo: (message: string) => Promise<string>;
  /** Ends it; the text of all files of the program that it has loaded. */
  readonly loaded: () => Promise<string>;
};

/** Files of the program that are in the reports; none while they are being written. */
function scriptsIn(folder: string): Script[] {
  try {
    return readdirSync(folder)
      .flatMap((name) => {
        const report: { result: Script[] } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
        return report.result;
      })
      .filter(({ url }) => url.includes('/dist/program/'));
  } catch {
    return [];
  }
}

/** A gateway that tells which files it has loaded once it has ended. */
async function start(context: TestContext, gate: Gate): Promise<Started> {
  const told = join(gate.folder, 'loaded');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [BIN, 'serve', '--config', gate.config],
    env: { NODE_V8_COVERAGE: told },
    cwd: gate.folder,
    stderr: 'ignore',
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  context.after(async () => await client.close());
  return {
    pid: transport.pid ?? assert.fail(),
    async echo(message: string): Promise<string> {
      const answer = await client.callTool({ name: 'everything__echo', arguments: { message } });
      return JSON.stringify(answer.content);
    },
    async loaded(): Promise<string> {
      await client.close();
      await until(() => scriptsIn(told).length > 0);
      const urls = scriptsIn(told);
      return urls.map(({ url }) => readFileSync(fileURLToPath(url), 'utf8')).join('\n');
    },
  };
}

test('a start whose policies look at no arguments loads nothing that does', async (context) => {
  const gate = await createGate(context, { servers: { everything: realServer('everything') } });
  const { echo, loaded } = await start(context, gate);
  assert.match(await echo('hello'), /hello/u);
  const text = await loaded();
  assert.match(text, /function createJudge\(/u);
  for (const each of [...LOOKS, ...METRICS]) assert.ok(!text.includes(each), each);
});

test('what counts is loaded where metrics are served', async (context) => {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    config: { http: { metrics: '127.0.0.1:0' } },
  });
  const { echo, loaded } = await start(context, gate);
  assert.match(await echo('hello'), /hello/u);
  const text = await loaded();
  for (const each of METRICS) assert.ok(text.includes(each), each);
});

test('policies that look at arguments after a reload find what they need', async (context) => {
  const gate = await createGate(context, { servers: { everything: realServer('everything') } });
  const { pid, echo, loaded } = await start(context, gate);
  assert.match(await echo('see https://evil.example/'), /evil/u);
  await writeFile(
    join(gate.folder, 'policy.cedar'),
    `@id("test.all") permit(principal, action, resource);
     @id("hosts") forbid(principal, action, resource) unless { ["good.example"].containsAll(context.facts.hosts) };
     @id("words") forbid(principal, action == Action::"tools/call:everything/echo", resource)
     when { context.args.message == "secret" };`,
  );
  process.kill(pid, 'SIGHUP');
  await until(() => gate.audit().filter(({ event }) => event === 'policy-loaded').length === 2);
  assert.match(await echo('see https://good.example/'), /good/u);
  assert.match(await echo('see https://evil.example/'), /forbids it \(hosts\)/u);
  assert.match(await echo('secret'), /forbids it \(words\)/u);
  const text = await loaded();
  for (const each of LOOKS) assert.ok(text.includes(each), each);
});
