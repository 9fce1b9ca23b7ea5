import { isJsonObject, type JsonValue } from '../lib/json.ts';

/** One string of a JSON value: a value or a key, and where it stands (RFC 6901, unusual keys as `*`). */
export type Piece = { readonly pointer: string; readonly text: string; readonly key: boolean };

const PLAIN_KEY = /^[\w$.-]{1,40}$/;

/** Every string in a value, keys included, in order. Walks without recursion, so that no depth overflows. */
export function stringsOf(root: JsonValue): Piece[] {
  const pieces: Piece[] = [];
  const open: { value: JsonValue | undefined; pointer: string }[] = [{ value: root, pointer: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer } = next;
    if (typeof value === 'string') pieces.push({ pointer, text: value, key: false });
    else if (Array.isArray(value)) {
      for (let at = value.length - 1; at >= 0; at--)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Array.isArray forgets the item type of readonly arrays
        open.push({ value: value[at] as JsonValue, pointer: `${pointer}/${at}` });
    } else if (isJsonObject(value)) {
      for (const key of Object.keys(value).toReversed()) {
        const inner = `${pointer}/${PLAIN_KEY.test(key) ? key : '*'}`;
        open.push({ value: value[key], pointer: inner });
      }
      for (const key of Object.keys(value)) pieces.push({ pointer, text: key, key: true });
    }
  }
  return pieces;
}
