import { isJsonObject, type JsonValue } from './json.ts';

/** How many values and keys a value is made of, the bytes of UTF-8 it takes as JSON, escapes aside, and how deep it nests. Stops counting past `maxBytes` or `maxValues`; no recursion. */
export function jsonSize(
  root: JsonValue,
  maxBytes: number,
  maxValues = Infinity,
): { bytes: number; depth: number; values: number } {
  let values = 0;
  let bytes = 0;
  let depth = 0;
  const open: { value: JsonValue | undefined; level: number }[] = [{ value: root, level: 0 }];
  for (let next = open.pop(); next !== undefined && bytes <= maxBytes; next = open.pop()) {
    if (++values > maxValues) break;
    const { value, level } = next;
    if (typeof value === 'string') bytes += Buffer.byteLength(value) + 2;
    else if (typeof value !== 'object' || value === null) bytes += 5;
    else {
      depth = Math.max(depth, level + 1);
      bytes += 2;
      if (isJsonObject(value))
        for (const [key, inner] of Object.entries(value)) {
          bytes += Buffer.byteLength(key) + 4;
          values++;
          open.push({ value: inner, level: level + 1 });
        }
      else
        for (const inner of value) {
          bytes += 1;
          open.push({ value: inner, level: level + 1 });
        }
    }
  }
  return { bytes, depth, values };
}
