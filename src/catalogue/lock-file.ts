import * as z from 'zod';
import { CLASSES } from '../call.ts';
import { JsonError, parseJson } from '../lib/json.ts';
import { Fault } from '../lib/fault.ts';
import { DEFINITION_KINDS, KINDS } from './definition.ts';
import type { Kind } from './definition.ts';
import { visible } from '../lib/visible.ts';
import { readPointer } from '../plans/pointer.ts';

const label = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/u, 'a label is 1 to 64 of A-Z a-z 0-9 _ . : -');

const pointer = z.string().refine((text) => (readPointer(text) ?? []).length > 0, {
  error: 'expected a JSON Pointer to an argument, such as /url',
});

const lockEntry = z.strictObject({
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/u, 'expected sha256: and 64 hex digits'),
  // A tool without a class would escape every policy that forbids a class.
  classes: z.array(z.enum(CLASSES)).min(1),
  dataClass: z.int().min(0).max(3),
  source: z.array(label),
  sink: z.array(label),
  sendsTo: z.array(pointer).min(1).exactOptional(),
  handle: z.boolean().exactOptional(),
  reviewed: z.boolean(),
});
const section = z.record(z.string(), lockEntry).optional();
const lockDocument = z.strictObject({
  version: z.literal(1),
  servers: z.record(
    z.string(),
    z.strictObject({
      tools: section,
      resources: section,
      resourceTemplates: section,
      prompts: section,
      introduction: section,
    }),
  ),
});

/** What a person accepted about one definition. */
export type LockEntry = Readonly<z.infer<typeof lockEntry>>;

/** One accepted definition and where it stands. */
export type LockRow = {
  readonly server: string;
  readonly kind: Kind;
  readonly name: string;
  readonly entry: LockEntry;
};

/** Rows by `lockKey`: a Map, because upstreams choose names like `constructor`. */
export type LockRows = ReadonlyMap<string, LockRow>;

export function lockKey(server: string, kind: Kind, name: string): string {
  return JSON.stringify([server, kind, name]);
}

export const LOCK_LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 8 } as const;
const SHOWN_PROBLEMS = 10;

/** Reads a lock file strictly. Throws a `Fault` that names every problem; a broken lock is never an empty one. */
export function parseLock(bytes: Uint8Array, path: string): LockRows {
  const parsed = lockDocument.safeParse(readJson(bytes, path));
  if (!parsed.success) throw broken(path, parsed.error.issues.map(describeIssue));
  const rows = new Map<string, LockRow>();
  for (const [server, sections] of Object.entries(parsed.data.servers))
    for (const kind of KINDS)
      for (const [name, entry] of Object.entries(sections[DEFINITION_KINDS[kind].section] ?? {}))
        rows.set(lockKey(server, kind, name), { server, kind, name, entry });
  return rows;
}

function readJson(bytes: Uint8Array, path: string): unknown {
  try {
    return parseJson(bytes, LOCK_LIMITS);
  } catch (error) {
    if (error instanceof JsonError) throw broken(path, [error.message]);
    throw error;
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(String).join(' / ');
  return visible(where === '' ? issue.message : `${where}: ${issue.message}`);
}

function broken(path: string, problems: readonly string[]): Fault {
  const rest = problems.length - SHOWN_PROBLEMS;
  const shown = problems.slice(0, SHOWN_PROBLEMS).join('; ');
  return new Fault(
    `Cannot use the lock file ${path}: ${shown}${rest > 0 ? `; and ${rest} more` : ''}`,
    { hint: 'mend it by hand or take the last version from git; it is not replaced' },
  );
}

/**
 * Writes the lock file: sorted by code unit, two spaces, lists on one line, a newline at the end. The same rows are always
 * the same text. Characters that a diff would hide are written as escapes.
 */
export function formatLock(rows: LockRows): string {
  const servers = group([...rows.values()], (row) => row.server).map(
    ([server, ofServer]) =>
      [
        server,
        block(
          KINDS.flatMap((kind) => {
            const ofKind = ofServer.filter((row) => row.kind === kind);
            const lines = ofKind
              .toSorted((a, b) => compare(a.name, b.name))
              .map((row) => [row.name, formatEntry(row.entry)] as const);
            return lines.length === 0
              ? []
              : [[DEFINITION_KINDS[kind].section, block(lines, 3)] as const];
          }),
          2,
        ),
      ] as const,
  );
  const text = block(
    [
      ['version', '1'],
      ['servers', block(servers, 1)],
    ],
    0,
  );
  return `${visible(text, '\n')}\n`;
}

function formatEntry(entry: LockEntry): string {
  return block(
    [
      ['hash', JSON.stringify(entry.hash)],
      ['classes', list(entry.classes)],
      ['dataClass', String(entry.dataClass)],
      ['source', list(entry.source)],
      ['sink', list(entry.sink)],
      ...(entry.handle === undefined ? [] : [['handle', String(entry.handle)] as const]),
      ...(entry.sendsTo ? [['sendsTo', list(entry.sendsTo)] as const] : []),
      ['reviewed', String(entry.reviewed)],
    ],
    4,
  );
}

function list(items: readonly string[]): string {
  return `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;
}

function block(members: readonly (readonly [string, string])[], depth: number): string {
  if (members.length === 0) return '{}';
  const indent = '  '.repeat(depth + 1);
  const lines = members.map(([key, value]) => `${indent}${JSON.stringify(key)}: ${value}`);
  return `{\n${lines.join(',\n')}\n${'  '.repeat(depth)}}`;
}

function group<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const found = groups.get(key);
    if (found === undefined) groups.set(key, [item]);
    else found.push(item);
  }
  return [...groups].toSorted(([a], [b]) => compare(a, b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
