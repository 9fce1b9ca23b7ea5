/** Texts made to be slow: what each rule, phrase and decoder takes as its beginning, again and again, and layers of them. */
import { LEXICON } from '../../src/scan/lexicon.ts';
import { RULES } from '../../src/scan/rules.ts';

/** Pieces to repeat. */
export function slowPieces(): string[] {
  const pieces = new Set<string>();
  for (const { pattern, phrases = [] } of RULES) {
    for (const literal of pattern?.source.match(/[A-Za-z<[|#!: -]{2,}/g) ?? []) {
      pieces.add(literal);
      pieces.add(`${literal} `);
    }
    for (const phrase of phrases) {
      const words = phrase.split(/\s+/).flatMap((step) => spelling(step));
      for (let count = 1; count <= words.length; count++)
        pieces.add(`${words.slice(0, count).join(' ')} `);
    }
  }
  return [...pieces];
}

/** One spelling of a step of a phrase; none for a gap. */
function spelling(step: string): string[] {
  const atom = step.split('|')[0] ?? '';
  if (atom.startsWith('~')) return [];
  if (atom === '@url') return ['http://a.b'];
  if (atom === '@mail') return ['a@b.co'];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by `in`
  const row = atom in LEXICON ? LEXICON[atom as keyof typeof LEXICON] : atom;
  return [(row.trim().split(/\s+/)[0] ?? '').replaceAll('_', ' ').replace('*', '')];
}

const LAYERS: readonly ((text: string) => string)[] = [
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => each(text, (unit) => `%${unit.charCodeAt(0).toString(16)}`),
  (text) => each(text, (unit) => `&#${unit.charCodeAt(0)};`),
  (text) => each(text, (unit) => `${unit} `),
  (text) => each(text, (unit) => `${unit}\u200b`),
  (text) => text.split('').toReversed().join(''),
  (text) => JSON.stringify({ [text.slice(0, 9)]: text, key: [text, 'x'] }),
  (text) => `<b hidden x>${text}</b><!-- ${text} --> title="${text.replaceAll(/["<>]/g, '')}" `,
  (text) => text.replaceAll('i', '1').replaceAll('o', '0').replaceAll('e', '3'),
  (text) => text.replaceAll(' ', '_'),
  (text) => `**${text}** [a](http://b?c={`,
  (text) => text.replaceAll(/[!-~]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) + 0xfee0)),
];

function each(text: string, as: (unit: string) => string): string {
  return Array.from(text, as).join('');
}

/** A unit that asks for many readings: several texts under several layers, by a seed. */
export function tangle(seed: number, texts: readonly string[]): string {
  let state = seed;
  const below = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
  const parts = Array.from({ length: 1 + below(5) }, () => {
    let text = (texts[below(texts.length)] ?? '').repeat(1 + below(5));
    for (let layers = below(4); layers > 0 && text.length < 20_000; layers--)
      text = LAYERS[below(LAYERS.length)]?.(text) ?? text;
    return text;
  });
  return parts.join(below(2) === 0 ? ' ' : '\n');
}
