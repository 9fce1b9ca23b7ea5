/**
 * The client scenarios of the suite: `client.js URL` puts a gateway in front of the suite's test server and uses all
 * that it offers, as an agent behind the gateway would.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  getDefaultEnvironment,
  StdioClientTransport,
} from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema, ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { stringify } from 'yaml';
import { Closers } from '../../src/lib/closers.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { createSignIn } from './sign-in.ts';

type Call = { readonly name: string; readonly arguments: Record<string, unknown> };

const GATE = join(packageRoot(), 'dist', 'test', 'conformance', 'single-gate.js');
const [url = ''] = process.argv.slice(2);
/** The suite gives a minute. */
const PATIENCE_MS = 45_000;
globalThis.setTimeout(() => process.exit(1), PATIENCE_MS).unref();
const SETTLE_MS = 15_000;
/** Where there is no tool, or one that the gate holds back. */
const WITHOUT_TOOLS = new Set(['initialize', 'json-schema-ref-no-deref']);

const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const context: unknown = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}');

await using opened = new Closers();
const folder = await mkdtemp(join(tmpdir(), 'sallyport-conformance-'));
opened.add(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }));
const config = join(folder, 'sallyport.yaml');
const signIn = scenario.startsWith('auth/') ? createSignIn({ config, folder }) : undefined;
let log = '';
await writeConfig();
await signIn?.run();
const client = await connect();
await use(await listed());
await read();
await client.close();

async function writeConfig(): Promise<void> {
  await writeFile(
    join(folder, 'policy.cedar'),
    '@id("test.all") permit(principal, action, resource);',
  );
  await writeFile(
    config,
    stringify({
      mcpServers: { suite: { url, ...(await signIn?.entry({ scenario, url, context })) } },
      policy: { path: './policy.cedar' },
      catalogue: { onNew: 'pin' },
      state: { path: './state' },
      audit: { path: './audit' },
    }),
  );
}

async function connect(): Promise<Client> {
  const made = new Client(
    { name: 'conformance', version: '1' },
    { capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} } },
  );
  // To approvals of the gate and to questions of the server alike; the client adds the defaults.
  made.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
    action: 'accept',
    content: 'requestedSchema' in params ? booleansOf(params.requestedSchema.properties) : {},
  }));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--enable-source-maps', GATE, config],
    cwd: folder,
    env: { ...getDefaultEnvironment(), ...signIn?.env },
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    log += chunk.toString();
  });
  await made.connect(transport);
  opened.add(async () => await made.close());
  return made;
}

function booleansOf(properties: object): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, schema]) => isJsonObject(schema) && schema['type'] === 'boolean')
      .filter(([, schema]) => isJsonObject(schema) && schema['default'] === undefined)
      .map(([name]) => [name, true]),
  );
}

/** What is listed; on a busy machine the server may come up after the first list was answered. */
async function listed(): ReturnType<Client['listTools']> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const list = await client.listTools();
    const isEmpty = WITHOUT_TOOLS.has(scenario);
    if (list.tools.length > 0 || isEmpty || performance.now() > deadline) return list;
    if (signIn?.isWanted(log)) {
      log = '';
      await signIn.run();
    }
    await setTimeout(500);
  }
}

/** Calls every tool: with what the scenario says, or with arguments made after the schema. */
async function use({ tools }: Awaited<ReturnType<Client['listTools']>>): Promise<void> {
  const schemas = new Map<string, unknown>(tools.map((tool) => [tool.name, tool.inputSchema]));
  const calls =
    wantedCalls() ??
    tools.map(({ name, inputSchema }) => ({
      name,
      arguments:
        name === 'json_schema_echo'
          ? { schema: schemas.get('json_schema_2020_12_tool') }
          : sample(inputSchema),
    }));
  for (const call of calls) {
    let answer = await ask(call);
    // As a person does who is told to by the agent; who asks twice for the same is not answered a third time.
    for (let tries = 0; tries < 2 && signIn?.isWanted(answer); tries++) {
      await signIn.run();
      answer = await ask(call);
    }
  }
}

async function ask(call: Call): Promise<string> {
  const result = await client
    .request({ method: 'tools/call', params: call }, ResultSchema)
    .catch((error: unknown) => String(error));
  const answer = JSON.stringify(result);
  process.stderr.write(`${call.name}: ${answer}\n`);
  return answer;
}

function wantedCalls(): readonly Call[] | undefined {
  const calls = isJsonObject(context) ? context['toolCalls'] : undefined;
  if (!Array.isArray(calls)) return undefined;
  return calls.flatMap((call: unknown) =>
    isJsonObject(call) && typeof call['name'] === 'string' && isJsonObject(call['arguments'])
      ? [{ name: call['name'], arguments: call['arguments'] }]
      : [],
  );
}

function sample(schema: unknown): JsonObject {
  const { properties, required } = isJsonObject(schema) ? schema : {};
  if (!isJsonObject(properties) || !Array.isArray(required)) return {};
  return Object.fromEntries(
    required.map((name: unknown) => {
      const member = isJsonObject(properties[String(name)]) ? properties[String(name)] : {};
      const type = isJsonObject(member) ? member['type'] : undefined;
      return [
        String(name),
        type === 'number' || type === 'integer' ? 3 : type === 'boolean' ? true : 'x',
      ];
    }),
  );
}

/** Reads and gets whatever is listed; a server without resources or prompts answers with nothing. */
async function read(): Promise<void> {
  const { resources } = await client.listResources();
  for (const { uri } of resources) await client.readResource({ uri }).catch(() => undefined);
  const { prompts } = await client.listPrompts();
  for (const { name } of prompts) await client.getPrompt({ name }).catch(() => undefined);
}
