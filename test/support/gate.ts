import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  getDefaultEnvironment,
  StdioClientTransport,
} from '@modelcontextprotocol/sdk/client/stdio.js';
import { stringify } from 'yaml';
import { readRecords } from '../../src/audit/read-records.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { scratch } from './scratch.ts';

export const BIN = join(packageRoot(), 'bin', 'sallyport.js');

const require = createRequire(import.meta.url);

/** How to start a real server of the registry's, as a configuration entry. */
export function realServer(
  name: 'everything' | 'filesystem' | 'memory',
  ...args: string[]
): { command: string; args: string[] } {
  const manifest = require.resolve(`@modelcontextprotocol/server-${name}/package.json`);
  return {
    command: process.execPath,
    args: [join(dirname(manifest), 'dist', 'index.js'), ...args],
  };
}

/** The misbehaving server of `hostile-server.ts` with these habits. */
export function hostileServer(
  log: string,
  ...habits: string[]
): { command: string; args: string[]; env: Record<string, string> } {
  return {
    command: process.execPath,
    args: [join(packageRoot(), 'dist', 'test', 'support', 'hostile-server.js')],
    env: { HOSTILE: habits.join(','), HOSTILE_LOG: log },
  };
}

export type GateSetting = {
  readonly servers: Record<string, object>;
  /** Cedar text; absent: everything is permitted. */
  readonly policy?: string;
  readonly user?: { readonly user: string; readonly groups?: readonly string[] };
  /** Variables beside those of a clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** More keys of the configuration. */
  readonly config?: Record<string, unknown>;
  /** Accept all definitions before the start; absent: yes, unless they are trusted on first use. */
  readonly pinned?: boolean;
  /** Trust on first use: saves the time that accepting takes. */
  readonly firstUse?: boolean;
};

export type Gate = {
  readonly folder: string;
  readonly config: string;
  /** This person sits in front of the gateways that are started from now on. */
  signIn(user: GateSetting['user']): Promise<void>;
  /** Runs one command of the command line with this configuration. */
  run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  connect(options?: {
    capabilities?: object;
    user?: GateSetting['user'];
    prepare?: (client: Client) => void;
  }): Promise<Client>;
  /** Every record so far, read from the files. */
  audit(): AuditRecord[];
  /** Every file below the folder, as one text. */
  everything(): string;
  stderr(): string;
};

const ALLOW_ALL = '@id("test.all") permit(principal, action, resource);';

/** Writes a configuration into a folder of its own and starts real gateways on it. */
export async function createGate(context: TestContext, setting: GateSetting): Promise<Gate> {
  const folder = await scratch(context);
  const config = join(folder, 'sallyport.yaml');
  let errors = '';
  await writeFile(join(folder, 'policy.cedar'), setting.policy ?? ALLOW_ALL);
  async function write(user: GateSetting['user']): Promise<void> {
    await writeFile(
      config,
      stringify({
        mcpServers: setting.servers,
        identity: { stdio: user ?? setting.user ?? { user: 'alice', groups: ['eng'] } },
        policy: { path: './policy.cedar' },
        state: { path: './state' },
        audit: { path: './audit' },
        ...(setting.firstUse && { catalogue: { onNew: 'pin' } }),
        ...setting.config,
      }),
    );
  }
  async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    try {
      const done = await promisify(execFile)(process.execPath, [BIN, ...args, '--config', config], {
        cwd: folder,
        env: { ...process.env, ...setting.env },
        maxBuffer: 1 << 26,
      });
      return { code: 0, ...done };
    } catch (thrown) {
      if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) throw thrown;
      const { stdout, stderr } = Object.assign({ stdout: '', stderr: '' }, thrown);
      return { code: Number(thrown.code), stdout, stderr };
    }
  }
  await write(undefined);
  if (setting.pinned ?? !setting.firstUse) {
    const accepted = await run(
      'pin',
      ...Object.keys(setting.servers).flatMap((name) => ['--accept', name]),
    );
    if (accepted.code !== 0) throw new Error(`pin failed: ${accepted.stderr}`);
  }
  return {
    folder,
    config,
    run,
    signIn: write,
    stderr: () => errors,
    async connect({ capabilities = {}, user, prepare } = {}) {
      await write(user);
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [BIN, 'serve', '--config', config],
        stderr: 'pipe',
        env: { ...getDefaultEnvironment(), ...setting.env },
        cwd: folder,
      });
      transport.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      const client = new Client({ name: 'test', version: '1' }, { capabilities });
      prepare?.(client);
      await client.connect(transport);
      context.after(async () => await client.close());
      return client;
    },
    audit: () => [...readRecords(join(folder, 'audit'), () => undefined)],
    everything: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join('\n'),
  };
}

export type HostileGate = Gate & { readonly log: string };

/** A gate in front of the misbehaving server, `bad`, which may have company. */
export async function createHostileGate(
  context: TestContext,
  {
    habits = [],
    timeoutMs,
    env = {},
    servers = {},
    ...setting
  }: Partial<GateSetting> & {
    readonly habits?: readonly string[];
    readonly timeoutMs?: number;
    readonly env?: Record<string, string>;
  } = {},
): Promise<HostileGate> {
  const log = join(await scratch(context), 'received.jsonl');
  const bad = hostileServer(log, ...habits);
  const gate = await createGate(context, {
    firstUse: setting.pinned === undefined,
    ...setting,
    servers: {
      bad: {
        ...bad,
        env: { ...bad.env, ...env },
        ...(timeoutMs !== undefined && { timeoutMs }),
      },
      ...servers,
    },
  });
  return { ...gate, log };
}

/** Frames that the hostile server received: what never stands here was never sent. */
export function received(log: string): JsonObject[] {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  return lines.flatMap((line) => {
    const frame: unknown = line === '' ? undefined : JSON.parse(line);
    return isJsonObject(frame) ? [frame] : [];
  });
}

const CALLS = new Set(['tools/call', 'prompts/get', 'resources/read', 'completion/complete']);

/** What the hostile server was called with, in order: names, URIs, references. */
export function callsOf(log: string): unknown[] {
  return received(log).flatMap(({ method, params }) =>
    typeof method === 'string' && CALLS.has(method) && isJsonObject(params)
      ? [params['name'] ?? params['uri'] ?? params['ref']]
      : [],
  );
}
