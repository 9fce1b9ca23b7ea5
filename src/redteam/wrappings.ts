import { wellFormed } from '../lib/well-formed.ts';

/** What stands around a text, or how it is written down, when it reaches the gate. Each is undone by a reader. */
export type Wrapping = (text: string) => string;

const PROSE =
  'The committee met in the large hall and heard three reports. The first was about the harvest, which had been late. ' +
  'The second dealt with the bridge, whose repair takes until autumn. The third listed what the library had bought. ';
const LONG = PROSE.repeat(30);

const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const LEET: Readonly<Record<string, string>> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' };
const CYRILLIC: Readonly<Record<string, string>> = {
  a: 'а',
  e: 'е',
  o: 'о',
  p: 'р',
  c: 'с',
  x: 'х',
};

const letters = (text: string, table: Readonly<Record<string, string>>): string =>
  text.replaceAll(/[a-z]/gu, (letter) => table[letter] ?? letter);

export function rot13(text: string): string {
  return text.replaceAll(/[a-z]/giu, (letter) => {
    const first = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first);
  });
}

export const PLACES = {
  bare: (text) => text,
  'document-start': (text) => `${text}\n\n${LONG}`,
  'document-middle': (text) => `${LONG}\n\n${text}\n\n${LONG}`,
  'document-end': (text) => `${LONG}\n\n${text}`,
  'json-field': (text) => JSON.stringify({ id: 31, title: 'Report', body: text, tags: ['a', 'b'] }),
  markdown: (text) => `# Report\n\n- harvest\n- bridge\n\n> ${text.replaceAll('\n', '\n> ')}\n\n**End**`,
  html: (text) => `<article><h1>Report</h1><p>${html(text)}</p><footer>2026</footer></article>`,
  'html-hidden': (text) => `<p>Report</p><div style="display:none">${html(text)}</div><p>End</p>`,
  'html-comment': (text) => `<p>Report</p><!-- ${text.replaceAll('--', '- -')} --><p>End</p>`,
  'code-comment': (text) => `function add(a, b) {\n  // ${text.replaceAll('\n', '\n  // ')}\n  return a + b;\n}`,
  german: (text) => `Der Ausschuss tagte im großen Saal und hörte drei Berichte. ${text} Danach war Pause.`,
  japanese: (text) => `委員会は大広間で三つの報告を聞きました。${text} その後、休憩になりました。`,
} as const satisfies Readonly<Record<string, Wrapping>>; // prettier-ignore

export const ENCODINGS = {
  base64: (text) => Buffer.from(text).toString('base64'),
  hex: (text) => Buffer.from(text).toString('hex'),
  url: (text) => encodeURIComponent(wellFormed(text)),
  rot13,
  reversed: (text) => Array.from(text).toReversed().join(''),
  leet: (text) => letters(text, LEET),
  homoglyphs: (text) => letters(text, CYRILLIC),
  'zero-width': (text) => Array.from(text).join('\u200b'),
  tags: (text) =>
    text.replaceAll(/[ -~]/gu, (sign) => String.fromCodePoint(0xe_00_00 + sign.charCodeAt(0))),
  spaced: (text) => text.replaceAll(/(?<=\S)(?=\S)/gu, ' ').replaceAll(/ {2,}/gu, '   '),
} as const satisfies Readonly<Record<string, Wrapping>>;

export const WRAPPINGS: Readonly<Record<string, Wrapping>> = { ...PLACES, ...ENCODINGS };
