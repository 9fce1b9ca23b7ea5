/** Splits a byte stream into lines, bounded: an endless line must not grow memory. */

import { END_LENGTH } from './answered-id.ts';

export type LineEvents = {
  /** One line without its end; `\r\n` counts as one end. Empty lines are skipped. */
  onLine(line: Buffer): void;
  /** A line grew over the limit; it is thrown away up to its end. `head` is the first of it. */
  onOversize(head: Buffer): void;
  /** That end has come; `tail` is the last of the line. */
  onSkipped?(tail: Buffer): void;
};

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Returns the function that takes each chunk. `maxBytes` is the longest line it keeps. */
export function createLineSplitter(maxBytes: number, events: LineEvents): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let held = 0;
  let skipping = false;
  let tail: Buffer = Buffer.alloc(0);

  function skip(part: Buffer): void {
    // A copy: a view would keep the chunk it is a part of.
    tail = Buffer.concat([tail, part.subarray(-END_LENGTH)]).subarray(-END_LENGTH);
  }

  function endSkipped(part: Buffer): void {
    skip(part);
    skipping = false;
    const last = tail;
    tail = Buffer.alloc(0);
    events.onSkipped?.(last);
  }

  function finish(last: Buffer): void {
    const line = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    held = 0;
    const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
    if (end > 0) events.onLine(line.subarray(0, end));
  }

  function keep(part: Buffer): void {
    held += part.length;
    if (held <= maxBytes) {
      if (part.length > 0) parts.push(part);
      return;
    }
    oversize(part);
    skip(part);
  }

  function oversize(last: Buffer): void {
    const head = Buffer.from((parts[0] ?? last).subarray(0, END_LENGTH));
    // What comes last may be a single byte, and the end is more.
    for (const part of parts) skip(part);
    parts = [];
    held = 0;
    skipping = true;
    events.onOversize(head);
  }

  return function split(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const part = chunk.subarray(start, end);
      start = end + 1;
      if (!skipping && held + part.length > maxBytes) oversize(part);
      if (skipping) endSkipped(part);
      else finish(part);
    }
    if (start === chunk.length) return;
    const rest = chunk.subarray(start);
    if (skipping) skip(rest);
    else keep(rest);
  };
}
