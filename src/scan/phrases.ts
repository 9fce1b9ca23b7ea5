import { canonicalWord } from './canonical-word.ts';
import { LEXICON } from './lexicon.ts';
import { IDEA, ideaOf } from './model/ideas.ts';
import { kindOfWord, lexemeOf, type Lexeme } from './model/lexeme.ts';
import { createRemembered } from './remembered.ts';
import { TERMS } from './rules/terms.ts';
import { createVocabulary, RECENT, startOf, type Expression } from './vocabulary.ts';
import { readWords } from './words.ts';

/**
 * Finds phrases in one pass over the words: each phrase is a row of steps, each step remembers only the last word that
 * took it, so the time is words × steps that a word can take, whatever the text. No backtracking, nothing to explode.
 *
 * A phrase is written as words: `IDEA` (a row of the lexicon or of the terms), `word`, `stem*`, `a|b`, `@url`, `@mail`, and between two
 * of them `~n` for at most n other words in the same sentence, `~~n` also across sentences. No gap: adjacent.
 */
export type Phrase = { readonly rule: string; readonly text: string };

export type OnPhrase = (rule: string, start: number, end: number) => void;

/** Told of every word, with the numbers of the ideas whose expressions it ends: the learned score reads along. */
export type OnWord = (start: number, end: number, lexeme: Lexeme, ended: readonly number[]) => void;

export type MatchPhrases = (text: string, onPhrase: OnPhrase, onWord: OnWord) => void;

type Step = {
  readonly slot: number;
  readonly first: boolean;
  readonly gap: number;
  readonly across: boolean;
  readonly rule: string | undefined;
};
/** What a word can do: the steps it takes, latest first, and the expressions it ends. */
type Entry = {
  readonly word: string;
  readonly steps: readonly Step[];
  readonly ends: readonly Expression[];
  readonly lexeme: Lexeme;
};

export function createPhrases(phrases: readonly Phrase[]): MatchPhrases {
  const atomSteps = new Map<string, Step[]>();
  let slots = 0;

  for (const { rule, text } of phrases) {
    let gap = 0;
    let across = false;
    let first = true;
    const parts = text.split(/\s+/);
    for (const [index, part] of parts.entries()) {
      const between = /^(~~?)(\d+)$/.exec(part);
      if (between) {
        gap = Number(between[2]);
        across = between[1] === '~~';
        continue;
      }
      const step: Step = {
        slot: slots++,
        first,
        gap,
        across,
        rule: index === parts.length - 1 ? rule : undefined,
      };
      for (const atom of part.split('|')) {
        const steps = atomSteps.get(atom);
        if (steps) steps.push(step);
        else atomSteps.set(atom, [step]);
      }
      first = false;
      gap = 0;
      across = false;
    }
  }

  const latestFirst = (a: Step, b: Step): number => b.slot - a.slot;
  const stepsOf = (atoms: Iterable<string>): Step[] =>
    [...new Set(Array.from(atoms).flatMap((atom) => atomSteps.get(atom) ?? []))].toSorted(
      latestFirst,
    );
  const vocabulary = createVocabulary(
    spellingsOf(new Set([...atomSteps.keys(), ...Object.keys(LEXICON)])),
  );
  const special = (name: string, ideas: readonly number[]): Entry => ({
    word: name,
    steps: stepsOf([name]),
    ends: [],
    lexeme: kindOfWord(name, ideas),
  });
  const url = special('@url', [IDEA.address]);
  const mail = special('@mail', [IDEA.address]);
  const number = kindOfWord('0');
  const code = kindOfWord('a0');
  const plain = special('', []);
  const expressionSteps = new Map(
    [...atomSteps].map(([atom, steps]) => [atom, steps.toSorted(latestFirst)]),
  );
  const entries = createRemembered((raw: string): Entry => {
    if (raw.includes('://')) return url;
    if (raw.includes('@')) return MAIL.test(raw) ? mail : plain;
    const word = canonicalWord(raw);
    const { atoms, ends } = vocabulary.meaning(word);
    const ideas = atoms.flatMap((atom) => ideaOf(atom) ?? []);
    const shouts = raw.length > 2 && raw === raw.toUpperCase() && raw !== raw.toLowerCase();
    if (shouts) ideas.push(IDEA.shout);
    const lexeme = NUMBER.test(raw)
      ? number
      : ideas.length === 0 && WITH_DIGIT.test(raw)
        ? code
        : lexemeOf(word, ideas, shouts);
    return { word, steps: stepsOf(atoms), ends, lexeme };
  });

  const lastWord = new Int32Array(slots);
  const lastSentence = new Int32Array(slots);
  const phraseStart = new Int32Array(slots);

  const ended: number[] = [];

  return function matchPhrases(text, onPhrase, onWord) {
    lastWord.fill(-1_000_000);
    /** The last words, by index modulo the size. */
    const recent: string[] = [];
    const recentStart = new Int32Array(RECENT);
    let index = 0;

    function take(
      steps: readonly Step[],
      firstIndex: number,
      start: number,
      end: number,
      sentence: number,
    ): void {
      for (const { slot, first, gap, across, rule } of steps) {
        const before = slot - 1;
        if (!first) {
          const between = firstIndex - (lastWord[before] ?? 0) - 1;
          if (between < 0 || between > gap) continue;
          if (!across && lastSentence[before] !== sentence) continue;
        }
        lastWord[slot] = index;
        lastSentence[slot] = sentence;
        phraseStart[slot] = first ? start : (phraseStart[before] ?? start);
        if (rule !== undefined) onPhrase(rule, phraseStart[slot] ?? start, end);
      }
    }

    readWords(text, vocabulary.longest, (start, end, sentence) => {
      const entry = end - start > 320 ? plain : entries(text.slice(start, end));
      index++;
      recent[index % RECENT] = entry.word;
      recentStart[index % RECENT] = start;
      if (ended.length > 0) ended.length = 0;
      for (const expression of entry.ends) {
        const firstIndex = startOf(expression, recent, index);
        if (firstIndex === -1) continue;
        const from = recentStart[firstIndex % RECENT] ?? start;
        take(expressionSteps.get(expression.atom) ?? [], firstIndex, from, end, sentence);
        const idea = ideaOf(expression.atom);
        if (idea !== undefined) ended.push(idea);
      }
      if (entry.steps.length > 0) take(entry.steps, index, start, end, sentence);
      onWord(start, end, entry.lexeme, ended);
    });
  };
}

function* spellingsOf(atoms: Iterable<string>): Generator<readonly [string, string]> {
  for (const atom of atoms) {
    if (atom.startsWith('@')) continue;
    const spellings = SPELLINGS.get(atom);
    if (spellings === undefined) yield [atom, atom];
    else for (const spelling of spellings.split(/\s+/)) yield [atom, spelling];
  }
}

const SPELLINGS = new Map<string, string>([...Object.entries(LEXICON), ...Object.entries(TERMS)]);
const WITH_DIGIT = /\p{N}/u;
const NUMBER = /^[\p{N}._]+$/u;
/** Not `package@1.2.3` and not `action@v4`. */
const MAIL = /@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){0,4}\.\p{L}{2,}\W{0,4}$/u;
