import { isDeepStrictEqual } from 'node:util';

import { parse, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';

import { Fault } from '../../lib/fault.ts';
import { sectionChanges } from './edit-section.ts';

const OPTIONS = { allowTrailingComma: true, allowEmptyContent: true };
const MAX_BYTES = 64 << 20;
const MAX_DEPTH = 200;

/** One object of servers in a client's file. */
export type Section = {
  /** Where it stands, e.g. `['projects', '/home/a', 'mcpServers']`. */
  readonly path: readonly string[];
  /** As written, in order. */
  readonly servers: readonly { readonly name: string; readonly value: unknown }[];
};

/** What becomes of one section: these servers go, this entry comes in the place of the first of them. */
export type SectionEdit = {
  readonly path: readonly string[];
  readonly remove: ReadonlySet<string>;
  readonly entry: { readonly name: string; readonly value: unknown };
};

export interface ClientText {
  readonly text: string;
  /** The value at a path, or undefined. */
  valueAt(path: readonly string[]): unknown;
  /** The keys of the object at a path; none where there is no object. */
  keysAt(path: readonly string[]): readonly string[];
  /** The servers below a path; undefined where there is no such object. Throws when it lists a name twice. */
  sectionAt(path: readonly string[]): Section | undefined;
  /** The text with the edits made and every other byte as it was: comments, order, indentation, line ends. */
  edit(edits: readonly SectionEdit[]): string;
}

/** Reads a client's file: JSON with or without comments, trailing commas and a byte order mark. Throws Fault. */
export function readClientText(bytes: Uint8Array, file: string): ClientText {
  const text = decode(bytes, file);
  const root = tree(text, file);
  return { text, valueAt, keysAt, sectionAt, edit };

  function nodeAt(path: readonly string[]): Node | undefined {
    let node = root;
    for (const step of path) {
      const found = properties(node).filter((property) => keyOf(property) === step);
      // One reader takes the first, another the last: what is shown here might not be what runs.
      if (found.length > 1) throw new Fault(`Cannot read ${file}: the key ${step} is there twice`);
      node = found[0]?.children?.[1];
    }
    return node;
  }

  function valueAt(path: readonly string[]): unknown {
    const node = nodeAt(path);
    return node === undefined ? undefined : toValue(node);
  }

  function keysAt(path: readonly string[]): readonly string[] {
    return properties(nodeAt(path)).map(keyOf);
  }

  function sectionAt(path: readonly string[]): Section | undefined {
    const node = nodeAt(path);
    if (node?.type !== 'object') return undefined;
    const servers = properties(node).map((property) => ({
      name: keyOf(property),
      value: property.children?.[1] ? toValue(property.children[1]) : undefined,
    }));
    const twice = servers.find(({ name }, at) => servers.findIndex((s) => s.name === name) !== at);
    if (twice) throw new Fault(`Cannot read ${file}: the server ${twice.name} is there twice`);
    return { path, servers };
  }

  function edit(edits: readonly SectionEdit[]): string {
    const changes = edits.flatMap((one) => {
      const node = nodeAt(one.path);
      return node === undefined ? [] : sectionChanges(text, node, one);
    });
    let result = text;
    for (const { from, to, by } of changes.toSorted((a, b) => b.from - a.from))
      result = result.slice(0, from) + by + result.slice(to);
    checkEdits(edits, result);
    return result;
  }

  /** A slip here would lose somebody's servers, so the new text is read again before anybody writes it. */
  function checkEdits(edits: readonly SectionEdit[], result: string): void {
    const after = readClientText(Buffer.from(result), file);
    const sections = edits.map((one) => one.path);
    const meant = edits.every((one) => {
      const want = new Map(
        asEntries(sectionAt(one.path)).filter(([name]) => !one.remove.has(name)),
      );
      want.set(one.entry.name, plain(one.entry.value));
      return isDeepStrictEqual(new Map(asEntries(after.sectionAt(one.path))), want);
    });
    if (!meant || !isDeepStrictEqual(without(text, sections), without(result, sections)))
      throw new TypeError(`Cannot edit ${file}: the result is not what was meant`);
  }
}

function asEntries(section: Section | undefined): [string, unknown][] {
  return (section?.servers ?? []).map(({ name, value }) => [name, plain(value)]);
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** The whole document with these sections cut out. */
function without(text: string, sections: readonly (readonly string[])[]): unknown {
  const value: unknown = parse(text.replace(/^\uFEFF/u, ''), [], OPTIONS);
  for (const path of sections) {
    let inner: unknown = value;
    for (const step of path.slice(0, -1))
      inner = typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined;
    const last = path.at(-1);
    if (typeof inner === 'object' && inner !== null && last !== undefined)
      Reflect.deleteProperty(inner, last);
  }
  return value;
}

function decode(bytes: Uint8Array, file: string): string {
  if (bytes.byteLength > MAX_BYTES)
    throw new Fault(`Cannot read ${file}: larger than ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault(`Cannot read ${file}: it is not UTF-8`);
  }
}

/** The mark is blanked, not cut, so that offsets stay true. */
function tree(text: string, file: string): Node | undefined {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text.replace(/^\uFEFF/u, ' '), errors, OPTIONS);
  } catch (cause) {
    throw new Fault(`Cannot read ${file}: it is nested too deeply`, { cause });
  }
  const [error] = errors;
  if (error) {
    const before = text.slice(0, error.offset).split('\n');
    const place = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    const what = printParseErrorCode(error.error)
      .replace(/(?!^)[A-Z]/gu, ' $&')
      .toLowerCase();
    throw new Fault(`Cannot read ${file}: invalid JSON at ${place}, ${what}`, {
      hint: 'nothing was changed; mend the file first',
    });
  }
  if (root !== undefined && root.type !== 'object')
    throw new Fault(`Cannot read ${file}: it holds no JSON object`);
  return root;
}

function properties(node: Node | undefined): readonly Node[] {
  return node?.type === 'object' ? (node.children ?? []) : [];
}

function keyOf(property: Node): string {
  return String(property.children?.[0]?.value);
}

/** Plain data; objects without a prototype, so that a key called `__proto__` is a key. */
function toValue(node: Node, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new Fault('Cannot read a server: it is nested too deeply');
  if (node.type === 'array') return (node.children ?? []).map((item) => toValue(item, depth + 1));
  if (node.type !== 'object') return node.value;
  const value: Record<string, unknown> = Object.create(null);
  for (const property of properties(node)) {
    const inner = property.children?.[1];
    if (inner) value[keyOf(property)] = toValue(inner, depth + 1);
  }
  return value;
}
