/** Characters that a terminal or a diff hides, reorders or obeys; `\p{C}` includes lone surrogates and unassigned ones. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u3164\uffa0\p{Variation_Selector}]/gu;

/** Whether a text has characters that a person would not see. */
export function hasInvisible(text: string): boolean {
  return text.search(INVISIBLE) !== -1;
}

/**
 * Writes what cannot be seen as `\uXXXX`, as JSON strings spell it: an upstream's text must not move the cursor, turn the
 * line around or hide a word from the person who reviews it. `keep` names characters that stay.
 */
export function visible(text: string, keep = ''): string {
  return text.replace(INVISIBLE, (character) =>
    keep.includes(character) ? character : escapeUnits(character),
  );
}

function escapeUnits(character: string): string {
  let escaped = '';
  for (let at = 0; at < character.length; at++)
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return escaped;
}
