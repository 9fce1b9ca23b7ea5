const NEWLINE = 0x0a;

/**
 * Lines of a byte stream, cut at line feeds alone (JSON text may hold U+2028, which `readline` would cut at). A line
 * longer than `maxBytes` comes as undefined; its bytes are not kept.
 */
export async function* readLines(
  stream: AsyncIterable<Buffer | string>,
  maxBytes: number,
): AsyncGenerator<Buffer | undefined> {
  let parts: Buffer[] = [];
  let size = 0;
  const finish = (): Buffer | undefined => {
    const line = size > maxBytes ? undefined : Buffer.concat(parts);
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      size += end - start;
      parts.push(bytes.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    size += bytes.length - start;
    if (size <= maxBytes) parts.push(bytes.subarray(start));
    else parts = [];
  }
  if (size > 0) yield finish();
}
