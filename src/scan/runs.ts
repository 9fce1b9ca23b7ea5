/** The ASCII characters that a class matches, for `hasRun`. */
export function unitsOf(one: RegExp): Uint8Array {
  return Uint8Array.from({ length: 0x80 }, (_, code) =>
    one.test(String.fromCharCode(code)) ? 1 : 0,
  );
}

/**
 * Whether `length` of these characters stand side by side. Each such run covers an index of every row of `length`, so that
 * no other is looked at; around those at most `length` are.
 */
export function hasRun(text: string, units: Uint8Array, length: number): boolean {
  for (let at = length - 1; at < text.length; at += length) {
    if (!units[text.charCodeAt(at)]) continue;
    let seen = 1;
    for (let left = at - 1; seen < length && left >= 0; left--, seen++)
      if (!units[text.charCodeAt(left)]) break;
    for (let right = at + 1; seen < length && right < text.length; right++, seen++)
      if (!units[text.charCodeAt(right)]) break;
    if (seen >= length) return true;
  }
  return false;
}
