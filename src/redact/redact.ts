import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { bareText, fromBase64, toBase64 } from './encoded.ts';
import { findLabelled } from './labelled.ts';
import { NAMES, type Kind } from './names.ts';
import { findExactPii, findPii } from './pii.ts';
import { createFindSecrets } from './secrets.ts';
import { cutOut, type Find, type Span } from './span.ts';
import { crossing } from './crossing.ts';

/** A copy without data of these kinds. Throws a `RangeError` for what cannot be searched. */
export type Redact = (result: JsonObject, kinds: readonly Kind[]) => JsonObject;

/** Characters of all strings: what can be searched without holding up the others. */
const MAX_TEXT = 1_048_576;
/** JSON in a text in JSON in a text. */
const MAX_NESTED = 4;
/** Values of named fields that are looked for in all other texts; shorter ones would hit ordinary words. */
const MAX_NAMED = 256;
const SHORTEST_NAMED = 4;

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
    const named = new Map<string, Kind>();
    const crossed = crossing(
      result,
      wanted.map(({ exact }) => exact),
      MAX_TEXT,
    );
    const walked = createWalk(wanted, named, crossed).object(result, 0);
    // A name in a field stands in the text beside it as well.
    return named.size === 0 ? walked : withoutNamed(walked, named);
  };
}

function createWalk(
  wanted: readonly Detector[],
  named: Map<string, Kind>,
  crossed: ReadonlyMap<number, readonly Span[]>,
): { readonly object: (value: JsonObject, nested: number) => JsonObject } {
  /** Which string of the result this is, in the order of `crossing`. */
  let place = 0;

  function kindOf(name: string): Kind | undefined {
    const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
    return wanted.find(({ kind }) => NAMES[kind].test(words))?.kind;
  }

  function object(value: JsonObject, nested: number, under?: Kind): JsonObject {
    const taken = new Set<string>();
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        const key = fresh(text(name, nested, []), taken);
        const blob = inner === undefined ? undefined : encodedMember(value, name, inner, nested);
        return [
          key,
          inner === undefined ? undefined : (blob ?? any(inner, nested, under ?? kindOf(name))),
        ];
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
      if (written.length >= SHORTEST_NAMED && named.size < MAX_NAMED) named.set(written, under);
      return `[redacted:${under}]`;
    }
    const kept = text(written, nested, spans ?? []);
    return kept === written ? value : kept;
  }

  function text(written: string, nested: number, spans: readonly Span[]): string {
    const rest = cutOut(written, spans);
    if (nested < MAX_NESTED) {
      const document = jsonIn(rest);
      const kept = document && any(document, nested + 1);
      if (kept !== undefined && JSON.stringify(kept) !== JSON.stringify(document))
        return plain(JSON.stringify(kept, null, rest.includes('\n') ? 2 : 0));
    }
    const hidden = bareText(rest);
    if (hidden !== undefined && plain(hidden) !== hidden) return '[redacted:encoded]';
    return plain(rest);
  }

  function plain(written: string): string {
    const found = wanted.flatMap(({ kind, anywhere }) => [
      ...anywhere(written),
      ...findLabelled(written, kind),
    ]);
    return cutOut(written, found);
  }

  /** `blob` of a resource and `data` of a picture: text is searched, anything else cannot be. */
  function encodedMember(
    holder: JsonObject,
    name: string,
    inner: JsonValue,
    nested: number,
  ): string | undefined {
    const isBlob = name === 'blob' && typeof holder['uri'] === 'string';
    const isData = name === 'data' && typeof holder['mimeType'] === 'string';
    if ((!isBlob && !isData) || typeof inner !== 'string') return undefined;
    if (nested === 0) place++;
    const decoded = fromBase64(inner);
    if (decoded === undefined)
      throw new RangeError('a picture, a recording or another file that is no text');
    const kept = text(decoded, nested + 1, []);
    return kept === decoded ? inner : toBase64(kept);
  }

  return { object };
}

function fresh(name: string, taken: Set<string>): string {
  let key = name;
  for (let more = 2; taken.has(key); more++) key = `${name} ${more}`;
  taken.add(key);
  return key;
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

function withoutNamed(result: JsonObject, named: ReadonlyMap<string, Kind>): JsonObject {
  const forms = [...named.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((form) => form.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  const any = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${forms.join('|')})(?![\p{L}\p{N}])`, 'gu');
  const strip = (text: string): string =>
    text.replace(any, (found) => `[redacted:${named.get(found) ?? 'pii'}]`);
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
