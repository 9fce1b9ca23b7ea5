import {
  PART_NAMES,
  type Claims,
  type Measurements,
  type Part,
  type PartName,
} from '../../attest/claims.ts';
import { visible } from '../../lib/visible.ts';

type Known = Exclude<Part, { readonly unknown: string }>;

const COUNTED: Readonly<Partial<Record<PartName, string>>> = {
  dependencies: 'packages',
  policy: 'policies',
  lock: 'pins',
};
const WIDTH = Math.max(...PART_NAMES.map((name) => name.length));

/** What was measured, one line a part, for a person; of those in `compared` that they are as expected. */
export function showMeasurements(
  measurements: Measurements,
  compared: readonly PartName[] = [],
): string {
  return PART_NAMES.map((name) => {
    const part = measurements[name];
    return `${name.padEnd(WIDTH)}  ${visible('unknown' in part ? `unknown: ${part.unknown}` : describe(name, part))}${compared.includes(name) ? ', as expected' : ''}\n`;
  }).join('');
}

/** What a TPM has to do with it, in one line. */
export function showTpm({ submods: { tpm } }: Claims): string {
  const what =
    'unknown' in tpm
      ? `unknown: ${tpm.unknown}`
      : `a quote with ${Object.keys(tpm.pcrs).length} PCRs`;
  return `${'tpm'.padEnd(WIDTH)}  ${visible(what)}\n`;
}

function describe(name: PartName, part: Known): string {
  return `${part.digest}${notes(name, part)
    .map((note) => `, ${note}`)
    .join('')}`;
}

function notes(name: PartName, part: Known): string[] {
  const found: string[] = [];
  if ('version' in part) found.push(part.version);
  if ('name' in part) found.push(part.name);
  if ('count' in part) found.push(`${part.count} ${COUNTED[name] ?? 'in it'}`);
  if ('options' in part && part.options.length > 0)
    found.push(`started with ${part.options.join(' ')}`);
  if ('bundle' in part && part.bundle) {
    const { name: called, version, expires, signers } = part.bundle;
    found.push(
      `bundle ${called} version ${version} until ${expires}`,
      `signed by ${signers.join(' and ')}`,
    );
  }
  return found;
}
