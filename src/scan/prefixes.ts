/** Values under words, found along a text in one step for each character, whatever the words are. */
export type Prefixes<T> = {
  readonly add: (word: string, value: T) => void;
  /** Calls `visit` with the values of each word that `text` begins with, shortest first. */
  readonly along: (text: string, visit: (values: readonly T[]) => void) => void;
  /** Length of the longest word that stands at `at`; 0: none. */
  readonly longest: (text: string, at: number, end: number) => number;
};

const UNITS = 0x1_00_00;

/** A trie over UTF-16 units. `unit` folds each of them before it is compared. */
export function createPrefixes<T>(unit: (code: number) => number = (code) => code): Prefixes<T> {
  /** From node and unit to node; the root is 0. */
  const next = new Map<number, number>();
  const values: (T[] | undefined)[] = [undefined];
  /** Most texts leave at the first unit: no look-up for those. */
  const starts = new Int32Array(UNITS);

  function step(node: number, code: number): number {
    return node === 0 ? (starts[code] ?? 0) : (next.get(node * UNITS + code) ?? 0);
  }

  return {
    add(word, value) {
      let node = 0;
      for (let at = 0; at < word.length; at++) {
        const code = unit(word.charCodeAt(at));
        const known = step(node, code);
        const then = known === 0 ? values.push(undefined) - 1 : known;
        if (node === 0) starts[code] = then;
        else next.set(node * UNITS + code, then);
        node = then;
      }
      const own = values[node];
      if (own) own.push(value);
      else values[node] = [value];
    },
    along(text, visit) {
      let node = 0;
      for (let index = 0; index < text.length; index++) {
        node = step(node, unit(text.charCodeAt(index)));
        if (node === 0) return;
        const own = values[node];
        if (own) visit(own);
      }
    },
    longest(text, at, end) {
      let node = 0;
      let length = 0;
      for (let index = at; index < end; index++) {
        node = step(node, unit(text.charCodeAt(index)));
        if (node === 0) break;
        if (values[node]) length = index + 1 - at;
      }
      return length;
    },
  };
}

const lower = new Uint16Array(UNITS);

/** One unit in lower case; itself where that takes two. */
export function lowerUnit(code: number): number {
  const known = lower[code] ?? 0;
  if (known !== 0) return known;
  const text = String.fromCharCode(code).toLowerCase();
  return (lower[code] = text.length === 1 ? text.charCodeAt(0) : code);
}
