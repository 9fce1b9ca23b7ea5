/** Characters that a terminal, a diff or a form hides, reorders or obeys; `\p{C}` includes lone surrogates and unassigned ones. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u3164\uffa0\p{Variation_Selector}]/gu;
const PLAIN = /^[ -~]*$/;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Unseen characters that ordinary text needs: lines, joiners of letters and emoji, the space that does not break. */
export const ORDINARY = '\n\t\u00a0\u200c\u200d\ufe0f';

/** Whether a text has characters that a person would not see. */
export function hasUnseen(text: string): boolean {
  return text.search(UNSEEN) !== -1;
}

/**
 * Writes what cannot be seen as JSON strings spell it, `\n` or `\u202e`: somebody else's text must not move the cursor,
 * turn the line around or hide a word from who reads it. `keep` names characters that stay.
 */
export function visible(text: string, keep = ''): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSEEN, (character) =>
    keep.includes(character) ? character : (SHORT[character] ?? escapeUnits(character)),
  );
}

function escapeUnits(character: string): string {
  let escaped = '';
  for (let at = 0; at < character.length; at++)
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return escaped;
}
