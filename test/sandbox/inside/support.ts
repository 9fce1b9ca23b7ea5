import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Docker from 'dockerode';
import { isJsonObject, type JsonObject } from '../../../src/lib/json.ts';
import { packageRoot } from '../../../src/lib/package-root.ts';
import { dockerHost } from '../../../src/sandbox/docker-host.ts';
import { createGate, type Gate, type GateSetting } from '../../support/gate.ts';
import { stringOf } from '../../support/string-of.ts';
import { until } from '../../support/until.ts';

export type Client = Awaited<ReturnType<Gate['connect']>>;

/** A busy machine starts containers slowly; nothing is to end at these. */
const PATIENCE_MS = 180_000;

/** Who owns what servers may write: where the tests run as root, somebody else. */
export const OWNER = process.getuid?.() === 0 ? 4711 : (process.getuid?.() ?? 0);

/** A gate whose servers run in sandboxes, on the engine of the tests. */
export async function createInsideGate(
  context: TestContext,
  { config, ...setting }: GateSetting,
): Promise<Gate> {
  return await createGate(context, {
    ...setting,
    config: {
      limits: { connectTimeoutMs: PATIENCE_MS, callTimeoutMs: PATIENCE_MS },
      sandbox: { docker: { host: process.env['DOCKER_HOST'] } },
      ...config,
    },
  });
}

export async function folderIn(parent: string, name: string): Promise<string> {
  const folder = join(parent, name);
  await mkdir(folder);
  return folder;
}

const require = createRequire(import.meta.url);

/** As an owner writes it, in the version that the tests have. */
export function npx(name: string, ...args: string[]): { command: string; args: string[] } {
  const manifest: unknown = require(`${name}/package.json`);
  const version = isJsonObject(manifest) ? stringOf(manifest['version']) : '';
  return { command: 'npx', args: ['-y', `${name}@${version}`, ...args] };
}

/** A server that tries what it is told. */
export function hostile(
  language: 'node' | 'python',
  { mounts = [], ...sandbox }: { mounts?: object[] } & Record<string, unknown> = {},
): object {
  const own = {
    host: join(packageRoot(), 'test', 'sandbox', 'inside', 'hostile'),
    path: '/hostile',
  };
  const [command, file] = language === 'node' ? ['node', 'server.cjs'] : ['python3', 'server.py'];
  return {
    command,
    args: [`/hostile/${file}`],
    sandbox: { image: `sallyport/${language}`, mounts: [own, ...mounts], ...sandbox },
  };
}

export async function call(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<{ readonly text: string; readonly isError: boolean }> {
  const options = { timeout: PATIENCE_MS };
  const result = await client.callTool({ name, arguments: args }, undefined, options);
  const content: unknown = result.content;
  const [first]: unknown[] = Array.isArray(content) ? content : [];
  const text = isJsonObject(first) ? stringOf(first['text']) : '';
  return { text, isError: result.isError === true };
}

/** What came of a trick. */
export async function attempt(
  client: Client,
  what: string,
  args: JsonObject = {},
  server = 'bad',
): Promise<unknown> {
  const { text, isError } = await call(client, `${server}__try`, { what, ...args });
  if (isError) throw new Error(text);
  return JSON.parse(text);
}

/** Until its servers have come up: the first list does not wait for ever. */
export async function shows(client: Client, tool: string): Promise<void> {
  await until(
    async () => (await client.listTools()).tools.some(({ name }) => name === tool),
    PATIENCE_MS,
  );
}

export const docker = (): Docker => new Docker(dockerHost(process.env).options);

/** Containers that a gate has started, by its audit; with `running` those that are there still. */
export function sandboxesOf(gate: Gate): string[] {
  return gate
    .audit()
    .filter(({ event }) => event === 'sandbox-start')
    .map(({ sandbox }) => stringOf(sandbox));
}

export async function stillThere(ids: readonly string[]): Promise<string[]> {
  const all = await docker().listContainers({ all: true });
  return all.map(({ Id }) => Id).filter((id) => ids.includes(id));
}

export async function gone(ids: readonly string[]): Promise<void> {
  await until(async () => (await stillThere(ids)).length === 0, PATIENCE_MS);
}
