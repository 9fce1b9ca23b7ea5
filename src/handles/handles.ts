import { randomBytes } from 'node:crypto';
import type { Caller, Label } from '../call.ts';
import { Denial } from '../denial.ts';
import { freezeJson, isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { jsonSize } from '../lib/json-size.ts';
import { follow, readPointer } from '../plans/pointer.ts';
import { personOf } from '../person.ts';
import { SESSION_MS } from '../suspicion/suspicion.ts';
import { shapeOf, valuesOf, type Shape } from './values.ts';

type Holder = Pick<Caller, 'issuer' | 'subject' | 'client'>;

/** Arguments with values in place of handles, and what those carry. */
export type Resolved = { readonly args: JsonObject; readonly labels: ReadonlySet<Label> };

/** Values that a model passes on and never reads: each belongs to one person with one client, in one process. */
export interface Handles {
  /**
   * What stands in for a result: a handle for each of its parts, and the kind and size of each; of what is structured also
   * `places`, which nobody but a reviewer of its tool has chosen. Throws `too-large`.
   */
  readonly keep: (
    holder: Holder,
    result: JsonObject,
    labels: Iterable<Label>,
    places?: readonly string[],
  ) => JsonObject;
  /** Undefined: there is no handle in them. Throws `arguments-invalid` for one that is not this holder's, or not alone. */
  readonly resolve: (holder: Holder, args: JsonObject) => Resolved | undefined;
}

export type HandleLimits = {
  /** Of one holder. */
  readonly most: number;
  /** As JSON, of one holder. */
  readonly bytes: number;
  /** Of all together. */
  readonly totalBytes: number;
};

export const HANDLE_LIMITS: HandleLimits = {
  most: 1000,
  bytes: 16_777_216,
  totalBytes: 134_217_728,
};

type Kept = {
  readonly value: JsonValue;
  readonly labels: readonly Label[];
  readonly bytes: number;
};
type Handle = Shape & { readonly ref: string };
type Shelf = { readonly kept: Map<string, Kept>; bytes: number; usedAt: number };

/** 128 bits: nobody guesses one, and where somebody does, it is another holder's. */
const HANDLE = /ref:[A-Za-z0-9_-]{22}/gu;
/** A handle, and perhaps `#` and a JSON Pointer (RFC 6901) into what is structured. */
const ALONE = /^(ref:[A-Za-z0-9_-]{22})(?:#(\/.{0,511}))?$/su;
const MOST_IN_CALL = 64;

/** Whether it is a handle by its form: some value takes its place before the call is made, or the call is refused. */
export function isHandle(text: string): boolean {
  return ALONE.test(text);
}

export function createHandles(now: () => number, limits: HandleLimits = HANDLE_LIMITS): Handles {
  /** Least recently used first. */
  const shelves = new Map<string, Shelf>();
  let total = 0;

  return {
    keep(holder, result, labels, places = []) {
      const parts = valuesOf(result).map((value) => ({ value, ...jsonSize(value, limits.bytes) }));
      const { structuredContent } = result;
      const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
      if (bytes > limits.bytes || parts.length > limits.most)
        throw new Denial('too-large', 'Cannot keep the result as a handle: it is too large', {
          hint: 'ask for less',
        });
      const shelf = shelfOf(holder);
      const carried = [...new Set(labels)];
      const handles = parts.map(({ value, bytes: size }): Handle => {
        const ref = `ref:${randomBytes(16).toString('base64url')}`;
        shelf.kept.set(ref, { value: freezeJson(value), labels: carried, bytes: size });
        shelf.bytes += size;
        total += size;
        const isPlaced = places.length > 0 && value === structuredContent && isJsonObject(value);
        return { ref, ...shapeOf(value), ...(isPlaced && { has: places.join(', ') }) };
      });
      makeRoom(shelf);
      return {
        content: [{ type: 'text', text: inWords(handles) }],
        structuredContent: { handles },
        ...(result['isError'] === true && { isError: true }),
      };
    },
    resolve(holder, args) {
      const labels = new Set<Label>();
      let count = 0;
      const shelf = shelves.get(personOf(holder));
      const resolved = put(args);
      if (count === 0 || !isJsonObject(resolved)) return undefined;
      if (shelf !== undefined) use(personOf(holder), shelf);
      return { args: freezeJson(resolved), labels };

      // Once, from the outside in: a value that looks like a handle is a value.
      function put(value: JsonValue): JsonValue {
        if (typeof value === 'string') return putText(value);
        if (Array.isArray(value)) return value.map((item: JsonValue) => put(item));
        if (!isJsonObject(value)) return value;
        return Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [
            key,
            inner === undefined ? undefined : put(inner),
          ]),
        );
      }

      function putText(text: string): JsonValue {
        if (!text.includes('ref:')) return text;
        const [, ref, pointer] = ALONE.exec(text) ?? [];
        if (ref === undefined) {
          for (const [part] of text.matchAll(HANDLE))
            if (shelf?.kept.has(part) === true)
              throw unusable('a handle stands for a whole argument, and not for a part of a text');
          return text;
        }
        const found = shelf?.kept.get(ref);
        const value = found && valueAt(found.value, pointer);
        // Whether there is a value and nothing at this place is not told apart.
        if (found === undefined || value === undefined) throw unusable('there is no such handle');
        if (++count > MOST_IN_CALL) throw unusable('too many handles in one call');
        for (const label of found.labels) labels.add(label);
        return value;
      }
    },
  };

  function shelfOf(holder: Holder): Shelf {
    const key = personOf(holder);
    const shelf = shelves.get(key) ?? { kept: new Map<string, Kept>(), bytes: 0, usedAt: 0 };
    use(key, shelf);
    return shelf;
  }

  function use(key: string, shelf: Shelf): void {
    shelf.usedAt = now();
    shelves.delete(key);
    shelves.set(key, shelf);
  }

  /** The oldest of the same holder goes first; then, where all together are too many, whose were not used longest. */
  function makeRoom(shelf: Shelf): void {
    for (const [ref, { bytes }] of shelf.kept) {
      if (shelf.kept.size <= limits.most && shelf.bytes <= limits.bytes) break;
      shelf.kept.delete(ref);
      shelf.bytes -= bytes;
      total -= bytes;
    }
    for (const [key, other] of shelves) {
      if (other === shelf) break;
      if (now() - other.usedAt <= SESSION_MS && total <= limits.totalBytes) break;
      shelves.delete(key);
      total -= other.bytes;
    }
  }
}

function valueAt(value: JsonValue, pointer = ''): JsonValue | undefined {
  const tokens = readPointer(pointer);
  return tokens && follow(value, tokens);
}

function unusable(why: string): Denial {
  return new Denial('arguments-invalid', `Cannot use a handle: ${why}`, {
    hint: 'pass on a handle that you were given, as the whole value of an argument, with nothing behind it but # and a JSON Pointer; after a restart or half a day it is gone, so call the tool again',
  });
}

function inWords(handles: readonly Handle[]): string {
  const lines = handles.map(({ ref, ...shape }) =>
    [
      ref,
      Object.entries(shape)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ].join('  '),
  );
  return [
    '[sallyport] The result is kept apart. Each line is a handle: give it as the whole value of an argument, and the gateway puts the value in; ref:…#/place gives one part of an object or list.',
    ...(lines.length === 0 ? ['(nothing)'] : lines),
  ].join('\n');
}
