import { around } from './around.ts';
import { deciphered, shifted } from './ciphers.ts';
import { hasRun, unitsOf } from './runs.ts';
import { createWeave, matches, nested, rewrite, type View, type Weave } from './view.ts';

/** Readings of encoded parts: base64, hexadecimal, percent and quoted-printable, rot13, reversed. One layer each, one at a time. */
export function* decodings(view: View): Generator<View> {
  for (const decode of DECODERS) yield* decode(view);
}

const DECODERS: readonly ((view: View) => View[])[] = [
  base64,
  hexadecimal,
  base32,
  numbers,
  percent,
  deciphered,
  rot47,
  turned,
  morse,
];

/** Only from the start of a run: a run that is too short is so from each of its characters. */
export const BASE64 =
  /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}/g;
const BASE64_UNITS = unitsOf(/[A-Za-z0-9+/_-]/);
/** Most texts have no such run: then the expression, which stops at each of its characters, need not be tried. */
export const mayHoldBase64 = (text: string): boolean => hasRun(text, BASE64_UNITS, 20);
/** Bytes as 7-bit text with spaces: what a model would read as words. */
const READABLE = /[\t\n\r -~\u00a0-\uffef\u{1f000}-\u{1faff}\u{e0000}-\u{e01ef}]{12,}/gu;
const PRINTABLE = /[\t\n\r -~]{12,}/g;
/** Bytes that are no text have no such long stretch by chance. */
const SURELY_TEXT = 24;
// oxlint-disable-next-line no-control-regex -- control characters are what no text holds
const NOT_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]/;

function base64(view: View): View[] {
  if (!mayHoldBase64(view.text)) return [];
  const weave = createWeave(view);
  for (const match of matches(view.text, BASE64)) {
    // Identifiers and hexadecimal are not base64 of a sentence: that has both cases, or digits and a case.
    if (!/[A-Z]/.test(match[0]) || !/[a-z]/.test(match[0])) continue;
    if (putBase64(weave, match[0], match)) continue;
    // Read backwards or by rot13 it is the same alphabet, and gives nothing away but what its first bytes say.
    for (const read of [backwards, moved]) {
      const run = read(match[0]);
      if (beginsWithText(run) && putBase64(weave, run, match)) break;
    }
  }
  return finished(weave, nested(view, 'base64'));
}

const backwards = (run: string): string => run.split('').toReversed().join('');
const moved = (run: string): string => shifted(run, 13);

function beginsWithText(run: string): boolean {
  return [0, 1, 2, 3].some((shift) =>
    /^.?[\t\n\r -~\u0080-\uffef]{12}/.test(
      Buffer.from(run.slice(shift, shift + 40), 'base64').toString('utf8'),
    ),
  );
}

/** A prefix in the same alphabet (`path/…`, `id-…`) shifts the groups of four; one of the four offsets is right. */
function putBase64(weave: Weave, run: string, match: RegExpExecArray): boolean {
  let found = false;
  for (let shift = 0; shift < 4; shift++)
    if (putReadable(weave, Buffer.from(run.slice(shift), 'base64'), match)) found = true;
  return found;
}

export const HEXADECIMAL = /(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ ,:]?){12,}/g;
const HEXADECIMAL_UNITS = unitsOf(/[0-9a-fA-Fx\\ ,:]/);
export const mayHoldHexadecimal = (text: string): boolean => hasRun(text, HEXADECIMAL_UNITS, 24);

function hexadecimal(view: View): View[] {
  if (!mayHoldHexadecimal(view.text)) return [];
  const weave = createWeave(view);
  for (const match of matches(view.text, HEXADECIMAL)) {
    const digits = match[0].replaceAll(/0x|\\x|[ ,:]/g, '');
    if (!putReadable(weave, Buffer.from(digits, 'hex'), match))
      putReadable(weave, Buffer.from(backwards(digits), 'hex'), match);
  }
  return finished(weave, nested(view, 'hex'));
}

const BASE32 = /(?<![A-Za-z0-9])[A-Z2-7]{32,}/g;
const BASE32_UNITS = unitsOf(/[A-Z2-7]/);

function base32(view: View): View[] {
  if (!hasRun(view.text, BASE32_UNITS, 32)) return [];
  const weave = createWeave(view);
  for (const match of matches(view.text, BASE32)) {
    const bytes: number[] = [];
    let bits = 0;
    let held = 0;
    for (const sign of match[0]) {
      const code = sign.charCodeAt(0);
      held = (held << 5) | (code < 65 ? code - 24 : code - 65);
      bits += 5;
      if (bits < 8) continue;
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
      held &= 0xff;
    }
    putReadable(weave, Buffer.from(bytes), match);
  }
  return finished(weave, nested(view, 'base32'));
}

