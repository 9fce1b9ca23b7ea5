import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import type { Driver } from '../../src/sandbox/driver.ts';
import type { Path } from '../../src/sandbox/path.ts';
import { createSandbox, type RunResult } from '../../src/sandbox/sandbox.ts';
import type { Tier } from '../../src/sandbox/tier.ts';

/** Makes cells that say whose they are. */
function driverOf(facts: Pick<Driver, 'tier' | 'name' | 'isOnlyAsked'>): Driver {
  return {
    ...facts,
    canary: { language: 'bash', code: '', read: () => undefined },
    open: async () =>
      await Promise.resolve({
        id: facts.name,
        execute: async () =>
          await Promise.resolve({
            stdout: facts.name,
            stderr: '',
            exitCode: 0,
            ended: 'exited' as const,
            truncated: false,
          }),
        destroy: async () => await Promise.resolve(),
      }),
    refusal: (error) => Denial.from(error),
    reap: async () => await Promise.resolve(0),
  };
}

async function serve(tier: Tier, path: Path): Promise<RunResult> {
  const sandbox = createSandbox({
    drivers: [
      driverOf({ tier: 'gvisor', name: 'gvisor' }),
      driverOf({ tier: 'microvm', name: 'emulated', isOnlyAsked: true }),
      driverOf({ tier: 'wasm', name: 'wasm' }),
    ],
    now: Date.now,
    random: (bytes) => '0'.repeat(2 * bytes),
    log: () => undefined,
  });
  try {
    return await sandbox.run({
      language: 'bash',
      code: '',
      timeoutMs: 1000,
      tier,
      terms: { traceId: '0'.repeat(32), path, isolation: tier, egress: [] },
      signal: new AbortController().signal,
    });
  } finally {
    await sandbox.close();
  }
}

for (const [tier, path, name] of [
  ['gvisor', 'standard', 'gvisor'],
  ['gvisor', 'escalation', 'gvisor'],
  ['wasm', 'escalation', 'gvisor'],
  ['microvm', 'standard', 'emulated'],
  ['microvm', 'escalation', 'emulated'],
] as const satisfies readonly (readonly [Tier, Path, string])[])
  test(`who asks for ${tier} on the way ${path} gets ${name}`, async () => {
    assert.equal((await serve(tier, path)).stdout, name);
  });
