import { readRecord } from './record.ts';
import type { AuditRecord, ChainEnd } from './record.ts';
import { readLines } from './lines.ts';

/** A record that cannot stand where it stands. */
export class ChainBreak extends Error {
  override readonly name = 'ChainBreak';
  /** From 1. */
  readonly line: number;
  readonly seq: number;

  constructor(line: number, seq: number, message: string) {
    super(message);
    this.line = line;
    this.seq = seq;
  }
}

export type Walked = {
  readonly end: ChainEnd;
  readonly records: number;
  /** Bytes behind the last line feed. */
  readonly tail: Buffer;
};

/**
 * Reads one segment from `start`, checking each record's spelling, hash, number and link. Without `start` the first
 * record is believed. Throws `ChainBreak` at the first record that does not fit.
 */
export function walkSegment(
  path: string,
  start: ChainEnd | undefined,
  onRecord: (record: AuditRecord, line: number) => void,
): Walked {
  let end = start ?? { seq: 0, prev: '' };
  let records = 0;
  let tail = Buffer.alloc(0);
  for (const line of readLines(path)) {
    if (!line.ended) {
      tail = Buffer.from(line.bytes);
      break;
    }
    const record = readRecord(line.bytes);
    if (typeof record === 'string') throw new ChainBreak(line.number, end.seq, record);
    if (!start && records === 0) end = { seq: record.seq, prev: record.prev };
    if (record.seq !== end.seq)
      throw new ChainBreak(line.number, record.seq, `seq is ${record.seq}, ${end.seq} was next`);
    if (record.prev !== end.prev)
      throw new ChainBreak(line.number, record.seq, 'prev is not the hash of the record before');
    onRecord(record, line.number);
    records++;
    end = { seq: record.seq + 1, prev: record.hash };
  }
  return { end, records, tail };
}

/** Whether a crash can have left these bytes: the beginning of a record, and nothing that was whole once. */
export function isTorn(tail: Buffer): boolean {
  const text = tail.toString('latin1');
  // A whole record whose line feed was changed or removed was not cut by a crash: that leaves a beginning alone.
  return text === '' || (text.startsWith('{') && !holdsWholeObject(text));
}

/** Whether the braces that the first one opens are closed again. */
function holdsWholeObject(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return true;
  }
  return false;
}
