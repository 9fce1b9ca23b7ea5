import { createLocalSandbox, type LocalOptions } from '../../../src/sandbox/local-sandbox.ts';
import type { Run, RunResult, Sandbox } from '../../../src/sandbox/sandbox.ts';

/** The wasm tier and no other: no Docker is asked. */
export function openWasm(options: Partial<LocalOptions> = {}): Sandbox {
  return createLocalSandbox({
    env: {},
    host: 'unix:///nonexistent/docker.sock',
    only: 'wasm',
    log: () => {},
    ...options,
  });
}

export async function run(
  sandbox: Sandbox,
  program: Partial<Run> & { code: string },
): Promise<RunResult> {
  return await sandbox.run({
    language: 'javascript',
    // Nothing is to end at it: a busy machine starts slowly.
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    ...program,
  });
}
