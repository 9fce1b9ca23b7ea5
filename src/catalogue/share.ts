import { hash } from 'node:crypto';
import type { Subject } from '../call.ts';
import { fix } from '../lib/fixed.ts';
import { freezeJson, type JsonObject } from '../lib/json.ts';

/** By the digest of their text, for as long as anybody uses them. */
const definitions = new Map<string, WeakRef<JsonObject>>();
const unused = new FinalizationRegistry<string>((key) => {
  if (definitions.get(key)?.deref() === undefined) definitions.delete(key);
});

/**
 * The one frozen object for all definitions of the same text: a thousand sessions list the same servers, and what is found
 * out about an object that cannot change is remembered by it.
 */
export function shareDefinition(definition: JsonObject): JsonObject {
  const key = hash('sha256', JSON.stringify(definition), 'base64');
  const known = definitions.get(key)?.deref();
  if (known !== undefined) return known;
  const frozen = freezeJson(definition);
  definitions.set(key, new WeakRef(frozen));
  unused.register(frozen, key);
  return frozen;
}

/** Pins and classes change rarely; an owner who changes them all day starts over. */
const MAX_SUBJECTS = 16;
const subjects = new WeakMap<JsonObject, Map<string, Subject>>();

/** The one fixed object for all subjects that say the same of the same definition. */
export function shareSubject({ definition, ...said }: Subject): Subject {
  let known = subjects.get(definition);
  if (known === undefined) subjects.set(definition, (known = new Map()));
  const key = JSON.stringify(said);
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= MAX_SUBJECTS) known.clear();
  const { classes, source, sink } = said;
  const subject = fix({
    ...said,
    definition,
    classes: [...classes],
    source: [...source],
    sink: [...sink],
  });
  known.set(key, subject);
  return subject;
}
