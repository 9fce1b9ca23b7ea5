import { expand, type Form } from './expand.ts';
import type { Language } from './language.ts';
import type { Random } from './random.ts';
import { fillShared } from './slots.ts';

/** Says patterns of one language, with fillers drawn from one source. */
export type Voice = {
  readonly random: Random;
  /** `given` fills slots before the lists do, as it is. */
  say(pattern: string, form?: Form, given?: Readonly<Record<string, string>>): string;
  /** A filler of a slot. */
  fill(slot: string): string;
  /** An ordinary sentence. */
  sentence(): string;
};

export function createVoice(language: Language, random: Random): Voice {
  function filler(slot: string): string | undefined {
    const own = language.slots[slot.replace(/2$/, '')];
    const text = own === undefined ? fillShared(slot, random) : random.pick(own);
    return text === undefined ? undefined : expand(text, 'do', random, filler);
  }

  function say(
    pattern: string,
    form: Form = 'do',
    given: Readonly<Record<string, string>> = {},
  ): string {
    return expand(pattern, form, random, (slot) => given[slot] ?? filler(slot));
  }

  return {
    random,
    say,
    fill: (slot) => say(`{${slot}}`),
    sentence: () => upperFirst(say(random.pick(language.everyday))),
  };
}

/** Starts each sentence with a capital, but no name of a tool and no address. */
export const upperFirst = (text: string): string =>
  text.replace(
    SENTENCE,
    (_, before: string, word: string) =>
      before + (NAME.test(word) ? word : word.charAt(0).toUpperCase() + word.slice(1)),
  );

const SENTENCE = /(^|[.!?] |\n)([\p{Ll}][^\s]*)/gu;
const NAME = /[_@/=\d]|\.\p{L}/u;
