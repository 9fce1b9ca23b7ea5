/** Cuts a text into words, in one pass and without a regular expression, so that no text is slow. */

const OTHER = 1;
const LETTER = 2;
/** Scripts that write no spaces: Han, kana, Thai, Lao, Khmer, Burmese. */
const SOLID = 3;
/** Ends a sentence by itself. */
const STOP = 4;
/** Ends a sentence when white space follows. */
const POINT = 5;
const NEWLINE = 6;
/** Belongs to a word when letters are on both sides. */
const INNER = 7;
const DOT = 8;

const kinds = new Uint8Array(0x1_00_00);

function kindOf(code: number): number {
  return (kinds[code] ||= classify(String.fromCharCode(code)));
}

function classify(character: string): number {
  if (
    /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/.test(
      character,
    )
  )
    return SOLID;
  // Halves of surrogate pairs are kept as letters: rare scripts, Gothic or Deseret, are words too.
  if (/[\p{L}\p{M}\p{N}_\ud800-\udfff]/u.test(character)) return LETTER;
  if (/[。！？।॥؟]/.test(character)) return STOP;
  if (/[.]/.test(character)) return DOT;
  if (/[!?;]/.test(character)) return POINT;
  if (character === '\n') return NEWLINE;
  return /['’]/.test(character) ? INNER : OTHER;
}

const MAX_WORD = 64;
const isWordKind = (kind: number): boolean => kind === LETTER || kind === SOLID;

/** Calls `visit` for each word, e-mail address and URL; `sentence` grows at the end of a sentence and at an empty line. Runs without spaces are cut by `longest`, which says how much of the text at an index is a known word (0: none). */
export function readWords(
  text: string,
  longest: (text: string, at: number, end: number) => number,
  visit: (start: number, end: number, sentence: number) => void,
): void {
  const length = text.length;
  let sentence = 0;
  let lines = 0;
  let at = 0;
  while (at < length) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind === LETTER || (kind === DOT && startsDotted(text, at))) {
      const end = endOfAddress(text, endOfWord(text, at));
      lines = 0;
      if (end - at > LONG && isSolidLatin(text, at, end))
        cut(text, at, end, sentence, longest, visit);
      else visit(at, end, sentence);
      at = end;
      continue;
    }
    if (kind === SOLID) {
      let end = at + 1;
      while (end < length && kindOf(text.charCodeAt(end)) === SOLID) end++;
      lines = 0;
      cut(text, at, end, sentence, longest, visit);
      at = end;
      continue;
    }
    if (kind === NEWLINE) {
      if (++lines === 2) sentence++;
    } else if (kind === STOP) sentence++;
    else if (kind === POINT || kind === DOT) {
      const next = text.charCodeAt(at + 1);
      if (!(next > 0x20)) sentence++;
    }
    at++;
  }
}

/** `.env`, `.ssh`: a dot that starts a word. */
function startsDotted(text: string, at: number): boolean {
  return (
    kindOf(text.charCodeAt(at + 1)) === LETTER &&
    (at === 0 || !isWordKind(kindOf(text.charCodeAt(at - 1))))
  );
}

function endOfWord(text: string, start: number): number {
  let end = start + 1;
  const limit = Math.min(text.length, start + MAX_WORD);
  while (end < limit) {
    const kind = kindOf(text.charCodeAt(end));
    if (kind === LETTER) end++;
    else if (kind === INNER && end + 1 < text.length && kindOf(text.charCodeAt(end + 1)) === LETTER)
      end += 2;
    else break;
  }
  return end;
}

const ADDRESS_END = /[\s"'<>()[\]{}`|\\^]/;
/** Where a script writes no spaces, a comma or the next word stands right behind an address. */
const MAIL_END = /[\s"'<>()[\]{}`|\\^,;:]/;

/** A word that goes on as an e-mail address or a URL is one word. */
function endOfAddress(text: string, end: number): number {
  if (text.charCodeAt(end) === 0x40 && kindOf(text.charCodeAt(end + 1)) === LETTER)
    return skip(text, end + 1, MAIL_END);
  return text.startsWith('://', end) ? skip(text, end + 3, ADDRESS_END) : end;
}

function skip(text: string, start: number, stop: RegExp): number {
  let end = start;
  const limit = Math.min(text.length, start + MAX_ADDRESS);
  while (end < limit && !stop.test(text[end] ?? ' ') && kindOf(text.charCodeAt(end)) !== SOLID)
    end++;
  return end;
}

const MAX_ADDRESS = 256;
const LONG = 19;

function isSolidLatin(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at) | 0x20;
    if (code < 0x61 || code > 0x7a) return false;
  }
  return true;
}

const UNKNOWN = 4;

function cut(
  text: string,
  start: number,
  end: number,
  sentence: number,
  longest: (text: string, at: number, end: number) => number,
  visit: (start: number, end: number, sentence: number) => void,
): void {
  let unknown = start;
  let at = start;
  while (at < end) {
    const known = longest(text, at, end);
    if (known === 0) {
      at++;
      if (at - unknown < UNKNOWN) continue;
    }
    if (at > unknown) visit(unknown, at, sentence);
    if (known > 0) visit(at, at + known, sentence);
    at += known;
    unknown = at;
  }
  if (at > unknown) visit(unknown, at, sentence);
}
