import { wellFormed } from '../lib/well-formed.ts';

/** Another way to write a text down. Each is undone by a reader, letter for letter or nearly so. */
export type Encoding = (text: string) => string;

const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const ofLetters = (text: string, change: (letter: string) => string): string =>
  text.replaceAll(/[a-z]/giu, change);
const ofSigns = (text: string, change: (sign: string) => string): string =>
  Array.from(wellFormed(text), change).join('');
const codeOf = (sign: string): number => sign.codePointAt(0) ?? 0;
const table = (letters: string, others: string): ReadonlyMap<string, string> =>
  new Map(Array.from(others, (other, at) => [letters.charAt(at), other]));
const swapped = (text: string, pairs: ReadonlyMap<string, string>): string =>
  ofSigns(text, (sign) => pairs.get(sign) ?? sign);

const LEET = table('aeiost', '431057');
const CYRILLIC = table('aeopcx', 'аеорсх');
const TURNED = table('abcdefghijklmnopqrstuvwxyz', 'ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz');
const BRAILLE = table('abcdefghijklmnopqrstuvwxyz ', '⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵⠀');
const MORSE = new Map(
  '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..'
    .split(' ')
    .map((signs, at) => [String.fromCharCode(97 + at), `${signs} `]),
);

/** Moves letters along the alphabet. */
const shifted =
  (by: number): Encoding =>
  (text) =>
    ofLetters(text, (letter) => {
      const first = letter <= 'Z' ? 65 : 97;
      return String.fromCharCode(((codeOf(letter) - first + by) % 26) + first);
    });
const block =
  (upper: number, lower: number): Encoding =>
  (text) =>
    ofLetters(text, (letter) =>
      String.fromCodePoint(
        letter <= 'Z' ? upper + codeOf(letter) - 65 : lower + codeOf(letter) - 97,
      ),
    );
