import { canonicalWord } from './canonical-word.ts';
import { LEXICON } from './lexicon.ts';
import { createPrefixes, lowerUnit, type Prefixes } from './prefixes.ts';
import { createRemembered } from './remembered.ts';
import { readWords } from './words.ts';

/**
 * Finds phrases in one pass over the words: each phrase is a row of steps, each step remembers only the last word that
 * took it, so the time is words × steps that a word can take, whatever the text. No backtracking, nothing to explode.
 *
 * A phrase is written as words: `IDEA` (a row of the lexicon), `word`, `stem*`, `a|b`, `@url`, `@mail`, and between two
 * of them `~n` for at most n other words in the same sentence, `~~n` also across sentences. No gap: adjacent.
 */
export type Phrase = { readonly rule: string; readonly text: string };

export type OnPhrase = (rule: string, start: number, end: number) => void;

type Step = {
  readonly slot: number;
  readonly first: boolean;
  readonly gap: number;
  readonly across: boolean;
  readonly rule: string | undefined;
};
type Expression = { readonly words: readonly string[]; readonly atom: string };
/** What a word can do: the steps it takes, latest first, and the expressions it ends. */
type Entry = {
  readonly word: string;
  readonly steps: readonly Step[];
  readonly ends: readonly Expression[];
};

/** Characters of a stem; a shorter one stands for nothing. */
const SHORTEST_STEM = 2;

export function createPhrases(
  phrases: readonly Phrase[],
): (text: string, onPhrase: OnPhrase) => void {
  const stepsOf = new Map<string, Step[]>();
  const stepsOfStem = createPrefixes<Step>();
  const endsOf = new Map<string, Expression[]>();
  const endsOfStem = createPrefixes<Expression>();
  const atomSteps = new Map<string, Step[]>();
  const solid = createPrefixes<true>(lowerUnit);
  let slots = 0;

  function addSpelling(atom: string, spelling: string): void {
    const words = spelling.split('_').map((word) => canonicalWord(word.normalize('NFKC')));
    if (words.length > 1) {
      const last = words.at(-1) ?? '';
      if (words.length >= RECENT) throw new TypeError(`Cannot take the expression ${spelling}`);
      if (last.endsWith('*')) addStem(endsOfStem, last, { words, atom });
      else push(endsOf, last, { words, atom });
    }
    const whole = words.join('_');
    for (const step of atomSteps.get(atom) ?? [])
      if (whole.endsWith('*')) addStem(stepsOfStem, whole, step);
      else push(stepsOf, whole, step);
    for (const word of words) learnSolid(word.replace('*', ''));
  }

  function learnSolid(word: string): void {
    if (word.length > 1 && (/^[a-z]{3,}$/.test(word) || SOLID.test(word))) solid.add(word, true);
  }

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
      for (const atom of part.split('|')) push(atomSteps, atom, step);
      first = false;
      gap = 0;
      across = false;
    }
  }
  for (const atom of atomSteps.keys()) {
    if (atom.startsWith('@')) continue;
    if (atom in LEXICON) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by `in`
      for (const spelling of LEXICON[atom as keyof typeof LEXICON].split(/\s+/))
        addSpelling(atom, spelling);
    } else addSpelling(atom, atom);
  }
  for (const word of FILLERS) learnSolid(word);

  const latestFirst = (a: Step, b: Step): number => b.slot - a.slot;
  const address = (atom: string): Entry => ({
    word: atom,
    steps: [...(atomSteps.get(atom) ?? [])].toSorted(latestFirst),
    ends: [],
  });
  const url = address('@url');
  const mail = address('@mail');
  const plain: Entry = { word: '', steps: [], ends: [] };
  const expressionSteps = new Map(
    [...atomSteps].map(([atom, steps]) => [atom, steps.toSorted(latestFirst)]),
  );
  const entries = createRemembered((raw: string): Entry => {
    if (raw.includes('://')) return url;
    if (raw.includes('@')) return MAIL.test(raw) ? mail : plain;
    const word = canonicalWord(raw);
    const steps = [...(stepsOf.get(word) ?? [])];
    const ends = [...(endsOf.get(word) ?? [])];
    stepsOfStem.along(word, (more) => steps.push(...more));
    endsOfStem.along(word, (more) => ends.push(...more));
    return { word, steps: [...new Set(steps)].toSorted(latestFirst), ends };
  });

  const lastWord = new Int32Array(slots);
  const lastSentence = new Int32Array(slots);
  const phraseStart = new Int32Array(slots);

  return function matchPhrases(text, onPhrase) {
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

    readWords(text, solid.longest, (start, end, sentence) => {
      const entry = end - start > 320 ? plain : entries(text.slice(start, end));
      index++;
      recent[index % RECENT] = entry.word;
      recentStart[index % RECENT] = start;
      for (const { words, atom } of entry.ends) {
        const firstIndex = index - words.length + 1;
        if (
          firstIndex < 1 ||
          !words.every((word, k) => same(word, recent[(firstIndex + k) % RECENT] ?? ''))
        )
          continue;
        const from = recentStart[firstIndex % RECENT] ?? start;
        take(expressionSteps.get(atom) ?? [], firstIndex, from, end, sentence);
      }
      if (entry.steps.length > 0) take(entry.steps, index, start, end, sentence);
    });
  };
}

function addStem<T>(stems: Prefixes<T>, word: string, value: T): void {
  if (word.length > SHORTEST_STEM) stems.add(word.slice(0, -1), value);
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const same = (pattern: string, word: string): boolean =>
  pattern.endsWith('*') ? word.startsWith(pattern.slice(0, -1)) : word === pattern;

const SOLID = /^[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/;
const FILLERS = [
  'and',
  'the',
  'all',
  'you',
  'your',
  'with',
  'that',
  'this',
  'for',
  'from',
  'are',
  'now',
  'not',
];
/** More words than any expression of the lexicon has. */
const RECENT = 8;
/** Not `package@1.2.3` and not `action@v4`. */
const MAIL = /@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){0,4}\.\p{L}{2,}\W{0,4}$/u;
