import { PART_NAMES, type Measurements, type Part, type PartName } from '../../attest/claims.ts';
import { visible } from '../../lib/visible.ts';

/** What was measured, one line a part, for a person; of those in `compared` that they are as expected. */
export function showMeasurements(
  measurements: Measurements,
  compared: readonly PartName[] = [],
): string {
  const width = Math.max(...PART_NAMES.map((name) => name.length));
  return PART_NAMES.map((name) => {
    const part = measurements[name];
    return `${name.padEnd(width)}  ${visible('unknown' in part ? `unknown: ${part.unknown}` : describe(part))}${compared.includes(name) ? ', as expected' : ''}\n`;
  }).join('');
}

function describe(part: Exclude<Part, { readonly unknown: string }>): string {
  return `${part.digest}${notes(part)
    .map((note) => `, ${note}`)
    .join('')}`;
}

function notes(part: Exclude<Part, { readonly unknown: string }>): string[] {
  const found: string[] = [];
  if ('version' in part) found.push(part.version);
  if ('name' in part) found.push(part.name);
  if ('count' in part) found.push(`${part.count} in it`);
  if ('options' in part && part.options.length > 0)
    found.push(`started with ${part.options.join(' ')}`);
  if ('bundle' in part && part.bundle) {
    const { name, version, expires, signers } = part.bundle;
    found.push(
      `bundle ${name} version ${version} until ${expires}`,
      `signed by ${signers.join(' and ')}`,
    );
  }
  return found;
}
