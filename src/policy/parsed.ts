import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Fault } from '../lib/fault.ts';
import { isJsonObject } from '../lib/json.ts';
import type { Cedar, PolicyJson, SchemaJson } from './cedar.ts';
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
  /** sha256 of the file, hexadecimal; absent where nothing was taken from one. */
  readonly digest?: string;
};

/** With this everything goes through Cedar. */
export const NOTHING_PARSED: Parsed = { schemas: {}, policies: {}, sound: [] };

let known: Parsed | undefined;

/** The shipped texts as this Cedar reads them. Throws a `Fault` for a broken file. A test holds them against Cedar. */
export function shippedParsed(cedar: Cedar): Parsed {
  known ??= readParsed(
    readFileSync(PARSED, 'utf8'),
    cedar.use((module) => module.getCedarVersion()),
  );
  return known;
}

/** The text of such a file; nothing where another version of Cedar has made it. Throws a `Fault` where it is broken. */
export function readParsed(text: string, version: string): Parsed {
  const parsed = parseOrFail(text);
  const { cedar, ...made } = parsed;
  if (cedar !== version) return NOTHING_PARSED;
  return deepFreeze({ ...made, digest: textDigest(text) });
}

function parseOrFail(text: string): Parsed & { readonly cedar: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (isParsed(value)) return value;
  } catch {
    // Said below.
  }
  throw new Fault(`Cannot load policies: ${PARSED} is broken`, { hint: 'install Sallyport again' });
}

/** The members alone: what Cedar wrote in them is as trusted as the code of this package. */
function isParsed(value: unknown): value is Parsed & { readonly cedar: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'cedar' in value &&
    typeof value.cedar === 'string' &&
    'schemas' in value &&
    isJsonObject(value.schemas) &&
    'policies' in value &&
    isJsonObject(value.policies) &&
    'sound' in value &&
    Array.isArray(value.sound)
  );
}

/** All gates of a process share these objects: a change by one would be another policy for the next. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

/** Of everything that validation looks at. */
export function setDigest(sources: readonly Source[], base: string): string {
  return textDigest(JSON.stringify([base, sources.map(({ text }) => text)]));
}

export function textDigest(text: string): string {
  return hash('sha256', text);
}
