import { hash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { canonicalJson, isJsonObject, quote } from '../lib/json.ts';
import { inOrder } from '../lib/members.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';

/** What every record has; the rest depends on the event. */
export type AuditRecord = JsonObject & {
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly prev: string;
  readonly hash: string;
  readonly traceId: string;
  readonly event: string;
};

const HEX64 = /^[0-9a-f]{64}$/;

export function sha256(text: string): string {
  return hash('sha256', text);
}

/** `prev` of the first record of a run: binds the chain to the name of its files. */
export function chainStart(run: string): string {
  return sha256(`sallyport audit v1\n${run}`);
}

/** Where a chain stands: the next record must have this `seq` and this `prev`. */
export type ChainEnd = { readonly seq: number; readonly prev: string };

/** An object's members as canonical JSON. */
export function membersOf(object: JsonObject): Map<string, string> {
  const members = new Map<string, string>();
  for (const [name, inner] of Object.entries(object))
    if (inner !== undefined) members.set(name, canonicalJson(inner));
  return members;
}

/**
 * Makes the next record of a chain, of members as canonical JSON. `hash` is SHA-256, hex, of the text `prev` followed by
 * the canonical record without `hash`.
 */
export function sealRecord(
  members: Map<string, string>,
  end: ChainEnd,
): { line: string; hash: string } {
  members.set('prev', quote(end.prev)).set('seq', String(end.seq));
  let before = '';
  let after = '';
  for (const { name, start } of inOrder(members))
    if (name < 'hash') before += `${start}${members.get(name)},`;
    else after += `,${start}${members.get(name)}`;
  const digest = sha256(`${end.prev}{${before}${after.slice(1)}}`);
  return { line: `{${before}"hash":"${digest}"${after}}\n`, hash: digest };
}

/** The one JSON object a line holds in its canonical spelling; undefined for any other bytes. */
export function readCanonical(line: Buffer): JsonObject | undefined {
  // Decoding replaces bytes that are not UTF-8, and two different lines would read the same.
  if (!isUtf8(line)) return undefined;
  const text = line.toString('utf8');
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse yields nothing else
    const value = JSON.parse(text) as JsonValue;
    // Equal to its canonical form: no white space, no duplicate key, no second spelling of a number or an escape.
    return isJsonObject(value) && canonicalJson(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads one record and checks that it fits its own hash. Returns a sentence when it does not. */
export function readRecord(line: Buffer): AuditRecord | string {
  const value = readCanonical(line);
  if (!value) return 'the line is not a record in canonical JSON';
  if (!isRecord(value)) return 'the record lacks one of seq, time, prev, hash, traceId, event';
  // The line is canonical, so taking the member out of the text is taking it out of the record; `prev` follows it.
  const text = line.toString('utf8');
  const member = `"hash":"${value.hash}",`;
  const at = text.indexOf(member);
  if (sha256(value.prev + text.slice(0, at) + text.slice(at + member.length)) !== value.hash)
    return 'the hash does not fit the record';
  return value;
}

function isRecord(value: JsonObject): value is AuditRecord {
  return (
    Number.isSafeInteger(value['seq']) &&
    typeof value['time'] === 'string' &&
    typeof value['prev'] === 'string' &&
    HEX64.test(value['prev']) &&
    typeof value['hash'] === 'string' &&
    typeof value['traceId'] === 'string' &&
    typeof value['event'] === 'string'
  );
}
