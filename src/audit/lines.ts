import { closeSync, openSync, readSync } from 'node:fs';

/** No line that we write is longer: fields of a record are bounded to a total far below. */
export const MAX_LINE = 262_144;
const CHUNK = 65_536;

export type Line = {
  /** Without the line feed. */
  readonly bytes: Buffer;
  /** From 1. */
  readonly number: number;
  /** Offset of the byte after this line. */
  readonly end: number;
  /** False for what stands behind the last line feed. */
  readonly ended: boolean;
};

/** Reads a file line by line in constant memory; a longer line than `MAX_LINE` comes in pieces, not ended. */
export function* readLines(path: string, from = 0): Generator<Line> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    let rest = Buffer.alloc(0);
    let number = 0;
    let end = from;
    for (let offset = from; ;) {
      const size = readSync(file, chunk, 0, CHUNK, offset);
      if (size === 0) break;
      offset += size;
      const text = Buffer.concat([rest, chunk.subarray(0, size)]);
      let start = 0;
      for (let at = text.indexOf(0x0a); at !== -1; at = text.indexOf(0x0a, start)) {
        end += at + 1 - start;
        yield { bytes: text.subarray(start, at), number: ++number, end, ended: true };
        start = at + 1;
      }
      rest = text.subarray(start);
      if (rest.length > MAX_LINE) break;
    }
    if (rest.length > 0)
      yield { bytes: rest, number: number + 1, end: end + rest.length, ended: false };
  } finally {
    closeSync(file);
  }
}

const LARGE = 1_048_576;

/** Whether a text stands anywhere in a file; much faster than reading its lines. */
export function holds(path: string, text: string): boolean {
  const wanted = Buffer.from(text);
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(wanted.length + LARGE);
    // The end of the last chunk: the text may begin there.
    let kept = 0;
    for (let offset = 0; ;) {
      const size = readSync(file, chunk, kept, LARGE, offset);
      if (size === 0) return false;
      const read = chunk.subarray(0, kept + size);
      if (read.includes(wanted)) return true;
      offset += size;
      kept = Math.min(wanted.length, read.length);
      read.copy(chunk, 0, read.length - kept);
    }
  } finally {
    closeSync(file);
  }
}
