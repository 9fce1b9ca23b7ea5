import { createHash } from 'node:crypto';

/** Characters of an input that is kept as it is. */
const MAX_KEY = 4096;

/**
 * Remembers the answers of a pure function by its whole input, of a long one by its digest. Bounded: the oldest are forgotten first. A function that
 * throws has no answer and is asked again.
 */
export function createRemember<T>(capacity: number): (key: string, answer: () => T) => T {
  const known = new Map<string, T>();
  return function remember(input, answer) {
    const key = keyOf(input);
    const before = known.get(key);
    if (before !== undefined) return before;
    const fresh = answer();
    if (known.size >= capacity) known.delete(known.keys().next().value ?? '');
    known.set(key, fresh);
    return fresh;
  };
}

/** Arguments are part of it, and an agent that sends long ones must not fill the memory with them. */
function keyOf(input: string): string {
  if (input.length <= MAX_KEY) return input;
  return createHash('sha256').update(input, 'utf16le').digest('base64');
}
