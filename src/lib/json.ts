/** Parses JSON once, strictly: what two parsers could read differently is refused (RFC 8259 §4, RFC 7493). */

export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[];
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export type JsonLimits = {
  /** Bytes of UTF-8. */
  readonly maxBytes: number;
  /** Nested arrays and objects. */
  readonly maxDepth: number;
  /** Values, keys not counted. Without it as many as fit. */
  readonly maxValues?: number;
};

export type JsonProblem =
  | 'too-large'
  | 'too-deep'
  | 'not-utf8'
  | 'bom'
  | 'syntax'
  | 'duplicate-key'
  | 'number'
  | 'forbidden-key';

/** Hostile or broken input; `problem` is closed, the message is safe to show. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly problem: JsonProblem;

  constructor(problem: JsonProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads one JSON text. Throws `JsonError`. Numbers are IEEE doubles, as in `JSON.parse`. */
export function parseJson(input: Uint8Array | string, limits: JsonLimits): JsonValue {
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength;
  if (size > limits.maxBytes)
    throw new JsonError(
      'too-large',
      `Cannot read JSON: ${size} bytes, the limit is ${limits.maxBytes}`,
    );
  const text = typeof input === 'string' ? input : decode(input);
  if (text.charCodeAt(0) === 0xfe_ff)
    throw new JsonError('bom', 'Cannot read JSON: it starts with a byte order mark');
  checkStructure(text, limits);
  const value = parse(text);
  // It would be `Infinity` here and `null` behind the gate: not what the policies have seen.
  if (HUGE.test(text) && hasInfinity(value))
    throw new JsonError('number', 'Cannot read JSON: a number is beyond what a double holds');
  return value;
}

function parse(text: string): JsonValue {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse yields nothing else
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    // V8 quotes the text, and a text that is no message may hold anything.
    const at = /at position \d+/.exec(cause instanceof Error ? cause.message : '')?.[0];
    throw new JsonError(
      'syntax',
      `Cannot read JSON: bad syntax${at === undefined ? '' : ` ${at}`}`,
    );
  }
}

/** How a number has to look to be infinite; texts may look so too. */
const HUGE = /\d[eE]\+?\d{3}|(?<!\d)\d{200}/u;

function hasInfinity(root: JsonValue): boolean {
  const rest: (JsonValue | undefined)[] = [root];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (typeof next === 'number' && !Number.isFinite(next)) return true;
    if (typeof next === 'object' && next !== null)
      for (const inner of Object.values(next)) if (inner !== undefined) rest.push(inner);
  }
  return false;
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new JsonError('not-utf8', 'Cannot read JSON: it is not UTF-8');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = { object: 0x7b, array: 0x5b } as const;
const CLOSE = { object: 0x7d, array: 0x5d } as const;

/** One pass before `JSON.parse`, which keeps the last of two equal keys and nests without limit. */
function checkStructure(text: string, { maxDepth, maxValues = Infinity }: JsonLimits): void {
  /** As many as there are commas and openings, at most. */
  let values = 1;
  /** Keys seen per open object; null for an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if ((unit === COMMA || unit === OPEN.object || unit === OPEN.array) && ++values > maxValues)
      throw new JsonError('too-large', `Cannot read JSON: more than ${maxValues} values`);
    if (unit === QUOTE) {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) noteKey(keys, text.slice(at, end + 1));
      at = end;
    } else if (unit === OPEN.object || unit === OPEN.array) {
      if (open.length >= maxDepth)
        throw new JsonError('too-deep', `Cannot read JSON: nested deeper than ${maxDepth}`);
      open.push(unit === OPEN.object ? new Set() : null);
    } else if (unit === CLOSE.object || unit === CLOSE.array) open.pop();
  }
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  throw new JsonError('syntax', 'Cannot read JSON: a string does not end');
}

function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return text[at] === ':';
}

function noteKey(keys: Set<string>, literal: string): void {
  const key = literal.includes('\\') ? unescapeKey(literal) : literal.slice(1, -1);
  // `__proto__` becomes the prototype of whatever later copies the object key by key.
  if (key === '__proto__')
    throw new JsonError('forbidden-key', 'Cannot read JSON: the key __proto__ is refused');
  if (keys.has(key))
    throw new JsonError(
      'duplicate-key',
      `Cannot read JSON: duplicate key ${JSON.stringify(key.slice(0, 64))}`,
    );
  keys.add(key);
}

function unescapeKey(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    throw new JsonError('syntax', 'Cannot read JSON: a key has a bad escape');
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Freezes a JSON value and everything in it. */
export function freezeJson<T extends JsonValue>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) if (inner !== undefined) freezeJson(inner);
  }
  return value;
}

/** What stands in JSON as it stands in memory: most strings, and quoting them is most of the work. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A string as `JSON.stringify` writes it. */
export function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Canonical text: keys sorted by code unit, no white space (RFC 8785 for values that came from JSON). */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- isArray widens readonly arrays to any[]
    for (const item of value as readonly JsonValue[]) text += `,${canonicalJson(item)}`;
    return `[${text.slice(1)}]`;
  }
  if (!isJsonObject(value)) throw new TypeError('Cannot write canonical JSON: not a JSON value');
  for (const key of Object.keys(value).toSorted()) {
    const inner = value[key];
    if (inner !== undefined) text += `,${quote(key)}:${canonicalJson(inner)}`;
  }
  return `{${text.slice(1)}}`;
}
