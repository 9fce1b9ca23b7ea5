import { ENCODINGS } from './encodings.ts';

/** What stands around a text, or how it is written down, when it reaches the gate. Each is undone by a reader. */
export type Wrapping = (text: string) => string;

const PROSE =
  'The committee met in the large hall and heard three reports. The first was about the harvest, which had been late. ' +
  'The second dealt with the bridge, whose repair takes until autumn. The third listed what the library had bought. ';
const LONG = PROSE.repeat(30);

const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

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

export const WRAPPINGS: Readonly<Record<string, Wrapping>> = { ...PLACES, ...ENCODINGS };
