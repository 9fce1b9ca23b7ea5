import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import type { Kind } from './names.ts';

/** Values of named fields that are looked for in all other texts; shorter ones would hit ordinary words. */
const LENGTH = { least: 4, most: 256 } as const;
const MOST = 256;

/** What stood in fields whose name says what it is. */
export interface Named {
  add(value: string, kind: Kind): void;
  /** A copy without these values wherever else they stand. */
  without(result: JsonObject): JsonObject;
}

export function createNamed(): Named {
  const kinds = new Map<string, Kind>();
  return {
    add(value, kind) {
      const fits = value.length >= LENGTH.least && value.length <= LENGTH.most;
      if (fits && kinds.size < MOST) kinds.set(value, kind);
    },
    // A name in a field stands in the text beside it as well.
    without: (result) => (kinds.size === 0 ? result : withoutNamed(result, kinds)),
  };
}

function withoutNamed(result: JsonObject, kinds: ReadonlyMap<string, Kind>): JsonObject {
  const any = new RegExp(
    String.raw`(?<![\p{L}\p{N}])${oneOf([...kinds.keys()])}(?![\p{L}\p{N}])`,
    'gu',
  );
  const strip = (text: string): string =>
    text.replace(any, (found) => `[redacted:${kinds.get(found) ?? 'pii'}]`);
  function walk(value: JsonValue): JsonValue {
    if (typeof value === 'string') return strip(value);
    if (Array.isArray(value)) return value.map((item: JsonValue) => walk(item));
    return isJsonObject(value) ? walkObject(value) : value;
  }
  function walkObject(value: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        inner === undefined || PROTOCOL.has(key) ? inner : walk(inner),
      ]),
    );
  }
  return walkObject(result);
}

/** Words of the protocol, which no name of a person may break. */
const PROTOCOL: ReadonlySet<string> = new Set(['type', 'mimeType', 'role']);

type Node = { readonly next: Map<string, Node>; isEnd: boolean };

/** The longest of them that stands there. What they begin with alike is compared once, not once for each of them. */
function oneOf(values: readonly string[]): string {
  const root: Node = { next: new Map(), isEnd: false };
  for (const value of values) {
    let node = root;
    for (const character of value) {
      const inner = node.next.get(character) ?? { next: new Map(), isEnd: false };
      node.next.set(character, inner);
      node = inner;
    }
    node.isEnd = true;
  }
  return sourceOf(root);
}

function sourceOf({ next, isEnd }: Node): string {
  const ways = Array.from(
    next,
    ([character, inner]) =>
      character.replace(/[$()*+.?[\\\]^{|}/]/, String.raw`\$&`) + sourceOf(inner),
  );
  if (ways.length === 0) return '';
  return ways.length > 1 || isEnd ? `(?:${ways.join('|')})${isEnd ? '?' : ''}` : (ways[0] ?? '');
}
