import type { Claims, Measurements, PartName } from './claims.ts';

/** How much is proven, the least first; docs/attestation.md says what each means. */
export const LEVELS = ['self-asserted', 'measured', 'hardware-rooted'] as const;
export type Level = (typeof LEVELS)[number];

export type Proof = {
  readonly claims: Claims;
  readonly measurements: Measurements;
  /** The parts that are as a reference says. */
  readonly compared: ReadonlySet<PartName>;
  /** PCRs that are as a reference says, by the word of a TPM that is trusted; undefined where no TPM was asked. */
  readonly pcrs: ReadonlySet<string> | undefined;
  /** Whether the verifier has chosen the nonce. */
  readonly isFresh: boolean;
};

/** The code that made the claims. Equal policies under another program mean nothing. */
const CODE: readonly PartName[] = ['program', 'dependencies', 'node'];

/** Options of Node that load nothing. */
const HARMLESS = ['--enable-source-maps', '--max-old-space-size', '--no-warnings'];

/** What stands between a level and the one below it, for a person; none where it is reached. */
const MISSING: Readonly<Record<Exclude<Level, 'self-asserted'>, (proof: Proof) => string[]>> = {
  measured({ claims, measurements, compared }) {
    if (compared.size === 0) return ['no --expect: what it measured was compared with nothing'];
    const missing = CODE.filter((name) => !compared.has(name)).map(
      (name) => `--expect does not say which ${name} is right`,
    );
    const { node } = measurements;
    const options = 'options' in node ? node.options : [];
    const loading = options.filter((each) => !HARMLESS.includes(each));
    if (loading.length > 0)
      missing.push(`Node was started with ${loading.join(' ')}, which may load other code`);
    if (claims.dbgstat !== 'disabled') missing.push('a debugger could enter it');
    return missing;
  },
  'hardware-rooted'({ claims: { submods }, pcrs, isFresh }) {
    const { tpm } = submods;
    if ('unknown' in tpm) return [`there is no quote of a TPM in it: ${tpm.unknown}`];
    if (pcrs === undefined) return ['no --ak: the quote in it may be of any TPM, or of none'];
    const missing: string[] = [];
    // Every system on the machine can get a quote; the PCRs say which one it was.
    if (pcrs.size === 0) missing.push('--expect does not say which PCRs are right');
    if (!isFresh) missing.push('no --nonce: the quote may be an old one');
    return missing;
  },
};

/** The highest level that is proven with all those below it, and why it is not a higher one. */
export function levelOf(proof: Proof): {
  readonly level: Level;
  readonly notHigher: readonly string[];
} {
  let level: Level = 'self-asserted';
  for (const next of LEVELS) {
    const missing = next === 'self-asserted' ? [] : MISSING[next](proof);
    if (missing.length > 0) return { level, notHigher: missing };
    level = next;
  }
  return { level, notHigher: [] };
}