/** Bytes as numbers: two digits hold none that is below 10, eight of zero and one are binary. */
const NUMBERS = /(?<!\d)(?:[01]{8}[ ,]?|\d{2,3}[ ,]{1,2}){12,}(?:\d{2,3}(?!\d))?/g;
const NUMBER_UNITS = unitsOf(/[0-9 ,]/);

function numbers(view: View): View[] {
  if (!hasRun(view.text, NUMBER_UNITS, 36)) return [];
  const weave = createWeave(view);
  for (const match of matches(view.text, NUMBERS)) {
    const bytes = (match[0].match(/[01]{8}|\d{2,3}/g) ?? []).map((digits) =>
      Number.parseInt(digits, digits.length === 8 ? 2 : 10),
    );
    putReadable(weave, Buffer.from(bytes), match);
  }
  return finished(weave, nested(view, 'numbers'));
}

function putReadable(weave: Weave, bytes: Buffer, { index, 0: run }: RegExpExecArray): boolean {
  const stretches = readable(bytes);
  for (const text of stretches) weave.put(`${text}\n\n`, index, index + run.length);
  return stretches.some(({ length }) => length >= SURELY_TEXT);
}

function finished(weave: Weave, name: string): View[] {
  const view = weave.finish(name);
  return view.text === '' ? [] : [view];
}

/** Stretches of readable text in bytes, so that binary in front of a text does not hide it. */
function readable(bytes: Buffer): string[] {
  const utf8 = bytes.toString('utf8');
  const stretches = utf8.match(READABLE) ?? [];
  const wide =
    bytes.length > 24 && bytes[1] === 0 ? (bytes.toString('utf16le').match(PRINTABLE) ?? []) : [];
  return [...stretches, ...wide].filter(
    (text) =>
      !NOT_TEXT.test(text) &&
      (text.length >= SURELY_TEXT ||
        /[a-z]{2}[ ,.][a-z]{2}/i.test(text) ||
        /[\u0100-\uffff]{6,}/.test(text)),
  );
}

const PERCENT = /(?:%[0-9a-fA-F]{2})+|(?:=[0-9A-F]{2})+/g;

function percent(view: View): View[] {
  return around(view, matches(view.text, PERCENT_RUN), 1, nested(view, 'url')).flatMap((near) => {
    const read = rewrite(near, PERCENT, ([run]) => {
      const text = Buffer.from(run.replaceAll(/[%=]/g, ''), 'hex').toString('utf8');
      return NOT_TEXT.test(text) ? undefined : text;
    });
    return read === near ? [] : [rewrite(read, /\+/g, () => ' ')];
  });
}

const PERCENT_RUN = /(?:[%=][0-9a-fA-F]{2}[^%=]{0,24}){4,}/g;
const ROT47_WORDS =
  /(?<!\S)(?:E96|2\?5|J@FC?|E9:D|E92E|H:E9|7C@>|2==|\?@E|8:G6|D6\?5|E@|@7|:D)(?!\S)/g;

function rot47(view: View): View[] {
  if (view.name.includes('rot47')) return [];
  return around(view, matches(view.text, ROT47_WORDS), 3, nested(view, 'rot47')).map((near) => ({
    ...near,
    text: near.text.replaceAll(/[!-~]/g, (sign) =>
      String.fromCharCode(33 + ((sign.charCodeAt(0) - 33 + 47) % 94)),
    ),
  }));
}

/** Letters upside down, in order. `q`, `b`, `p`, `d`, `u` and `n` stand on their heads as each other. */
const TURNED = 'ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz';
const TURNED_ONLY = /[ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ]/g;
const UPRIGHT = new Map(
  Array.from(TURNED, (letter, at) => [letter, String.fromCharCode(97 + at)] as const),
);

function turned(view: View): View[] {
  return around(view, matches(view.text, TURNED_ONLY), 12, nested(view, 'turned')).map((near) => ({
    ...near,
    text: near.text
      .split('')
      .toReversed()
      .map((letter) => UPRIGHT.get(letter) ?? letter)
      .join(''),
    locate: (start, end) => near.locate(near.text.length - end, near.text.length - start),
  }));
}

const MORSE =
  '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..';
const MORSE_LETTERS = new Map(
  MORSE.split(' ').map((signs, at) => [signs, String.fromCharCode(97 + at)] as const),
);
const MORSE_RUN = /(?<![.·–—-])(?:[.·–—-]{1,6}[ /|\n]{1,3}){12,}/g;

function morse(view: View): View[] {
  const weave = createWeave(view);
  for (const { index, 0: run } of matches(view.text, MORSE_RUN)) {
    const words = run.split(/[/|\n]| {2,}/).map((word) =>
      word
        .trim()
        .split(/\s+/)
        .map(
          (signs) => MORSE_LETTERS.get(signs.replaceAll('·', '.').replaceAll(/[–—]/g, '-')) ?? '',
        )
        .join(''),
    );
    weave.put(`${words.join(' ')}\n\n`, index, index + run.length);
  }
  return finished(weave, nested(view, 'morse'));
}
