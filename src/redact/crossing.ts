import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import type { Find, Span } from './span.ts';

/**
 * What stands across the borders of strings, a key that one text block begins and the next one ends: for each string of
 * a value, by its place in the order of the document, the part of it. Throws a `RangeError` above `most` characters, keys
 * included.
 */
export function crossing(
  value: JsonObject,
  finds: readonly Find[],
  most: number,
): ReadonlyMap<number, readonly Span[]> {
  const pieces = piecesOf(value, most);
  const judged = new Map<number, Judged>();
  const starts: number[] = [];
  let text = '';
  for (const { shown } of pieces) {
    starts.push(text.length);
    text += shown;
  }
  const crossed = new Map<number, Span[]>();
  for (const { start, end, kind } of finds.flatMap((find) => find(text))) {
    let at = indexOf(starts, start);
    const first = pieces[at];
    if (!first || end <= (starts[at] ?? 0) + first.shown.length) continue;
    if (kind === 'email' && isWholeElsewhere(at, end)) continue;
    for (; at < pieces.length && (starts[at] ?? end) < end; at++) {
      const piece = pieces[at];
      const from = starts[at] ?? 0;
      const length = piece?.shown.length ?? 0;
      if (!piece) continue;
      const span = { start: Math.max(0, start - from), end: Math.min(length, end - from), kind };
      const known = crossed.get(piece.place);
      if (known) known.push(span);
      else crossed.set(piece.place, [span]);
    }
  }
  return crossed;

  /**
   * Any word continues an address in front of it, or begins one behind it. An address that is whole takes nothing from
   * what follows, and nothing from another field.
   */
  function isWholeElsewhere(from: number, end: number): boolean {
    if (judge(from).endsInOne) return true;
    const lists = new Set<object>();
    let hasOne = false;
    for (let at = from; at < pieces.length && (starts[at] ?? end) < end; at++) {
      const list = pieces[at]?.list;
      if (list) lists.add(list);
      hasOne ||= judge(at).hasOne;
    }
    return hasOne && lists.size > 1;
  }

  /** Each piece is searched once, however many addresses touch it. */
  function judge(at: number): Judged {
    const known = judged.get(at);
    if (known) return known;
    const shown = pieces[at]?.shown ?? '';
    const ends = finds
      .flatMap((find) => find(shown))
      .filter(({ kind }) => kind === 'email')
      .map((span) => span.end);
    const found = { hasOne: ends.length > 0, endsInOne: ends.includes(shown.length) };
    judged.set(at, found);
    return found;
  }
}

/** Whether a mail address stands in a piece, and at its end. */
type Judged = { readonly hasOne: boolean; readonly endsInOne: boolean };

type Piece = {
  readonly place: number;
  readonly shown: string;
  /** The innermost list it is in, else the object. */
  readonly list: object;
};

/** Words of the protocol stand between the texts that a reader puts together. */
const BETWEEN: ReadonlySet<string> = new Set(['type', 'mimeType', 'role', 'uri', 'blob', 'data']);

function piecesOf(root: JsonObject, most: number): Piece[] {
  const pieces: Piece[] = [];
  let place = 0;
  let length = 0;
  function walk(value: JsonValue, key: string, list: object): void {
    if (typeof value === 'string') {
      count(value);
      if (value !== '' && !BETWEEN.has(key)) pieces.push({ place, shown: value, list });
      place++;
    } else if (Array.isArray(value)) for (const item of value) walk(item, key, value);
    else if (isJsonObject(value))
      for (const [name, inner] of Object.entries(value)) {
        count(name);
        if (inner !== undefined) walk(inner, name, Array.isArray(list) ? list : value);
      }
  }
  function count(text: string): void {
    length += text.length;
    if (length > most) throw new RangeError(`more than ${most} characters`);
  }
  walk(root, '', root);
  return pieces;
}

/** The last start that is not behind `at`. */
function indexOf(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
