import { DELIMITERS, REMARKS } from './delimiters.ts';
import type { Goal, Language } from './language.ts';
import { QUESTIONS, type Questions } from './questions.ts';
import { createRandom, type Random } from './random.ts';
import { createVoice, upperFirst } from './voice.ts';

/** One clause with its draws fixed, so that an attack and its twin can say the same words. */
export type Clause = { readonly goal: Goal; readonly index: number; readonly seed: number };

/** An order to the model, and the template it came from. */
export type Attack = { readonly text: string; readonly family: string; readonly clause?: Clause };

export function drawClause(language: Language, goal: Goal, random: Random): Clause {
  return { goal, index: random.below(language.goals[goal].length), seed: random.seed() };
}

/** The two forms of a clause. */
export function sayClause(
  language: Language,
  { goal, index, seed }: Clause,
): { do: string; to: string } {
  const pattern = language.goals[goal][index] ?? '';
  const form = (which: 'do' | 'to'): string =>
    createVoice(language, createRandom(seed)).say(pattern, which);
  return { do: form('do'), to: form('to') };
}

/** Composes an attack; most do not ask to forget anything, and every part but the frame may be absent. */
export function composeAttack(
  language: Language,
  goal: Goal,
  random: Random,
  forTool: boolean,
): Attack {
  if (goal === 'extract' && random.chance(ASKED)) return composeQuestion(language, random);
  const voice = createVoice(language, random);
  const clause = drawClause(language, goal, random);
  const said = sayClause(language, clause);
  const other = sayClause(language, drawClause(language, goal, random)).do;
  const kind = forTool && random.chance(0.7) ? 'notes' : 'frames';
  const index = random.below(language[kind].length);
  const frame = language[kind][index] ?? '{do}.';

  const parts = [
    random.chance(0.3) ? voice.say(random.pick(language.openings)) : '',
    random.chance(0.11) ? voice.say(random.pick(language.overrides)) : '',
    voice.say(frame, 'do', { ...said, do2: other }),
  ];
  const tail = [
    random.chance(0.28) ? voice.say(random.pick(language.reasons)) : '',
    random.chance(goal === 'hide' ? 0.1 : 0.3) ? voice.say(random.pick(language.hides)) : '',
  ];
  if (random.chance(0.5)) tail.reverse();
  const gap = SPACELESS.has(language.code) ? '' : ' ';
  const text = upperFirst([...parts, ...tail].filter((part) => part !== '').join(gap));
  return {
    text: dress(shout(text, random), random),
    family: `${language.code}.${kind}${index}`,
    clause,
  };
}

/** Asks for what the model keeps, often under a pretext. */
function composeQuestion(language: Language, random: Random): Attack {
  const { asks, pretexts } = questionsOf(language);
  const voice = createVoice(language, random);
  const index = random.below(asks.length);
  const parts = [
    random.chance(0.2) ? voice.say(random.pick(language.overrides)) : '',
    random.chance(0.75) ? voice.say(random.pick(pretexts)) : '',
    voice.say(asks[index] ?? ''),
    random.chance(0.15) ? voice.say(random.pick(language.hides)) : '',
  ];
  const text = upperFirst(
    parts.filter((part) => part !== '').join(SPACELESS.has(language.code) ? '' : ' '),
  );
  return { text: dress(text, random), family: `${language.code}.asks${index}` };
}

export function questionsOf({ code }: Language): Questions {
  const questions = QUESTIONS[code];
  if (questions === undefined) throw new TypeError(`Cannot ask in ${code}: no questions`);
  return questions;
}

function dress(text: string, random: Random): string {
  if (random.chance(0.2)) return wrap(random.pick(DELIMITERS), text);
  return random.chance(0.1) ? wrap(random.pick(REMARKS), text) : text;
}

/** Puts a text into a wrapping, with line ends as the wrapping writes them. */
export const wrap = (wrapping: string, text: string): string =>
  wrapping.replaceAll('\\n', '\n').replace('{payload}', () => text);

function shout(text: string, random: Random): string {
  if (random.chance(0.03)) return text.toUpperCase();
  return random.chance(0.04) ? text.toLowerCase() : text;
}

/** How many of the attacks on the prompt are questions. */
const ASKED = 0.45;

/** Languages that put no space between sentences. */
export const SPACELESS: ReadonlySet<string> = new Set(['zh', 'ja']);
