const MAX_YOUNG = 16_384;

/**
 * A function of a word that keeps its answers, as long as they are asked for: two generations, so that a flood of new words
 * neither grows the memory nor pushes out the words of every text for good.
 */
export function createRemembered<T>(of: (word: string) => T): (word: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();

  return function remembered(word) {
    const known = young.get(word);
    if (known !== undefined) return known;
    const own = flat(word);
    const value = old.get(word) ?? of(own);
    if (young.size >= MAX_YOUNG) {
      old = young;
      young = new Map();
    }
    young.set(own, value);
    return value;
  };
}

/** A copy. A slice of 13 characters or more keeps the whole text that it was cut from alive: a word would hold megabytes. */
function flat(word: string): string {
  return word.length < 13 ? word : Buffer.from(word, 'utf16le').toString('utf16le');
}
