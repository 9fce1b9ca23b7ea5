import type { Denial } from '../../denial.ts';
import type { Language } from '../../sandbox/languages.ts';
import { createLocalSandbox } from '../../sandbox/local-sandbox.ts';
import type { Probe } from '../../sandbox/sandbox.ts';
import type { Tier } from '../../sandbox/tier.ts';
import type { Io } from '../command.ts';

export type Best = {
  readonly tier: Tier;
  /** What it runs. */
  readonly language: Language;
  /** What whoever asks for gVisor is told here; absent where there is gVisor. */
  readonly withoutGvisor?: Denial;
};

/** Strongest first. A virtual machine would be stronger, but has to be built before it starts. */
const TRIED: readonly Best[] = [
  { tier: 'gvisor', language: 'python' },
  { tier: 'process', language: 'python' },
  { tier: 'wasm', language: 'javascript' },
];

/** The strongest of these that works here; gVisor, and so a refusal, where none does. */
export async function bestTier(io: Pick<Io, 'env' | 'stderr'>): Promise<Best> {
  let withoutGvisor: Denial | undefined;
  for (const best of TRIED) {
    const probe = await probeTier(best.tier, io);
    if (probe.ok) return { ...best, ...(withoutGvisor && { withoutGvisor }) };
    withoutGvisor ??= probe.denial;
  }
  return { tier: 'gvisor', language: 'python' };
}

async function probeTier(tier: Tier, { env, stderr }: Pick<Io, 'env' | 'stderr'>): Promise<Probe> {
  const log = (line: string): void => void stderr.write(`${line}\n`);
  const sandbox = createLocalSandbox({ env, only: tier, log });
  const probe = await sandbox.probe(tier);
  await sandbox.close();
  return probe;
}
