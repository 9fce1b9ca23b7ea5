/** One policy as it stands in its file. */
export type Piece = {
  readonly text: string;
  /** Line of its first character, from 1. */
  readonly line: number;
  /** Deepest nesting of brackets. */
  readonly depth: number;
};

/** Comments, strings, brackets, the end of a policy, the end of a line; all else is a policy's own words. */
const TOKEN =
  /\/\/[^\r\n]*|"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|[([{]|[)\]}]|;|\n|[^\s"/;([{)\]}]+|[^\n]/gu;

/**
 * Splits Cedar text at the `;` that end policies, without parsing it: a policy that Cedar must not see, because it would
 * overrun its stack, is found here. What follows the last `;` is a piece too, unless it is blank.
 */
export function splitPolicies(text: string): Piece[] {
  const pieces: Piece[] = [];
  let line = 1;
  let start: { at: number; line: number } | undefined;
  let end = 0;
  let open = 0;
  let depth = 0;

  function finish(): void {
    if (start) pieces.push({ text: text.slice(start.at, end), line: start.line, depth });
    start = undefined;
    open = 0;
    depth = 0;
  }

  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const isSpace = token.trim() === '';
    if (!isSpace && !token.startsWith('//')) {
      start ??= { at: index, line };
      end = index + token.length;
    }
    if (token === '(' || token === '[' || token === '{') depth = Math.max(depth, ++open);
    else if (token === ')' || token === ']' || token === '}') open--;
    else if (token === ';') finish();
    if (token === '\n' || token.startsWith('"')) line += token.split('\n').length - 1;
  }
  finish();
  return pieces;
}
