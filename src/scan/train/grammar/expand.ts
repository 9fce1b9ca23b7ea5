import type { Random } from './random.ts';

/** Which of the two forms of a verb a pattern takes: the imperative or the other. */
export type Form = 'do' | 'to';

/** Fills a slot; undefined when it has no filler. */
export type Fill = (slot: string) => string | undefined;

/**
 * Writes a pattern out. Both forms draw the same numbers, so that two expansions from one seed differ in nothing else.
 * @throws TypeError when a slot has no filler.
 */
export function expand(pattern: string, form: Form, random: Random, fill: Fill): string {
  let text = pattern.replace(VERB, (_, order: string, other: string) =>
    form === 'do' ? order : other,
  );
  for (let depth = 0; depth < DEEPEST && CHOICE.test(text); depth++)
    text = text.replace(CHOICE_ALL, (_, choices: string) => random.pick(choices.split('|')));
  text = text.replace(SLOT, (_, slot: string) => {
    const filler = fill(slot);
    if (filler === undefined) throw new TypeError(`Cannot fill {${slot}} in: ${pattern}`);
    return filler;
  });
  return text.replaceAll('\\n', '\n').replace(GAPS, ' ').replace(LOOSE, '$1').trim();
}

const VERB = /\[([^\][|()]*)\|([^\][|()]*)\]/g;
const CHOICE = /\(([^()]*\|[^()]*)\)/;
const CHOICE_ALL = /\(([^()]*\|[^()]*)\)/g;
const SLOT = /\{(\w+)\}/g;
const GAPS = / {2,}/g;
/** A space that an empty choice left before a mark of punctuation. */
const LOOSE = / ([,.;:!?](?:\s|$))/g;
const DEEPEST = 4;
