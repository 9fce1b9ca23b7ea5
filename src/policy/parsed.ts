import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PolicyJson, SchemaJson } from './cedar.ts';
import { PARSED } from './policies.ts';
import type { Source } from './sources.ts';

/**
 * What Cedar makes of the schema and the policies that are shipped, by sha256 of their exact text: reading and checking
 * them was two thirds of the time until policies are in force. A text that was changed by a letter is not here, and goes
 * through Cedar.
 */
export type Parsed = {
  readonly schemas: Readonly<Record<string, SchemaJson>>;
  readonly policies: Readonly<Record<string, PolicyJson>>;
  /** Sets, as `setDigest`, in which Cedar's validator finds nothing. */
  readonly sound: readonly string[];
};

let known: Parsed | undefined;

/** The shipped texts as Cedar reads them. A test holds them against Cedar. */
export function shippedParsed(): Parsed {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of this package, as trusted as its code
  known ??= JSON.parse(readFileSync(PARSED, 'utf8')) as Parsed;
  return known;
}

/** Of everything that validation looks at. */
export function setDigest(sources: readonly Source[], base: string): string {
  return textDigest(JSON.stringify([base, sources.map(({ text }) => text)]));
}

export function textDigest(text: string): string {
  return hash('sha256', text);
}
