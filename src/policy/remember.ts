/**
 * Remembers the answers of a pure function by its whole input. Bounded: the oldest are forgotten first. A function that
 * throws has no answer and is asked again.
 */
export function createRemember<T>(capacity: number): (key: string, answer: () => T) => T {
  const known = new Map<string, T>();
  return function remember(key, answer) {
    const before = known.get(key);
    if (before !== undefined) return before;
    const fresh = answer();
    if (known.size >= capacity) known.delete(known.keys().next().value ?? '');
    known.set(key, fresh);
    return fresh;
  };
}
