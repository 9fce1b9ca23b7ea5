import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
} from 'yaml';

import { JsonError, parseJson } from '../lib/json.ts';
import { ConfigFault, keyOf, type ConfigPath, type ConfigProblem } from './problem.ts';

const MAX_BYTES = 1 << 20;
const MAX_DEPTH = 32;
const MAX_ALIASES = 100;

export type ConfigDocument = {
  /** Plain data as written, nothing expanded. */
  readonly value: unknown;
  /** A problem at the place where the key of this path stands, or its nearest parent that does. */
  problemAt(path: ConfigPath, why: string): ConfigProblem;
};

/**
 * Reads YAML 1.2 (core schema) or, for a name that ends in `.json`, JSON. Refuses what two readers could understand
 * differently: duplicate keys, tags, merge keys, `%YAML 1.1`, several documents. Throws `ConfigFault`.
 */
export function readDocument(bytes: Uint8Array | string, file: string | undefined): ConfigDocument {
  const fail = (message: string, line?: number, column?: number): ConfigProblem => ({
    key: '',
    message,
    file,
    line,
    column,
  });
  const text = decode(bytes);
  if (text === undefined) throw new ConfigFault(file, [fail('Cannot read it: it is not UTF-8')]);
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new ConfigFault(file, [fail(`Cannot read it: larger than ${MAX_BYTES} bytes`)]);
  if (file?.endsWith('.json') === true) checkJson(text, file, fail);

  const lines = new LineCounter();
  const { shielded, unshield } = shield(text);
  const document = parseDocument(shielded, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    strict: true,
    stringKeys: true,
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
  });
  const complaints = [...document.errors, ...document.warnings].slice(0, 20).map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return fail(`Cannot read it: ${lowerFirst(unshield(error.message))}`, line, col);
  });
  if (document.directives?.yaml.version !== '1.2')
    complaints.push(fail('Cannot read it: only YAML 1.2 is understood', 1, 1));
  if (complaints.length > 0) throw new ConfigFault(file, complaints);

  const read = (): unknown => document.toJS({ maxAliasCount: MAX_ALIASES });
  const value = plainValue(read, unshield, file, fail);
  return { value, problemAt };

  function problemAt(path: ConfigPath, why: string): ConfigProblem {
    const key = keyOf(path);
    const offset = offsetOf(path);
    const { line, col } =
      offset === undefined ? { line: undefined, col: undefined } : lines.linePos(offset);
    const what = key === '' ? 'the configuration' : key;
    return { key, message: `Cannot use ${what}: ${why}`, file, line, column: col };
  }

  function offsetOf(path: ConfigPath): number | undefined {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document);
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && unshield(String(item.key.value)) === step,
        );
        if (!pair) return offset;
        offset = startOf(pair.key) ?? offset;
        node = pair.value;
      } else if (isSeq(node) && typeof step === 'number') {
        node = node.items[step];
        offset = startOf(node) ?? offset;
      } else return offset;
    }
    return offset;
  }
}

function startOf(node: unknown): number | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every parsed node carries its range
  return (node as Node | null)?.range?.[0];
}

function decode(bytes: Uint8Array | string): string | undefined {
  if (typeof bytes === 'string') return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

type Fail = (message: string, line?: number, column?: number) => ConfigProblem;

/** What calls itself JSON must be JSON; the value is still taken from the one reader below. */
function checkJson(text: string, file: string, fail: Fail): void {
  try {
    parseJson(text, { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ConfigFault(file, [fail(error.message)]);
  }
}

/** Aliases can be expanded into gigabytes, point at their own parents, or name a prototype. */
function plainValue(
  read: () => unknown,
  unshield: (text: string) => string,
  file: string | undefined,
  fail: Fail,
): unknown {
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    const why = error instanceof Error ? lowerFirst(error.message) : 'unreadable';
    throw new ConfigFault(file, [fail(`Cannot read it: ${why}`)]);
  }
  return copy(value, 0);

  function copy(inner: unknown, depth: number): unknown {
    if (typeof inner === 'string') return unshield(inner);
    if (typeof inner !== 'object' || inner === null) return inner;
    if (depth >= MAX_DEPTH)
      throw new ConfigFault(file, [fail(`Cannot read it: nested deeper than ${MAX_DEPTH}`)]);
    if (Array.isArray(inner)) return inner.map((item) => copy(item, depth + 1));
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(inner)) {
      if (key === '__proto__')
        throw new ConfigFault(file, [fail('Cannot read it: the key __proto__ is refused')]);
      result[unshield(key)] = copy(item, depth + 1);
    }
    return result;
  }
}

// In a flow collection (`{ otlp: ${X} }`) YAML ends a plain scalar at a brace, so the braces of variables wear
// private-use characters while it is parsed. One unit for one unit: positions stay true.
const MASKS = { $: '\uE000', '{': '\uE001', '}': '\uE002' } as const;
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*(?::-[^{}\n]*)?)\}/gu;

/** Text with its variables shielded, and the way back; a text that uses those characters itself is left alone. */
function shield(text: string): {
  readonly shielded: string;
  readonly unshield: (inner: string) => string;
} {
  if (/[\uE000-\uE002]|\\u(?:0000)?e00[0-2]/iu.test(text))
    return { shielded: text, unshield: (inner) => inner };
  return {
    shielded: text.replace(VARIABLE, `${MASKS.$}${MASKS['{']}$1${MASKS['}']}`),
    unshield: (inner) =>
      inner.replaceAll(MASKS.$, '$').replaceAll(MASKS['{'], '{').replaceAll(MASKS['}'], '}'),
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
