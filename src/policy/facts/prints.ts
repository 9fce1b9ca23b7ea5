import type { JsonObject } from '../../lib/json.ts';
import { decode } from './decode.ts';
import { leavesOf } from './leaves.ts';

/** What is kept of texts to know parts of them again: hashes alone, the oldest forgotten first. */
export type Prints = {
  /** Labels that are no longer known by their text: of what was forgotten, or too long to be kept. */
  readonly add: (value: JsonObject, labels: readonly string[]) => readonly string[];
  /** Of whatever reappears in it; undefined where it is too long to be looked at. */
  readonly labelsIn: (value: JsonObject) => ReadonlySet<string> | undefined;
};

/** About 1.5 MB, the text of a hundred pages. */
const MAX_PRINTS = 32_768;
const MAX_CHARACTERS = 262_144;
/** A run of SPAN + WINDOW - 1 letters and digits is always known again (winnowing, Schleimer et al. 2003). */
const SPAN = 20;
const WINDOW = 13;
const MAX_LAYERS = 2;

export function createPrints(limit = MAX_PRINTS): Prints {
  const known = new Map<number, readonly string[]>();
  return { add, labelsIn };

  function add(value: JsonObject, labels: readonly string[]): readonly string[] {
    const found = printsOf(value);
    if (!found) return labels;
    const forgotten = new Set<string>();
    for (const print of found) {
      const before = known.get(print);
      if (before) known.delete(print);
      known.set(print, before === undefined ? labels : union(before, labels));
    }
    for (const [print, of] of known) {
      if (known.size <= limit) break;
      known.delete(print);
      for (const label of of) forgotten.add(label);
    }
    return [...forgotten];
  }

  function labelsIn(value: JsonObject): ReadonlySet<string> | undefined {
    const found = printsOf(value);
    return found && new Set([...found].flatMap((print) => known.get(print) ?? []));
  }
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return b.every((label) => a.includes(label)) ? a : [...new Set([...a, ...b])];
}

function printsOf(value: JsonObject): Set<number> | undefined {
  const { all, isWhole } = leavesOf(value);
  const texts = all.flatMap(({ value: each, isName }) =>
    isName && NAME.test(String(each)) ? [] : [String(each)],
  );
  let left = MAX_CHARACTERS;
  for (const text of texts) left -= text.length;
  if (!isWhole || left < 0) return undefined;
  const found = new Set<number>();
  // Together: what is cut into pieces stands in several arguments. Leaves come last first.
  addPrints(texts.toReversed().join('\n'), found);
  for (const text of texts)
    for (const reading of hidden(text, MAX_LAYERS)) addPrints(reading, found);
  return found;
}

/** Names that a schema has are in results and arguments alike. */
const NAME = /^[A-Za-z_-]{1,40}$/u;
const BASE64 = /[A-Za-z0-9+/_-]{12,}={0,2}/gu;
const HEXADECIMAL = /(?:[0-9a-f]{2}){6,}/giu;
// oxlint-disable-next-line no-control-regex -- control characters are what no text holds
const NO_TEXT = /[\u0000-\u0008\u000e-\u001f\u007f\ufffd]/u;

/** What stands encoded in a text. */
function* hidden(text: string, layers: number): Generator<string> {
  if (layers === 0 || text.length < 12) return;
  const plain = decode(text);
  if (plain !== text) {
    yield plain;
    yield* hidden(plain, layers - 1);
  }
  // Encoders break lines.
  const joined = text.includes('\n') ? text.replaceAll(/\r?\n/gu, '') : text;
  for (const [run] of joined.matchAll(BASE64)) yield* inside(Buffer.from(run, 'base64'), layers);
  for (const [run] of joined.matchAll(HEXADECIMAL)) yield* inside(Buffer.from(run, 'hex'), layers);
}

function* inside(bytes: Buffer, layers: number): Generator<string> {
  const text = bytes.toString('utf8');
  if (text.length < 6 || NO_TEXT.test(text)) return;
  yield text;
  yield* hidden(text, layers - 1);
}

const TOKEN = /[\p{L}\p{N}](?:[\p{L}\p{N}@._+-]*[\p{L}\p{N}])?/gu;
const DIGITS = /\d(?:[^\S\n]?[.,'/-]?\d){5,}/gu;
const DATE = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])$/u;
const OTHER = /[^\p{L}\p{N}]+/gu;

function addPrints(text: string, found: Set<number>): void {
  const folded = text.normalize('NFKC').toLowerCase();
  for (const [token] of folded.matchAll(TOKEN))
    if (isDistinctive(token)) found.add(hashOf(token.replaceAll(OTHER, '')));
  for (const [run] of folded.matchAll(DIGITS)) {
    const digits = run.replaceAll(/\D/gu, '');
    if (!DATE.test(digits)) found.add(hashOf(digits));
  }
  winnow(folded.replaceAll(OTHER, ''), found);
}

/** Identifiers, addresses, names of hosts and files: words of a language are not. */
function isDistinctive(token: string): boolean {
  if (token.length < 6) return false;
  if (token.includes('@') || (/\d/u.test(token) && /\p{L}/u.test(token))) return true;
  return token.length >= 8 && /[._]/u.test(token) && !/^[\d.]+$/u.test(token);
}

/** Two polynomials of 32 bits at a time, of which 52 are kept: with 26 nobody could tell chance from a copy. */
const FACTORS = [0x9e37_79b1, 0x85eb_ca6b] as const;
/** What a letter counts once it leaves a span. */
const OUT = [powerOf(FACTORS[0]), powerOf(FACTORS[1])] as const;

function hashOf(text: string): number {
  let [a, b] = [text.length, text.length];
  for (let at = 0; at < text.length; at++) {
    a = (Math.imul(a, FACTORS[0]) + text.charCodeAt(at)) | 0;
    b = (Math.imul(b, FACTORS[1]) + text.charCodeAt(at)) | 0;
  }
  return numberOf(mix(a), b);
}

function numberOf(a: number, b: number): number {
  return (a >>> 6) * 0x400_0000 + (mix(b) >>> 6);
}

function mix(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x45d9_f3b);
  return (half ^ (half >>> 15)) >>> 0;
}

/** Of each window of spans the one with the least hash. */
function winnow(text: string, found: Set<number>): void {
  const spans = text.length - SPAN + 1;
  if (spans < WINDOW) return;
  const [ofA, ofB] = [new Uint32Array(spans), new Int32Array(spans)];
  let [a, b] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const gone = at < SPAN ? 0 : text.charCodeAt(at - SPAN);
    a = (Math.imul(a, FACTORS[0]) + code - Math.imul(gone, OUT[0])) | 0;
    b = (Math.imul(b, FACTORS[1]) + code - Math.imul(gone, OUT[1])) | 0;
    if (at < SPAN - 1) continue;
    ofA[at - SPAN + 1] = mix(a);
    ofB[at - SPAN + 1] = b;
  }
  let least = -1;
  for (let end = WINDOW; end <= spans; end++) {
    const isGone = least < end - WINDOW;
    if (isGone) least = end - WINDOW;
    for (let at = isGone ? least : end - 1; at < end; at++)
      if ((ofA[at] ?? 0) < (ofA[least] ?? 0)) least = at;
    found.add(numberOf(ofA[least] ?? 0, ofB[least] ?? 0));
  }
}

function powerOf(factor: number): number {
  let power = 1;
  for (let times = 0; times < SPAN; times++) power = Math.imul(power, factor);
  return power;
}
