import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { packageRoot } from '../../src/lib/package-root.ts';
import { scratch } from './scratch.ts';

type Habit = 'only' | 'late';
type Transport = 'stdio' | 'http';
export type ModernServer = {
  /** The entry of a configuration. */
  readonly entry: Record<string, unknown>;
  /** What it was called with; over HTTP with the headers of each request. */
  log(): string[];
};

/** The server of `modern-server.ts`, over stdio or HTTP; over HTTP it ends with the test. */
export async function modernServer(
  context: TestContext,
  transport: Transport,
  ...habits: Habit[]
): Promise<ModernServer> {
  const file = join(await scratch(context), 'modern.log');
  const log = (): string[] =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const args = [transport, ...habits];
  return { entry: await start(context, 'modern-server.js', args, { LOG: file }), log };
}

/** The server of `modern-everything-server.ts`, as an entry of a configuration. */
export async function modernEverything(
  context: TestContext,
  transport: Transport,
): Promise<Record<string, unknown>> {
  return await start(context, 'modern-everything-server.js', [transport], {});
}

/** The server of `modern-task-server.ts`, which has the tasks extension and, `silent`, does not say so. */
export async function modernTasks(
  context: Pick<TestContext, 'after'>,
  transport: Transport,
  { log, silent = false }: { readonly log?: string; readonly silent?: boolean } = {},
): Promise<Record<string, unknown>> {
  return await start(
    context,
    'modern-task-server.js',
    [transport, ...(silent ? ['silent'] : [])],
    log === undefined ? {} : { HOSTILE_LOG: log },
  );
}

async function start(
  context: Pick<TestContext, 'after'>,
  program: string,
  own: readonly string[],
  env: Record<string, string>,
): Promise<Record<string, unknown>> {
  const args = [join(packageRoot(), 'dist', 'test', 'support', program), ...own];
  if (own[0] === 'stdio') return { command: process.execPath, args, env };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  context.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const [port]: unknown[] = await once(child.stdout, 'data');
  return { url: `http://127.0.0.1:${String(port).trim()}/mcp` };
}
