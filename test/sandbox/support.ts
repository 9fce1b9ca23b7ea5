import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { Denial } from '../../src/denial.ts';
import { Fault } from '../../src/lib/fault.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { connect } from '../../src/sandbox/engine.ts';
import { createLocalSandbox, type LocalOptions } from '../../src/sandbox/local-sandbox.ts';
import type { Run, RunResult, Sandbox } from '../../src/sandbox/sandbox.ts';

const { env } = process;

/** Why tests that need Docker with gVisor cannot run; `false` where they can. */
export const noDocker: string | false =
  env['DOCKER_HOST'] === undefined
    ? (env['SALLYPORT_NO_DOCKER'] ?? 'no DOCKER_HOST: npm test starts Docker with gVisor')
    : false;

export const CACHE = env['SALLYPORT_TEST_CACHE'] ?? join(tmpdir(), 'sallyport-test-cache');

/** A real sandbox on the engine of the tests. */
export function openSandbox(options: Partial<LocalOptions> = {}): Sandbox {
  return createLocalSandbox({ env, cache: CACHE, log: () => {}, ...options });
}

export async function run(
  sandbox: Sandbox,
  program: Partial<Run> & { code: string },
): Promise<RunResult> {
  return await sandbox.run({
    language: 'python',
    // Nothing is to end at it: a busy machine starts Python slowly.
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    ...program,
  });
}

/** The same in a cell that waited for it. */
export async function runWarm(
  sandbox: Sandbox,
  program: Partial<Run> & { code: string },
): Promise<RunResult> {
  for (;;) {
    const result = await run(sandbox, program);
    if (result.path === 'hot') return result;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Why a sandbox with these options runs no program. */
export async function refusal(options: Partial<LocalOptions>): Promise<Denial> {
  const sandbox = openSandbox(options);
  try {
    await run(sandbox, { language: 'bash', code: 'echo ran' });
  } catch (error) {
    assert.ok(error instanceof Denial, String(error));
    return error;
  } finally {
    await sandbox.close();
  }
  throw new Error('it ran');
}

/** Containers on the engine whose id is one of `ids`, running or not. */
export async function containersLeft(ids: readonly string[]): Promise<string[]> {
  const docker = new Docker(dockerHost(env).options);
  const all = await docker.listContainers({ all: true });
  return all.map(({ Id }) => Id).filter((id) => ids.includes(id));
}

/** Why the engine that this environment names is not used; `connected` where it is. There is always a hint. */
export async function refusalOf(from: NodeJS.ProcessEnv): Promise<string> {
  try {
    await connect(dockerHost(from), 'runsc');
  } catch (error) {
    assert.ok(error instanceof Denial || error instanceof Fault, String(error));
    assert.ok(error.hint);
    return error.message;
  }
  return 'connected';
}