export const rot13 = shifted(13);
const backwards: Encoding = (text) => Array.from(text).toReversed().join('');
const base64: Encoding = (text) => Buffer.from(text).toString('base64');

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
function base32(text: string): string {
  const bits = Array.from(Buffer.from(text), (byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replaceAll(/.{1,5}/gu, (five) =>
    BASE32.charAt(Number.parseInt(five.padEnd(5, '0'), 2)),
  );
}

/** Over fields whose names say nothing, a few words each. */
function inFields(text: string): string {
  const words = text.split(' ');
  const size = Math.max(1, Math.ceil(words.length / 4));
  const parts = Array.from({ length: Math.ceil(words.length / size) }, (_, at) =>
    words.slice(at * size, (at + 1) * size).join(' '),
  );
  return JSON.stringify(Object.fromEntries(parts.map((part, at) => [`line${at + 1}`, part])));
}

/** The first thirteen are those that the design promises. */
export const ENCODINGS = {
  base64,
  hex: (text) => Buffer.from(text).toString('hex'),
  url: (text) => encodeURIComponent(wellFormed(text)),
  rot13,
  tags: (text) => text.replaceAll(/[ -~]/gu, (sign) => String.fromCodePoint(0xe_00_00 + codeOf(sign))),
  'zero-width': (text) => Array.from(text).join('\u200b'),
  homoglyphs: (text) => swapped(text, CYRILLIC),
  leet: (text) => swapped(text, LEET),
  zalgo: (text) => ofLetters(text, (letter) => `${letter}\u0336\u0301\u0317`),
  spaced: (text) => text.replaceAll(/ +/gu, '  ').replaceAll(/(?<=\S)(?=\S)/gu, ' '),
  'hidden-html': (text) => `<p>Report</p><div style="display:none">${html(text)}</div><p>End</p>`,
  'split-json': inFields,
  reversed: backwards,
  base32,
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'json-base64': (text) => base64(JSON.stringify({ note: text })),
  'quoted-printable': (text) => Array.from(Buffer.from(text), (byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  entities: (text) => ofSigns(text, (sign) => `&#${codeOf(sign)};`),
  escapes: (text) => text.replaceAll(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`), // oxlint-disable-line require-unicode-regexp -- units are meant
  decimal: (text) => Array.from(Buffer.from(text)).join(' '),
  binary: (text) => Array.from(Buffer.from(text), (byte) => byte.toString(2).padStart(8, '0')).join(' '),
  caesar: shifted(3),
  rot47: (text) => text.replaceAll(/[!-~]/gu, (sign) => String.fromCharCode(33 + ((codeOf(sign) - 33 + 47) % 94))),
  atbash: (text) => ofLetters(text, (letter) => String.fromCharCode((letter <= 'Z' ? 155 : 219) - codeOf(letter))),
  'words-reversed': (text) => text.replaceAll(/\S+/gu, backwards),
  'full-width': block(0xff_21, 0xff_41),
  mathematical: block(0x1_d4_00, 0x1_d4_1a),
  circled: block(0x24_b6, 0x24_d0),
  'upside-down': (text) => backwards(swapped(text.toLowerCase(), TURNED)),
  braille: (text) => swapped(text.toLowerCase(), BRAILLE),
  morse: (text) => swapped(text.toLowerCase(), new Map([...MORSE, [' ', '/ ']])),
  selectors: (text) => `\u{1f600}${Array.from(Buffer.from(text), (byte) => String.fromCodePoint(byte < 16 ? 0xfe_00 + byte : 0xe_00_f0 + byte)).join('')}`,
  'spaced-evenly': (text) => text.replaceAll(/(?<=\S)(?=\S)/gu, ' '),
  dotted: (text) => text.replaceAll(/(?<=\w)(?=\w)/gu, '.'),
  comments: (text) => text.replaceAll(/(?<=\w)(?=\w)/gu, '<!---->'),
  snake: (text) => text.replaceAll(/[^a-z0-9]+/giu, '_'),
  camel: (text) => text.replaceAll(/[^a-z0-9]+([a-z0-9]?)/giu, (_, letter: string) => letter.toUpperCase()),
} as const satisfies Readonly<Record<string, Encoding>>; // prettier-ignore

export type EncodingName = keyof typeof ENCODINGS;
export const isEncoding = (name: string): name is EncodingName => Object.hasOwn(ENCODINGS, name);

/** Those that write any text down so that all of it can be read again, and may so stand inside each other. */
export const DEEP: readonly EncodingName[] = [
  'base64',
  'hex',
  'url',
  'rot13',
  'tags',
  'zero-width',
  'hidden-html',
  'split-json',
  'reversed',
  'base32',
  'entities',
  'escapes',
  'selectors',
];

/** The readings of the detector that undo an encoding. */
export const UNDONE_BY: Readonly<Record<EncodingName, readonly string[]>> = {
  base64: ['base64'],
  hex: ['hex'],
  url: ['url'],
  rot13: ['rot13'],
  tags: ['normal'],
  'zero-width': ['normal'],
  homoglyphs: ['normal'],
  leet: ['respelled'],
  zalgo: ['normal'],
  spaced: ['respelled'],
  'hidden-html': ['hidden', 'plain'],
  'split-json': ['joined'],
  reversed: ['reversed'],
  base32: ['base32'],
  base64url: ['base64'],
  'json-base64': ['base64'],
  'quoted-printable': ['url'],
  entities: ['normal'],
  escapes: ['normal'],
  decimal: ['numbers'],
  binary: ['numbers'],
  caesar: ['caesar'],
  rot47: ['rot47'],
  atbash: ['atbash'],
  'words-reversed': ['reversed'],
  'full-width': ['normal'],
  mathematical: ['normal'],
  circled: ['normal'],
  'upside-down': ['turned'],
  braille: ['normal'],
  morse: ['morse'],
  selectors: ['normal'],
  'spaced-evenly': ['respelled'],
  dotted: ['respelled'],
  comments: ['plain'],
  snake: ['name'],
  camel: ['name'],
};
