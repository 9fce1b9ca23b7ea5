import type { JsonValue } from '../lib/json.ts';
import type { Channel } from '../scan/channel.ts';
import { frame, paraphrase, politely, quote, switchLanguage } from './phrasings.ts';
import type { Random } from './random.ts';
import { DEEP, ENCODINGS, isEncoding, type EncodingName } from './encodings.ts';
import { PLACES } from './wrappings.ts';

/** What the model would be handed, one thing after the other; each is scanned by itself, as it would be. */
export type Delivery = readonly { readonly value: JsonValue; readonly channel: Channel }[];

/** An attack on its way: how its text was changed, and how it is delivered. */
export type Attack = {
  readonly text: string;
  /** Encodings it stands in, two at most: a model undoes no more unasked. */
  readonly depth: number;
  readonly delivery: keyof typeof DELIVERIES;
  /** Names of what was done to it, in order. */
  readonly steps: readonly string[];
};

const FILLER =
  'The second report dealt with the bridge, whose repair takes until autumn, and with the costs of it. ';
const PADDED = 200_000;

export type Mutation = (attack: Attack, random: Random) => Attack | undefined;

function onText(name: string, change: (text: string, random: Random) => string): Mutation {
  return (attack, random) => {
    if (attack.depth > 0) return undefined;
    const text = change(attack.text, random);
    return text === attack.text ? undefined : { ...attack, text, steps: [...attack.steps, name] };
  };
}

function encoding(name: EncodingName): Mutation {
  return (attack) =>
    attack.depth >= 2 ||
    // On top of another encoding nothing could read what two letters become one sign of.
    (attack.depth > 0 && !DEEP.includes(name)) ||
    attack.text.length > 20_000
      ? undefined
      : {
          ...attack,
          text: ENCODINGS[name](attack.text),
          depth: attack.depth + 1,
          steps: [...attack.steps, `encode-${name}`],
        };
}

function delivering(name: keyof typeof DELIVERIES): Mutation {
  return (attack) =>
    attack.delivery === name
      ? undefined
      : { ...attack, delivery: name, steps: [...attack.steps, name] };
}

/** What an attacker may do to an attack in one step. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  paraphrase: onText('paraphrase', paraphrase),
  polite: onText('polite', politely),
  frame: onText('frame', frame),
  language: onText('language', switchLanguage),
  quote: onText('quote', quote),
  split: onText('split', (text) => text.replaceAll(/(?<=\w{3}) (?=\w{3})/gu, ' \n ')),
  ...Object.fromEntries(
    Object.keys(ENCODINGS)
      .filter(isEncoding)
      .map((name) => [`encode-${name}`, encoding(name)]),
  ),
  ...Object.fromEntries(
    Object.entries(PLACES)
      .filter(([name]) => name !== 'bare')
      .map(([name, place]) => [
        `place-${name}`,
        (attack: Attack) =>
          attack.steps.some((step) => step.startsWith('place-'))
            ? undefined
            : { ...attack, text: place(attack.text), steps: [...attack.steps, `place-${name}`] },
      ]),
  ),
  padding(attack, random) {
    if (attack.text.length > PADDED / 2) return undefined;
    const before = FILLER.repeat(Math.ceil((random(8) / 8) * (PADDED / FILLER.length)));
    const after = FILLER.repeat(Math.max(0, Math.ceil((PADDED - before.length) / FILLER.length)));
    return { ...attack, text: `${before}\n${attack.text}\n${after}`, steps: [...attack.steps, 'padding'] };
  },
  fields: delivering('fields'),
  rows: delivering('rows'),
  'two-results': delivering('two-results'),
  schema: delivering('schema'),
}; // prettier-ignore

/** How a text reaches the model. */
export const DELIVERIES = {
  plain: (text) => [{ value: { content: [{ type: 'text', text }] }, channel: 'tool-output' }],
  fields(text) {
    const parts = cut(text, 4);
    const fields = Object.fromEntries(parts.map((part, at) => [`line${at + 1}`, part]));
    return [{ value: { content: [], structuredContent: fields }, channel: 'tool-output' }];
  },
  rows(text) {
    const rows = cut(text, 6).map((note, id) => ({ id, note, state: 'open' }));
    return [{ value: { content: [], structuredContent: { rows } }, channel: 'tool-output' }];
  },
  'two-results': (text) =>
    cut(text, 2).map((part) => ({
      value: { content: [{ type: 'text', text: part }] },
      channel: 'tool-output',
    })),
  schema: (text) => [
    {
      value: {
        name: 'lookup',
        description: 'Looks a word up.',
        inputSchema: {
          type: 'object',
          properties: {
            word: { type: 'string', examples: ['bridge'] },
            mode: { type: 'string', enum: ['short', 'long'], default: 'short', description: text },
          },
        },
      },
      channel: 'tool-description',
    },
  ],
} as const satisfies Readonly<Record<string, (text: string) => Delivery>>;

export function deliver({ text, delivery }: Attack): Delivery {
  return DELIVERIES[delivery](text);
}

/** In so many parts, between words where there are any. */
function cut(text: string, parts: number): string[] {
  const size = Math.ceil(text.length / parts);
  const pieces: string[] = [];
  let rest = text;
  while (pieces.length < parts - 1 && rest.length > size) {
    const blank = rest.indexOf(' ', size);
    const at = blank === -1 || blank > size + 80 ? size : blank;
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...pieces, rest];
}
