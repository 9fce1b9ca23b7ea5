import { type Clause, questionsOf, sayClause, SPACELESS, wrap } from './attack.ts';
import { DELIMITERS, REMARKS } from './delimiters.ts';
import { type Language, TOPICS, type Topic } from './language.ts';
import type { Random } from './random.ts';
import { createVoice, upperFirst } from './voice.ts';

/** A text with the words of attacks and without their intention. */
export type Harmless = { readonly text: string; readonly family: string; readonly topic: string };

/** A few sentences on a topic. */
export function composeHarmless(language: Language, topic: Topic, random: Random): Harmless {
  const voice = createVoice(language, random);
  const wondering = WONDERED_IN.has(topic) && random.chance(0.4);
  const patterns = wondering ? questionsOf(language).wonders : language.benign[topic];
  const count = 1 + random.below(3);
  const indexes = Array.from({ length: count }, () => random.below(patterns.length));
  const sentences = [...new Set(indexes)].map((index) => voice.say(patterns[index] ?? ''));
  const opening = topic === 'request' && random.chance(0.3) ? [voice.fill('greeting')] : [];
  const text = upperFirst([...opening, ...sentences].join(SPACELESS.has(language.code) ? '' : ' '));
  return {
    text: dress(text, topic, random),
    family: `${language.code}.${wondering ? 'wonders' : topic}${indexes[0]}`,
    topic,
  };
}

/** The same clause asked of a person, or told of. */
export function composeTwin(language: Language, clause: Clause, random: Random): Harmless {
  const voice = createVoice(language, random);
  const kind = ASKED_OF_PEOPLE.has(clause.goal) && random.chance(0.8) ? 'people' : 'reports';
  const index = random.below(language[kind].length);
  const said = sayClause(language, clause);
  const text = upperFirst(voice.say(language[kind][index] ?? '', 'do', said));
  return { text, family: `${language.code}.${kind}${index}`, topic: kind };
}

/** Writing about attacks that quotes one. */
export function composeQuote(language: Language, clause: Clause, random: Random): Harmless {
  const voice = createVoice(language, random);
  const index = random.below(language.quoting.length);
  const quote = random.chance(0.5)
    ? sayClause(language, clause).do
    : voice.say(random.pick(language.overrides));
  const text = upperFirst(
    voice.say(language.quoting[index] ?? '', 'do', { quote: quote.replace(/[.。]$/, '') }),
  );
  return { text, family: `${language.code}.quoting${index}`, topic: 'quoting' };
}

export const drawTopic = (topics: readonly Topic[], random: Random): Topic =>
  random.pick(random.chance(0.75) ? topics : TOPICS);

function dress(text: string, topic: Topic, random: Random): string {
  // Prompts in documentation stand in the same tags that attacks forge.
  const forged = topic === 'llm-docs' || topic === 'agent-file' ? 0.2 : 0.01;
  if (random.chance(forged)) return wrap(random.pick(DELIMITERS), text);
  return random.chance(0.15) ? wrap(random.pick(REMARKS), text) : text;
}

/** Where people ask about keys, rules and secrets without wanting the model's. */
const WONDERED_IN: ReadonlySet<string> = new Set(['dialogue', 'llm-docs', 'lesson']);

/** What a colleague may be asked as well as an agent. */
const ASKED_OF_PEOPLE: ReadonlySet<string> = new Set(['redirect', 'spend', 'delete', 'call-tool']);
