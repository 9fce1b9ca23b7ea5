import type { Channel } from '../../channel.ts';
import { type Clause, composeAttack, drawClause } from './attack.ts';
import { carry } from './carry.ts';
import {
  composeHarmless,
  composeQuote,
  composeTwin,
  drawTopic,
  type Harmless,
} from './harmless.ts';
import { GOALS, type Goal, type Language } from './language.ts';
import { LANGUAGES } from './languages/index.ts';
import { createRandom, type Random } from './random.ts';
import { REGISTERS } from './registers/index.ts';
import type { Register } from './registers/register.ts';

/** One text with its label, in the shape of the public corpora. */
export type Row = {
  readonly id: string;
  readonly source: string;
  readonly license: string;
  readonly kind: 'injection' | 'benign';
  readonly channel: Channel;
  readonly text: string;
  readonly meta: {
    readonly lang: string;
    readonly register: string;
    /** The goal of an attack or the topic of a harmless text. */
    readonly goal: string;
    /** The template; rows of one family are held out together. */
    readonly family: string;
    /** The labelled part as it stands in the text, and where. */
    readonly payload: string;
    readonly start: number;
    readonly end: number;
    /** The attack whose words a harmless twin says. */
    readonly twin?: string;
  };
};

export type GrammarOptions = {
  readonly seed: number;
  readonly injections: number;
  readonly benign: number;
  /** Texts of other authors that carry some of the English rows. */
  readonly found?: readonly string[];
  readonly languages?: readonly Language[];
};

/**
 * Writes labelled texts, balanced over languages, registers and goals. The same options give the same rows; no text
 * comes twice.
 * @throws TypeError when a table cannot give that many different texts.
 */
export function generateRows(options: GrammarOptions): Row[] {
  const { languages = LANGUAGES, found = [] } = options;
  const random = createRandom(options.seed);
  const seen = new Set<string>();
  const attacks: { language: Language; register: Register; clause: Clause; id: string }[] = [];
  const rows: Row[] = [];

  function add(
    kind: Row['kind'],
    language: Language,
    register: Register,
    write: () => Written,
  ): void {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { text: span, family, goal, twin, clause } = write();
      const { text, channel, start, end } = carry(register, language, span, random, found);
      if (seen.has(text)) continue;
      seen.add(text);
      const id = `grammar-${kind}-${rows.length}`;
      const meta = { lang: language.code, register: register.name, goal, family };
      const spot = { payload: text.slice(start, end), start, end };
      rows.push({
        id,
        source: `grammar_${language.code}`,
        license: 'Apache-2.0',
        kind,
        channel,
        text,
        meta: { ...meta, ...spot, ...(twin === undefined ? {} : { twin }) },
      });
      if (clause !== undefined) attacks.push({ language, register, clause, id });
      return;
    }
    throw new TypeError(`Cannot write another ${kind} in ${language.code} as ${register.name}`);
  }

  for (const [language, cell] of cells(options.injections, languages)) {
    const goal = GOALS[cell % GOALS.length] ?? 'exfiltrate';
    const register = registerOf(Math.floor(cell / GOALS.length));
    add('injection', language, register, () => {
      const { text, family, clause } = composeAttack(
        language,
        goal,
        random,
        register.name === 'tool-description',
      );
      return { text, family, goal, ...(clause === undefined ? {} : { clause }) };
    });
  }
  for (const [language, cell] of cells(options.benign, languages)) {
    const attack = random.chance(TWINS) && attacks.length > 0 ? random.pick(attacks) : undefined;
    if (attack === undefined) {
      const register = registerOf(cell);
      add('benign', language, register, () => named(harmless(language, register, random)));
    } else
      add('benign', attack.language, attack.register, () => ({
        ...named(composeTwin(attack.language, attack.clause, random)),
        twin: attack.id,
      }));
  }
  return rows;
}

type Written = {
  readonly text: string;
  readonly family: string;
  readonly goal: string;
  readonly twin?: string;
  readonly clause?: Clause;
};

const named = ({ text, family, topic }: Harmless): Written => ({ text, family, goal: topic });

function harmless(language: Language, register: Register, random: Random): Harmless {
  if (!random.chance(QUOTES))
    return composeHarmless(language, drawTopic(register.topics, random), random);
  const goal: Goal = random.pick(GOALS);
  return composeQuote(language, drawClause(language, goal, random), random);
}

const registerOf = (index: number): Register => {
  const register = REGISTERS[index % REGISTERS.length];
  if (register === undefined) throw new TypeError('Cannot write without registers');
  return register;
};

/** Each language with a running number; English, in which most texts are, has two fifths. */
function* cells(count: number, languages: readonly Language[]): Generator<[Language, number]> {
  const others = languages.filter(({ code }) => code !== 'en');
  const english = languages.find(({ code }) => code === 'en');
  const share = english === undefined ? 0 : others.length === 0 ? 1 : 0.4;
  const forEnglish = Math.round(count * share);
  if (english !== undefined) for (let cell = 0; cell < forEnglish; cell++) yield [english, cell];
  for (let index = 0; index < count - forEnglish; index++) {
    const language = others[index % others.length];
    if (language !== undefined) yield [language, Math.floor(index / others.length)];
  }
}

const TWINS = 0.22;
const QUOTES = 0.1;
const MOST_TRIES = 200;
