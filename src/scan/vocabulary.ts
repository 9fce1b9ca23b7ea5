import { canonicalWord } from './canonical-word.ts';
import { createPrefixes, lowerUnit } from './prefixes.ts';

/** An expression of several words, which stands for an atom. */
export type Expression = { readonly words: readonly string[]; readonly atom: string };

/** What a word says: the atoms it is, and the expressions it ends. */
export type Meaning = { readonly atoms: readonly string[]; readonly ends: readonly Expression[] };

export type Vocabulary = {
  /** `word` is canonical. */
  readonly meaning: (word: string) => Meaning;
  /** How much of a run without spaces is a known word (`readWords`). */
  readonly longest: (text: string, at: number, end: number) => number;
};

/** More words than any expression has. */
export const RECENT = 8;
/** Characters of a stem; a shorter one stands for nothing. */
const SHORTEST_STEM = 2;
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

/** Words and expressions for atoms: `word`, `stem*`, `two_words`. */
export function createVocabulary(
  spellings: Iterable<readonly [atom: string, spelling: string]>,
): Vocabulary {
  const atoms = new Map<string, string[]>();
  const atomsOfStem = createPrefixes<string>();
  const ends = new Map<string, Expression[]>();
  const endsOfStem = createPrefixes<Expression>();
  const solid = createPrefixes<true>(lowerUnit);

  function learnSolid(word: string): void {
    if (word.length > 1 && (/^[a-z]{3,}$/.test(word) || SOLID.test(word))) solid.add(word, true);
  }

  for (const [atom, spelling] of spellings) {
    const words = spelling.split('_').map((word) => canonicalWord(word.normalize('NFKC')));
    if (words.length >= RECENT) throw new TypeError(`Cannot take the expression ${spelling}`);
    if (words.length > 1) {
      const last = words.at(-1) ?? '';
      if (last.endsWith('*')) addStem(endsOfStem, last, { words, atom });
      else push(ends, last, { words, atom });
    }
    const whole = words.join('_');
    if (whole.endsWith('*')) addStem(atomsOfStem, whole, atom);
    else push(atoms, whole, atom);
    for (const word of words) learnSolid(word.replace('*', ''));
  }
  for (const word of FILLERS) learnSolid(word);

  return {
    meaning(word) {
      const own = new Set(atoms.get(word));
      const ending = [...(ends.get(word) ?? [])];
      atomsOfStem.along(word, (more) => {
        for (const atom of more) own.add(atom);
      });
      endsOfStem.along(word, (more) => ending.push(...more));
      return { atoms: [...own], ends: ending };
    },
    longest: solid.longest,
  };
}

/** Index of the first word of an expression that ends at `index`, -1 where it does not; `recent` holds the last words by index modulo `RECENT`. */
export function startOf(
  { words }: Expression,
  recent: readonly (string | undefined)[],
  index: number,
): number {
  const first = index - words.length + 1;
  if (first < 1) return -1;
  return words.every((word, at) => same(word, recent[(first + at) % RECENT] ?? '')) ? first : -1;
}

function same(pattern: string, word: string): boolean {
  return pattern.endsWith('*') ? word.startsWith(pattern.slice(0, -1)) : word === pattern;
}

function addStem<T>(
  stems: { readonly add: (word: string, value: T) => void },
  word: string,
  value: T,
): void {
  if (word.length > SHORTEST_STEM) stems.add(word.slice(0, -1), value);
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
