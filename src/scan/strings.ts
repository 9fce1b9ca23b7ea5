import { isJsonObject, type JsonValue } from '../lib/json.ts';

/** A place in a JSON value; shared by what stands under it, because most pointers are never asked for. */
export type Place = {
  readonly parent: Place | undefined;
  readonly step: string;
  /** The same place in every row: indices as `#`. */
  readonly column: string;
};

/** One string of a JSON value: a value or a key, and where it stands. */
export type Piece = { readonly place: Place; readonly text: string; readonly key: boolean };

const PLAIN_KEY = /^[\w$.-]{1,40}$/;
const ROOT: Place = { parent: undefined, step: '', column: '' };

/** Every string in a value, keys included, in order. Walks without recursion, so that no depth overflows. */
export function stringsOf(root: JsonValue): Piece[] {
  const pieces: Piece[] = [];
  const open: { value: JsonValue | undefined; place: Place }[] = [{ value: root, place: ROOT }];
  const under = (
    place: Place,
    value: JsonValue | undefined,
    step: string,
    column: string,
  ): void => {
    // Numbers and truth values say nothing.
    if (typeof value === 'string' || (typeof value === 'object' && value !== null))
      open.push({ value, place: { parent: place, step, column: `${place.column}/${column}` } });
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, place } = next;
    if (typeof value === 'string') pieces.push({ place, text: value, key: false });
    else if (Array.isArray(value)) {
      for (let at = value.length - 1; at >= 0; at--)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Array.isArray forgets the item type of readonly arrays
        under(place, value[at] as JsonValue, String(at), '#');
    } else if (isJsonObject(value)) {
      const keys = Object.keys(value);
      for (const key of keys.toReversed()) {
        const step = PLAIN_KEY.test(key) ? key : '*';
        under(place, value[key], step, /^\d+$/.test(step) ? '#' : step);
      }
      for (const key of keys) pieces.push({ place, text: key, key: true });
    }
  }
  return pieces;
}

/** The pointer of a place (RFC 6901, unusual keys as `*`). */
export function pointerOf(place: Place): string {
  const steps: string[] = [];
  for (let at: Place | undefined = place; at?.parent; at = at.parent) steps.push(at.step);
  return steps
    .map((step) => `/${step}`)
    .toReversed()
    .join('');
}
