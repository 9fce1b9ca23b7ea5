import { jsonSize } from '../lib/json-size.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { bareText, fromBase64, toBase64 } from './encoded.ts';
import { findLabelled } from './labelled.ts';
import { createNamed, type Named } from './named.ts';
import { NAMES, type Kind } from './names.ts';
import { findExactPii, findPii } from './pii.ts';
import { createFindSecrets } from './secrets.ts';
import { cutOut, type Find, type Span } from './span.ts';
import { crossing } from './crossing.ts';

/** A copy without data of these kinds. Throws a `RangeError` for what cannot be searched. */
export type Redact = (result: JsonObject, kinds: readonly Kind[]) => JsonObject;

/** Characters of all strings and keys: what can be searched without holding up the others. */
const MAX_TEXT = 1_048_576;
/** JSON in a text in JSON in a text. */
const MAX_NESTED = 4;
/** Values and keys of all JSON in texts: each is searched by itself. */
const MAX_VALUES = 100_000;
const MAX_DEPTH = 128;

type Detector = { readonly kind: Kind; readonly anywhere: Find; readonly exact: Find };

/** Makes the one that takes data out of results; `own` are the owner's secrets. */
export function createRedactResult(own: readonly string[]): Redact {
  const secrets = createFindSecrets(own);
  const detectors: readonly Detector[] = [
    { kind: 'pii', anywhere: findPii, exact: findExactPii },
    { kind: 'secrets', anywhere: secrets, exact: secrets },
  ];

  return function redact(result, kinds) {
    const wanted = detectors.filter(({ kind }) => kinds.includes(kind));
    const named = createNamed();
    const crossed = crossing(
      result,
      wanted.map(({ exact }) => exact),
      MAX_TEXT,
    );
    return named.without(createWalk(wanted, named, crossed).object(result, 0));
  };
}

function createWalk(
  wanted: readonly Detector[],
  named: Pick<Named, 'add'>,
  crossed: ReadonlyMap<number, readonly Span[]>,
): { readonly object: (value: JsonObject, nested: number) => JsonObject } {
  /** Which string of the result this is, in the order of `crossing`. */
  let place = 0;
  /** Values and keys of JSON in texts that may still come. */
  let left = MAX_VALUES;

  function kindOf(name: string): Kind | undefined {
    const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
    return wanted.find(({ kind }) => NAMES[kind].test(words))?.kind;
  }

  function object(value: JsonObject, nested: number, under?: Kind): JsonObject {
    const fresh = createFresh();
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        const key = fresh(text(name, nested, []));
        if (inner === undefined) return [key, inner];
        const kind = under ?? kindOf(name);
        const blob = kind === undefined ? encodedMember(value, name, inner, nested) : undefined;
        return [key, blob ?? any(inner, nested, kind)];
      }),
    );
  }

  function any(value: JsonValue, nested: number, under?: Kind): JsonValue {
    if (Array.isArray(value)) return value.map((item: JsonValue) => any(item, nested, under));
    if (isJsonObject(value)) return object(value, nested, under);
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    const spans = typeof value === 'string' && nested === 0 ? crossed.get(place++) : undefined;
    const written = String(value);
    if (under !== undefined && written !== '') {
      named.add(written, under);
      return `[redacted:${under}]`;
    }
    const kept = text(written, nested, spans ?? []);
    return kept === written ? value : kept;
  }

  function text(written: string, nested: number, spans: readonly Span[]): string {
    const rest = cutOut(written, spans);
    if (nested < MAX_NESTED) {
      const document = jsonIn(rest);
      if (document) spend(document);
      const kept = document && any(document, nested + 1);
      if (kept !== undefined && JSON.stringify(kept) !== JSON.stringify(document))
        return plain(JSON.stringify(kept, null, rest.includes('\n') ? 2 : 0));
    }
    const hidden = bareText(rest);
    if (hidden !== undefined && plain(hidden) !== hidden) return '[redacted:encoded]';
    return plain(rest);
  }

  function spend(document: JsonValue): void {
    const { values, depth } = jsonSize(document, Infinity, left);
    left -= values;
    if (left < 0) throw new RangeError(`more than ${MAX_VALUES} values of JSON in texts`);
    if (depth > MAX_DEPTH) throw new RangeError(`JSON in a text deeper than ${MAX_DEPTH}`);
  }

  function plain(written: string): string {
    const found = wanted.flatMap(({ kind, anywhere }) => [
      ...anywhere(written),
      ...findLabelled(written, kind),
    ]);
    return cutOut(written, found);
  }

  /** `blob` of a resource, `data` of a picture, `base64` of a file: text is searched, anything else cannot be. */
  function encodedMember(
    holder: JsonObject,
    name: string,
    inner: JsonValue,
    nested: number,
  ): string | undefined {
    const isBlob = name === 'blob' && typeof holder['uri'] === 'string';
    const isData = name === 'data' && typeof holder['mimeType'] === 'string';
    const isFile = name === 'base64';
    if ((!isBlob && !isData && !isFile) || typeof inner !== 'string') return undefined;
    if (nested === 0) place++;
    const decoded = fromBase64(inner);
    if (decoded === undefined)
      throw new RangeError('a picture, a recording or another file that is no text');
    const kept = text(decoded, nested + 1, []);
    return kept === decoded ? inner : toBase64(kept);
  }

  return { object };
}

/** Keeps keys apart that became the same. */
function createFresh(): (name: string) => string {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return function fresh(name) {
    let key = name;
    let more = next.get(name) ?? 2;
    while (taken.has(key)) key = `${name} ${more++}`;
    next.set(name, more);
    taken.add(key);
    return key;
  };
}

function jsonIn(text: string): JsonObject | readonly JsonValue[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse yields nothing else
    return Array.isArray(value) ? (value as readonly JsonValue[]) : undefined;
  } catch {
    return undefined;
  }
}
