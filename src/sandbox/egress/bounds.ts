import { findRule, readRule, type EgressRule } from './allowlist.ts';
import type { Destination } from './destination.ts';

/** Lists of policies; a connection has to be on each of them, beside being on the configuration's. */
export type Bounds = readonly (readonly EgressRule[])[];

/** In place of a list: no connection at all. */
export const NOWHERE = 'none';
const MAX_ENTRIES = 64;

/**
 * Reads a list as a policy writes it: entries as in the configuration with a blank between them, or `none`. Undefined for
 * anything else.
 */
export function readBound(text: string): readonly EgressRule[] | undefined {
  if (text === NOWHERE) return [];
  const entries = text.split(' ');
  if (entries.length > MAX_ENTRIES) return undefined;
  const rules = entries.map((entry) => readRule(entry));
  return rules.every((rule) => typeof rule !== 'string') ? rules : undefined;
}

/** Reads lists that a policy loaded with. Throws where one is none: a lost bound would be a wider way out. */
export function readBounds(texts: readonly string[]): Bounds {
  return texts.map((text) => {
    const rules = readBound(text);
    if (!rules) throw new TypeError(`Cannot connect: ${JSON.stringify(text)} is no list`);
    return rules;
  });
}

/** Whether every list has the destination, in the way it is asked for: `http://` of one is not TLS of another. */
export function isWithin(bounds: Bounds, plain: boolean, destination: Destination): boolean {
  return bounds.every((rules) =>
    findRule(
      rules.filter((rule) => rule.plain === plain),
      destination,
    ),
  );
}
