import type { JsonObject, JsonValue } from '../../lib/json.ts';

/** A text or number somewhere in the arguments. */
export type Leaf = {
  readonly value: string | number;
  /** Words of the name that it stands under, of an element of a list those of the list: `filePath` is `file` and `path`. */
  readonly words: ReadonlySet<string>;
  /** Words of all names above it. */
  readonly above: ReadonlySet<string>;
  /** It is itself a name that the agent chose. */
  readonly isName: boolean;
};

/** More than an honest call has; what stands behind them is not looked at, and `isWhole` says so. */
const MAX_LEAVES = 20_000;

export type Leaves = { readonly all: readonly Leaf[]; readonly isWhole: boolean };

/** Every text and number in the arguments, names of members included; without recursion. */
export function leavesOf(args: JsonObject): Leaves {
  const all: Leaf[] = [];
  const rest: { value: JsonValue; words: ReadonlySet<string>; above: ReadonlySet<string> }[] = [
    { value: args, words: NO_WORDS, above: NO_WORDS },
  ];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (all.length + rest.length > MAX_LEAVES) return { all, isWhole: false };
    const { value, words, above } = next;
    if (typeof value === 'string' || typeof value === 'number')
      all.push({ value, words, above, isName: false });
    else if (Array.isArray(value))
      for (const item of value) rest.push({ value: item, words, above });
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) {
        const own = wordsOf(name);
        all.push({ value: name, words, above, isName: true });
        if (inner !== undefined)
          rest.push({ value: inner, words: own, above: new Set([...above, ...own]) });
      }
  }
  return { all, isWhole: true };
}

const NO_WORDS: ReadonlySet<string> = new Set();
const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/gu;

function wordsOf(name: string): ReadonlySet<string> {
  // A name as long as this is data.
  return new Set(
    name
      .slice(0, 128)
      .match(WORD)
      ?.map((word) => word.toLowerCase()),
  );
}

/** Whether one of the words is in the table. */
export function isAbout(words: ReadonlySet<string>, table: ReadonlySet<string>): boolean {
  for (const word of words) if (table.has(word)) return true;
  return false;
}
