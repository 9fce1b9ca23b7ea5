import type { JsonObject } from '../../lib/json.ts';
import { stringsOf } from '../../scan/strings.ts';
import { drawsContext } from './draws-context.ts';
import { hiddenText } from './hidden.ts';
import type { Suspicion } from './suspicion.ts';

const known = new WeakMap<JsonObject, readonly Suspicion[]>();

/** What every string of a definition says by itself, keys, enum values, defaults and examples too. Linear in its size. */
export function suspiciousTexts(definition: JsonObject): readonly Suspicion[] {
  const before = known.get(definition);
  if (before !== undefined) return before;
  const pieces = stringsOf(definition);
  const found = [...hiddenText(pieces), ...drawsContext(pieces)];
  if (Object.isFrozen(definition)) known.set(definition, found);
  return found;
}
