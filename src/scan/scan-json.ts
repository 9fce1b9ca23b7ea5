import type { Finding } from '../call.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Channel } from './channel.ts';
import type { Scan, Scanning } from './scan.ts';
import { pointerOf, stringsOf, type Piece } from './strings.ts';

export type ScanJson = (value: JsonValue, channel: Channel) => Scanning;

/** A scan that answers at once or later. */
export type ScanEventually = (text: string, channel: Channel) => Scanning | Promise<Scanning>;

/**
 * Scans every string of a JSON value, keys included: all values in order as one text, all keys as one, and the values
 * under each repeated key as one, so that an attack split over fields, rows or items is read whole. A finding's `view`
 * ends in the pointer of the string, its offsets are those of that string.
 */
export function createScanJson(scan: Scan): ScanJson {
  const scanKeys = rememberShort(scan);

  return function scanJson(value, channel) {
    const sheets = sheetsOf(value);
    return together(
      sheets,
      sheets.map(({ text, isKeys }) => (isKeys ? scanKeys : scan)(text, channel)),
    );
  };
}

/** The same with a scan that may answer later. */
export function createScanJsonEventually(
  scan: ScanEventually,
): (value: JsonValue, channel: Channel) => Promise<Scanning> {
  const scanKeys = rememberShort(scan);

  return async function scanJsonEventually(value, channel) {
    const sheets = sheetsOf(value);
    return together(
      sheets,
      await Promise.all(
        sheets.map(async ({ text, isKeys }) => await (isKeys ? scanKeys : scan)(text, channel)),
      ),
    );
  };
}

const MAX_SHORT = 2048;
const MAX_REMEMBERED = 512;

/** The answers for short texts are kept, as a scan is a function of its arguments: results of one tool have the same keys. */
function rememberShort<T>(
  scan: (text: string, channel: Channel) => T,
): (text: string, channel: Channel) => T {
  const known = new Map<string, T>();
  return function scanShort(text, channel) {
    if (text.length > MAX_SHORT) return scan(text, channel);
    const key = `${channel} ${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const scanning = scan(text, channel);
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, scanning);
    return scanning;
  };
}

/** Pieces put together into one text, and where each of them starts in it. */
type Sheet = {
  readonly pieces: readonly Piece[];
  readonly starts: readonly number[];
  readonly text: string;
  readonly isKeys: boolean;
};

function sheetsOf(value: JsonValue): Sheet[] {
  const pieces = stringsOf(value);
  const values = pieces.filter((piece) => !piece.key && piece.text !== '');
  const keys = distinctKeys(pieces.filter((piece) => piece.key));
  const rows = columns(values);
  return [
    sheetOf(values, false),
    ...(keys.length > 0 ? [sheetOf(keys, true)] : []),
    ...(rows.length > 0 ? [sheetOf(rows, false)] : []),
  ];
}

function sheetOf(pieces: readonly Piece[], isKeys: boolean): Sheet {
  const starts: number[] = [];
  let length = 0;
  for (const { text } of pieces) {
    starts.push(length);
    length += text.length + 1;
  }
  return { pieces, starts, text: pieces.map(({ text }) => text).join('\n'), isKeys };
}

function distinctKeys(keys: readonly Piece[]): Piece[] {
  return [...new Map(keys.map((piece) => [piece.text, piece])).values()];
}

/** Strings under the same key of different objects, the rows of a table, column after column. */
function columns(values: readonly Piece[]): Piece[] {
  const byColumn = new Map<string, Piece[]>();
  for (const piece of values) {
    const column = byColumn.get(piece.place.column);
    if (column) column.push(piece);
    else byColumn.set(piece.place.column, [piece]);
  }
  return byColumn.size < 2 ? [] : [...byColumn.values()].filter(({ length }) => length > 1).flat();
}

const GRAVITY = { pass: 0, mark: 1, block: 2 } as const;

/** The gravest verdict, and what was found anywhere. */
function together(sheets: readonly Sheet[], scannings: readonly Scanning[]): Scanning {
  const gravest = scannings.reduce((most, one) => {
    const graver = GRAVITY[one.verdict] - GRAVITY[most.verdict];
    return graver > 0 || (graver === 0 && one.score > most.score) ? one : most;
  });
  const findings = scannings.flatMap((one, at) => {
    const sheet = sheets[at];
    return sheet ? one.findings.map((finding) => within(sheet, finding)) : [];
  });
  return { ...gravest, findings: findings.slice(0, 50) };
}

function within({ pieces, starts }: Sheet, finding: Finding): Finding {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= finding.start) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low];
  const start = starts[low] ?? 0;
  const size = piece?.text.length ?? 0;
  const pointer = piece ? pointerOf(piece.place) : '';
  return {
    ...finding,
    view: `${finding.view} ${pointer}${piece?.key ? ' key' : ''}`.slice(0, 160),
    start: Math.min(finding.start - start, size),
    end: Math.min(finding.end - start, size),
  };
}
