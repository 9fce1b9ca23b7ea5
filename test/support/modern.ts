import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { packageRoot } from '../../src/lib/package-root.ts';
import { scratch } from './scratch.ts';

type Habit = 'only' | 'late';
export type ModernServer = {
  /** The entry of a configuration. */
  readonly entry: Record<string, unknown>;
  /** What it was called with; over HTTP with the headers of each request. */
  log(): string[];
};

const program = join(packageRoot(), 'dist', 'test', 'support', 'modern-server.js');

/** The server of `modern-server.ts`, over stdio or HTTP; over HTTP it ends with the test. */
export async function modernServer(
  context: TestContext,
  transport: 'stdio' | 'http',
  ...habits: Habit[]
): Promise<ModernServer> {
  const file = join(await scratch(context), 'modern.log');
  const args = [program, transport, ...habits];
  const log = (): string[] =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  if (transport === 'stdio')
    return { entry: { command: process.execPath, args, env: { LOG: file } }, log };
  const child = spawn(process.execPath, args, {
    env: { LOG: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  context.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const [port]: unknown[] = await once(child.stdout, 'data');
  return { entry: { url: `http://127.0.0.1:${String(port).trim()}/mcp` }, log };
}
