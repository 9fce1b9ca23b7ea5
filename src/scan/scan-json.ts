import type { Finding } from '../call.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Channel } from './channel.ts';
import type { Scan, Scanning } from './scan.ts';
import { stringsOf, type Piece } from './strings.ts';

export type ScanJson = (value: JsonValue, channel: Channel) => Scanning;

/**
 * Scans every string of a JSON value, keys included: all values in order as one text, all keys as one, and the values
 * under each repeated key as one, so that an attack split over fields, rows or items is read whole. A finding's `view`
 * ends in the pointer of the string, its offsets are those of that string.
 */
export function createScanJson(scan: Scan): ScanJson {
  const scanKeys = rememberShort(scan);

  return function scanJson(value, channel) {
    const pieces = stringsOf(value);
    const values = pieces.filter((piece) => !piece.key && piece.text !== '');
    const keys = distinctKeys(pieces.filter((piece) => piece.key));
    const results = [scanPieces(scan, values, channel)];
    if (keys.length > 0) results.push(scanPieces(scanKeys, keys, channel));
    const rows = columns(values);
    if (rows.length > 0) results.push(scanPieces(scan, rows, channel));
    const strongest = results.reduce((most, result) => (result.score > most.score ? result : most));
    return { ...strongest, findings: results.flatMap(({ findings }) => findings).slice(0, 50) };
  };
}

const MAX_SHORT = 2048;
const MAX_REMEMBERED = 512;

/** The answers for short texts are kept, as a scan is a function of its arguments: results of one tool have the same keys. */
function rememberShort(scan: Scan): Scan {
  const known = new Map<string, Scanning>();
  return function scanShort(text, channel) {
    if (text.length > MAX_SHORT) return scan(text, channel);
    const key = `${channel} ${text}`;
    let scanning = known.get(key);
    if (scanning === undefined) {
      scanning = scan(text, channel);
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(key, scanning);
    }
    return scanning;
  };
}

function distinctKeys(keys: readonly Piece[]): Piece[] {
  return [...new Map(keys.map((piece) => [piece.text, piece])).values()];
}

/** Strings under the same key of different objects, the rows of a table, column after column. */
function columns(values: readonly Piece[]): Piece[] {
  const byKey = new Map<string, Piece[]>();
  for (const piece of values) {
    const key = piece.pointer.replaceAll(/\/\d+(?=\/|$)/g, '/#');
    const column = byKey.get(key);
    if (column) column.push(piece);
    else byKey.set(key, [piece]);
  }
  return byKey.size < 2 ? [] : [...byKey.values()].filter(({ length }) => length > 1).flat();
}

function scanPieces(scan: Scan, pieces: readonly Piece[], channel: Channel): Scanning {
  const starts: number[] = [];
  let length = 0;
  for (const { text } of pieces) {
    starts.push(length);
    length += text.length + 1;
  }
  const result = scan(pieces.map(({ text }) => text).join('\n'), channel);
  return { ...result, findings: result.findings.map((finding) => within(pieces, starts, finding)) };
}

function within(pieces: readonly Piece[], starts: readonly number[], finding: Finding): Finding {
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
  return {
    rule: finding.rule,
    view: `${finding.view} ${piece?.pointer ?? ''}${piece?.key ? ' key' : ''}`.slice(0, 160),
    start: Math.min(finding.start - start, size),
    end: Math.min(finding.end - start, size),
  };
}
