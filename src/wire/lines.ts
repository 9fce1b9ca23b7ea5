/** Splits a byte stream into lines, bounded: an endless line must not grow memory. */

export type LineEvents = {
  /** One line without its end; `\r\n` counts as one end. Empty lines are skipped. */
  onLine(line: Buffer): void;
  /** A line grew over the limit; it is thrown away up to its end. */
  onOversize(): void;
};

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Returns the function that takes each chunk. `maxBytes` is the longest line it keeps. */
export function createLineSplitter(maxBytes: number, events: LineEvents): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let held = 0;
  let skipping = false;

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
    parts = [];
    held = 0;
    skipping = true;
    events.onOversize();
  }

  return function split(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const part = chunk.subarray(start, end);
      start = end + 1;
      if (skipping) skipping = false;
      else if (held + part.length > maxBytes) {
        parts = [];
        held = 0;
        events.onOversize();
      } else finish(part);
    }
    if (start < chunk.length && !skipping) keep(chunk.subarray(start));
  };
}
